"""What people do with answers: share them, doubt them, ask an expert; and save messages.

Each is a story of several clicks, forms and messages. Who gets no acknowledgement presses again,
as people do. At its end the story knows which messages it must have led to, each exactly once.
"""

import asyncio
import random
import time
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from bot.slack import actions
from bot.slack.feedback_blocks_forms import ANSWER, FAULT, SAID
from tests.faults.crowd import Asked, Crowd
from tests.faults.presses import Presses, VoidError, there, value_of
from tests.faults.slack import ChaoticSlack, Json

ADMIN = "UADMIN"
EXPERTS = tuple(f"UEXPERT{number}" for number in range(10))
"""Each channel's is one of them."""


_LATEST = 1000
"""Messages are looked at again and again, but no more than that: they come within seconds."""


@dataclass(frozen=True)
class Expected:
    """A message that must be in Slack exactly once: where, and what it says."""

    channel: str
    thread_ts: str | None
    texts: tuple[str, ...]

    def fits(self, message: Mapping[str, Any]) -> bool:
        """Whether a message is this one."""
        here = (self.channel, self.thread_ts) == (message["channel"], message.get("thread_ts"))
        return here and all(one in message["text"] for one in self.texts)


@dataclass
class Story:
    """What somebody set out to do, and how far it got."""

    kind: str
    tag: str
    at: str = "waits for the answer"
    over: bool = False
    void: bool = False
    """Its answer has no such button, or nobody ever took the click."""
    expected: list[Expected] = field(default_factory=list)

    @property
    def title(self) -> str:
        """Under which a message is saved."""
        return f"Key {self.tag[1:]}"


