"""What people do with answers: share them, doubt them, ask an expert; and save messages.

Each is a story of several clicks, forms and messages. Who gets no acknowledgement presses again,
as people do. At its end the story knows which messages it must have led to, each exactly once.
"""

import asyncio
import json
import random
import re
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from bot.slack import actions
from bot.slack.feedback_blocks_forms import ANSWER, FAULT, SAID
from tests.faults.crowd import Asked, Crowd
from tests.faults.slack import CLICK, ChaoticSlack, Json

Found = TypeVar("Found")

ADMIN = "UADMIN"
EXPERTS = tuple(f"UEXPERT{number}" for number in range(10))
"""Each channel's is one of them."""

_PRESSES = 12
_FORM_WITHIN_S = 4.0
_AGAIN_AFTER_S = 1.0


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
    pressed: int = 0
    unheard: int = 0
    """Presses that were not acknowledged, or whose form did not open."""
    _running: set[asyncio.Task[None]] = field(default_factory=set)

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
        return sum(map(len, (slack.errands, slack.lines, slack.views, slack.posted))) + self.pressed

    async def _told(self, telling: Coroutine[Any, Any, None], story: Story) -> None:
        try:
            await telling
        except _VoidError:
            story.void = True
        else:
            story.over = True

    async def _share(self, story: Story, asked: Asked) -> None:
        """The answer of a command, shown to its channel."""

        def answer() -> Json | None:
            found = (m for _, m in self.slack.responded[asked.ts] if m["blocks"])
            return next(found, None)

        value = _value(await _there(answer), actions.SHARE)
        shared = Expected(asked.channel, None, (asked.tag, "shares the answer"))
        await self._click(story, actions.SHARE, value, asked.person, asked.channel)
        await self._comes(story, shared)

    async def _doubt(self, story: Story, asked: Asked) -> None:
        """👎, a form, an expert who is asked, and who finds that it is right."""
        message = await _there(lambda: self._answer(asked))
        bad = _value(message, actions.FEEDBACK, r"bad:[^']+")
        thumb_down = partial(self._body, actions.FEEDBACK, bad, asked.person, asked.channel)
        form = await self._form(story, thumb_down, bad.removeprefix("bad:"))
        fault = {"type": "radio_buttons", "selected_option": {"value": "wrong"}}
        said = {"type": "plain_text_input", "value": f"No, {asked.tag}."}
        await self._submit(story, form, {FAULT: {FAULT: fault}, SAID: {SAID: said}}, asked.person)
        task = await self._asks(story, asked, "doubts an answer")
        number = _value(task, actions.IS_RIGHT)
        await self._click(story, actions.IS_RIGHT, number, *_expert(task))
        holds = Expected(asked.channel, asked.thread_ts, ("looked at the answer above",))
        await self._comes(story, holds)

    async def _ask_expert(self, story: Story, asked: Asked) -> None:
        """An expert is asked and answers, in a form or below the task."""
        message = await _there(lambda: self._answer(asked))
        value = _value(message, actions.ASK_EXPERT)
        await self._click(story, actions.ASK_EXPERT, value, asked.person, asked.channel)
        task = await self._asks(story, asked, "asks what I could not answer")
        expert, channel = _expert(task)
        number = _value(task, actions.ANSWER)
        words = f"It depends, {asked.tag}."
        if self.random.random() < 1 / 2:
            button = partial(self._body, actions.ANSWER, number, expert, channel)
            form = await self._form(story, button, number)
            typed = {"type": "plain_text_input", "value": words}
            await self._submit(story, form, {ANSWER: {ANSWER: typed}}, expert)
        else:
            await self.crowd.write(channel, words, expert, thread_ts=task["ts"])
            offer = Expected(channel, task["ts"], (words,))
            reply = _value(await self._comes(story, offer), actions.SEND_REPLY)
            await self._click(story, actions.SEND_REPLY, reply, expert, channel)
        passed_on = Expected(asked.channel, asked.thread_ts, ("passed this on",))
        story.expected.append(passed_on)
        answer = Expected(asked.channel, asked.thread_ts, ("answers:", words))
        await self._comes(story, answer)

    async def _save(self, story: Story, asked: Asked) -> None:
        """An admin saves a message: a form, and a direct message that says what became of it."""
        title = story.title
        said = self.slack.say(asked.channel, f"{title} hangs in the cabinet.", user=asked.person)

        def menu() -> Json:
            chosen = {"type": "message_action", "callback_id": actions.SAVE, "message": said}
            return self._body("", "", ADMIN, asked.channel) | chosen | {"action_ts": said["ts"]}

        form = await self._form(story, menu, said["ts"])
        values = {
            "title": {"words": {"value": title}},
            "readers": {"choice": {"selected_option": {"value": "users"}}},
            "users": {"users": {"selected_users": [ADMIN]}},
        }
        await self._submit(story, form, values, ADMIN)
        place = f"D{ADMIN}"
        await self._comes(story, Expected(place, None, (f"“{title}”",)))
        story.at = "waits for the outcome"
        await _there(
            lambda: next(
                (one for one in self.slack.answers(place) if _is_saved(one["text"], title)), None
            )
        )

    def _answer(self, asked: Asked) -> Json | None:
        """The first answer in the thread: the one to its first question."""
        place = (asked.channel, asked.thread_ts)
        fits = (m for _, m in self.slack.posted if (m["channel"], m.get("thread_ts")) == place)
        return next(fits, None)

    async def _asks(self, story: Story, asked: Asked, how: str) -> Json:
        """The task that somebody gets, whoever it is."""
        story.at = f"waits for who {how}"

        def task() -> Json | None:
            fits = (one for one in self.slack.errands if how in one["text"])
            return next((one for one in fits if asked.tag in one["text"]), None)

        found = await _there(task)
        story.expected.append(Expected(found["channel"], None, (how, asked.tag)))
        return found

    async def _comes(self, story: Story, expected: Expected) -> Json:
        story.expected.append(expected)
        story.at = f"waits for {expected}"
        return await _there(lambda: next(filter(expected.fits, self.slack.errands), None))

    async def _click(
        self, story: Story, action: str, value: str, person: str, channel: str
    ) -> None:
        story.at = f"presses {action}"
        await self._taken(partial(self._body, action, value, person, channel))

    async def _form(self, story: Story, body: Callable[[], Json], named: str) -> Json:
        """Press until the form is there: the one whose metadata begins so, or holds it."""
        story.at = f"opens the form of {named}"
        for _ in range(_PRESSES):
            self.pressed += 1
            await self.crowd.press(body())
            try:
                async with asyncio.timeout(_FORM_WITHIN_S):
                    return await _there(lambda: self._view(named))
            except TimeoutError:
                self.unheard += 1
        raise _VoidError

    def _view(self, named: str) -> Json | None:
        kept = ((one, str(one.get("private_metadata"))) for one in reversed(self.slack.views))
        fits = (one for one, data in kept if data.startswith(named) or json.dumps(named) in data)
        return next(fits, None)

    async def _submit(self, story: Story, view: Json, values: Json, person: str) -> None:
        """Send the same form off until it is taken."""
        story.at = f"sends {view['callback_id']} off"
        body = self.slack.submit(view, values, user=person)
        await self._taken(lambda: body)

    async def _taken(self, body: Callable[[], Json]) -> None:
        """Press until it is acknowledged; each press has a body of its own."""
        for _ in range(_PRESSES):
            self.pressed += 1
            if await self.crowd.press(body()):
                return
            self.unheard += 1
            await asyncio.sleep(self.random.uniform(0, 2 * _AGAIN_AFTER_S))
        raise _VoidError

    def _body(self, action: str, value: str, person: str, channel: str) -> Json:
        body = self.slack.click(action, value, user=person, channel=channel)
        url = f"{self.slack.url}response/{CLICK}{body['trigger_id']}"
        return body | {"response_url": url}


class _VoidError(Exception):
    """The story cannot go on, and that is no fault of ours: nothing was taken and dropped."""


async def _there(look: Callable[[], Found | None]) -> Found:
    while (found := look()) is None:
        await asyncio.sleep(0.1)
    return found


def _value(message: Json, action: str, shape: str = r"[^']+") -> str:
    """What a button carries; there is none under apologies and small talk."""
    blocks = str(message.get("blocks"))
    found = re.search(rf"'value': '({shape})'", blocks[max(0, blocks.find(f"'{action}'")) :])
    if f"'{action}'" not in blocks or found is None:
        raise _VoidError
    return found[1]


def _expert(task: Json) -> tuple[str, str]:
    """Who was asked, and where."""
    return task["channel"].removeprefix("D"), task["channel"]


def _is_saved(text: str, title: str) -> bool:
    return "Saved to the collection" in text and title in text