@dataclass
class Errands:
    """Everybody's stories. ``share`` is how many of the questions have one."""

    slack: ChaoticSlack
    crowd: Crowd
    random: random.Random
    share: float
    stories: list[Story] = field(default_factory=list)
    presses: Presses = field(init=False)
    _running: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.presses = Presses(self.slack, self.crowd, self.random)

    def follow(self, asked: Asked) -> None:
        """Perhaps somebody goes on from this question's answer."""
        share = self.share * (4 if asked.kind == "command" else 1)
        if self.random.random() >= share or asked.kind == "followup" or not asked.acked:
            return
        tell = {"command": self._share, "direct": self._ask_expert}.get(asked.kind)
        tell = tell or self.random.choice((self._doubt, self._ask_expert, self._save))
        story = Story(tell.__name__.strip("_"), asked.tag)
        self.stories.append(story)
        task = asyncio.create_task(self._told(tell(story, asked), story))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def ended(self, patience_s: float) -> None:
        """Wait until every story is over, or nothing has happened for so long."""
        seen, moved = -1, time.monotonic()
        while self._running and time.monotonic() - moved < patience_s:
            if (signs := self._signs()) != seen:
                seen, moved = signs, time.monotonic()
            await asyncio.sleep(0.2)
        for task in set(self._running):
            task.cancel()

    def _signs(self) -> int:
        slack = self.slack
        return (
            sum(map(len, (slack.errands, slack.lines, slack.views, slack.posted)))
            + self.presses.all
        )

    async def _told(self, telling: Coroutine[Any, Any, None], story: Story) -> None:
        try:
            await telling
        except VoidError:
            story.void = True
        else:
            story.over = True

    async def _share(self, story: Story, asked: Asked) -> None:
        """The answer of a command, shown to its channel."""

        def answer() -> Json | None:
            found = (m for _, m in self.slack.responded[asked.ts] if m["blocks"])
            return next(found, None)

        value = value_of(await there(answer), actions.SHARE)
        story.at = "shares"
        shared = Expected(asked.channel, None, (asked.tag, "shares the answer"))
        await self.presses.click(actions.SHARE, value, asked.person, asked.channel)
        await self._comes(story, shared)

    async def _doubt(self, story: Story, asked: Asked) -> None:
        """👎, a form, an expert who is asked, and who finds that it is right."""
        message = await there(lambda: self._answer(asked))
        bad = value_of(message, actions.FEEDBACK, r"bad:[^']+")
        story.at = "doubts"
        thumb_down = partial(self.presses.body, actions.FEEDBACK, bad, asked.person, asked.channel)
        form = await self.presses.form(thumb_down, bad.removeprefix("bad:"))
        fault = {"type": "radio_buttons", "selected_option": {"value": "wrong"}}
        said = {"type": "plain_text_input", "value": f"No, {asked.tag}."}
        await self.presses.submit(form, {FAULT: {FAULT: fault}, SAID: {SAID: said}}, asked.person)
        task = await self._asks(story, asked, "doubts an answer")
        number = value_of(task, actions.IS_RIGHT)
        story.at = "finds it right"
        await self.presses.click(actions.IS_RIGHT, number, *_expert(task))
        holds = Expected(asked.channel, asked.thread_ts, ("looked at the answer above",))
        await self._comes(story, holds)

    async def _ask_expert(self, story: Story, asked: Asked) -> None:
        """An expert is asked and answers, in a form or below the task."""
        message = await there(lambda: self._answer(asked))
        value = value_of(message, actions.ASK_EXPERT)
        story.at = "asks an expert"
        await self.presses.click(actions.ASK_EXPERT, value, asked.person, asked.channel)
        task = await self._asks(story, asked, "asks what I could not answer")
        expert, channel = _expert(task)
        number = value_of(task, actions.ANSWER)
        story.at = "answers"
        words = f"It depends, {asked.tag}."
        if self.random.random() < 1 / 2:
            button = partial(self.presses.body, actions.ANSWER, number, expert, channel)
            form = await self.presses.form(button, number)
            typed = {"type": "plain_text_input", "value": words}
            await self.presses.submit(form, {ANSWER: {ANSWER: typed}}, expert)
        else:
            await self.crowd.write(channel, words, expert, thread_ts=task["ts"])
            offer = Expected(channel, task["ts"], (words,))
            reply = value_of(await self._comes(story, offer), actions.SEND_REPLY)
            await self.presses.click(actions.SEND_REPLY, reply, expert, channel)
        passed_on = Expected(asked.channel, asked.thread_ts, ("passed this on",))
        story.expected.append(passed_on)
        answer = Expected(asked.channel, asked.thread_ts, ("answers:", words))
        await self._comes(story, answer)

    async def _save(self, story: Story, asked: Asked) -> None:
        """An admin saves a message: a form, and a direct message that says what became of it."""
        title, story.at = story.title, "saves"
        said = self.slack.say(asked.channel, f"{title} hangs in the cabinet.", user=asked.person)

        def menu() -> Json:
            chosen = {"type": "message_action", "callback_id": actions.SAVE, "message": said}
            return (
                self.presses.body("", "", ADMIN, asked.channel) | chosen | {"action_ts": said["ts"]}
            )

        form = await self.presses.form(menu, said["ts"])
        values = {
            "title": {"words": {"value": title}},
            "readers": {"choice": {"selected_option": {"value": "users"}}},
            "users": {"users": {"selected_users": [ADMIN]}},
        }
        await self.presses.submit(form, values, ADMIN)
        place = f"D{ADMIN}"
        await self._comes(story, Expected(place, None, (f"“{title}”",)))
        story.at = "waits for the outcome"
        await there(
            lambda: next(
                (one for one in self.slack.answers(place) if _is_saved(one["text"], title)), None
            )
        )

    def _answer(self, asked: Asked) -> Json | None:
        """The first answer in the thread: the one to its first question."""
        place = (asked.channel, asked.thread_ts)
        latest = (m for _, m in self.slack.posted[-_LATEST:])
        return next((m for m in latest if (m["channel"], m.get("thread_ts")) == place), None)

    async def _asks(self, story: Story, asked: Asked, how: str) -> Json:
        """The task that somebody gets, whoever it is."""
        story.at = f"waits for who {how}"

        def task() -> Json | None:
            fits = (one for one in self.slack.errands[-_LATEST:] if how in one["text"])
            return next((one for one in fits if asked.tag in one["text"]), None)

        found = await there(task)
        story.expected.append(Expected(found["channel"], None, (how, asked.tag)))
        return found

    async def _comes(self, story: Story, expected: Expected) -> Json:
        story.expected.append(expected)
        story.at = f"waits for {expected}"
        return await there(lambda: next(filter(expected.fits, self.slack.errands[-_LATEST:]), None))


def _expert(task: Json) -> tuple[str, str]:
    """Who was asked, and where."""
    return task["channel"].removeprefix("D"), task["channel"]


def _is_saved(text: str, title: str) -> bool:
    return "Saved to the collection" in text and title in text
