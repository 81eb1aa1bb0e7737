"""The people who ask, and Slack handing their questions over: again until acknowledged."""

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp

from bot.slack.failures import FAILED, TOO_SLOW
from bot.slack.signature import sign
from tests.fakes.slack_state import BOT_USER
from tests.faults.fleet import Fleet, Member
from tests.faults.slack import ChaoticSlack

Json = dict[str, Any]

_QUESTION = "How many days of annual leave do employees get ({tag})?"
_PATIENCE_S = 3.0
"""Slack's own."""

_AGAIN_AFTER_S = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
"""Slack's three retries come at once, after a minute and after five; here time runs faster."""


@dataclass
class Asked:
    """One question, and what Slack knows of its fate."""

    tag: str
    kind: str
    channel: str
    ts: str
    """Of a slash command: its trigger."""
    thread_ts: str
    person: str
    sent: float
    acked: float | None = None
    """When the first delivery was acknowledged; None: Slack gave up."""


@dataclass(frozen=True)
class Habits:
    """How people ask: the shares of follow-ups, direct messages, commands and files."""

    channels: int = 100
    people: int = 300
    followups: float = 0.15
    directs: float = 0.10
    commands: float = 0.05
    files: float = 0.0
    redelivered: float = 0.20


@dataclass
class Crowd:
    """Asks, delivers and keeps book. ``passed`` is told when a server has just been sent one."""

    slack: ChaoticSlack
    fleet: Fleet
    random: random.Random
    habits: Habits
    passed: Callable[[str, str], None]
    asked: list[Asked] = field(default_factory=list)
    acks_ms: list[float] = field(default_factory=list)
    """Of deliveries that were acknowledged, however often they had been tried before."""
    failures: dict[str, int] = field(default_factory=dict)
    follow: Callable[[Asked], None] = lambda _asked: None
    """Told of each question once it was handed over."""
    witness: Callable[[Asked], Awaitable[None]] | None = None
    """Told of each acknowledgement, at once."""
    session: aiohttp.ClientSession = field(init=False)
    _background: set[asyncio.Task[None]] = field(default_factory=set)

    async def ask(self, person: str = "", channel: str = "") -> Asked:
        """One question, handed over; returns once it is acknowledged, or given up."""
        asked = await self._ask(person, channel)
        self.follow(asked)
        return asked

    async def press(self, body: Json) -> bool:
        """A click or a form, which Slack hands over once; whether it was acknowledged."""
        return not await self._sent(body)

    async def write(self, channel: str, text: str, person: str, **fields: Any) -> None:
        """Somebody writes what is no question."""
        message = self.slack.say(channel, text, user=person, **fields)
        asked = Asked("", "", channel, message["ts"], "", person, time.monotonic())
        await self._deliver(asked, self.slack.event(message, channel))

    async def _ask(self, person: str, channel: str) -> Asked:
        dice = self.random.random()
        habits = self.habits
        person = person or f"U{self.random.randrange(habits.people)}"
        tag = f"q{len(self.asked):06d}"
        text = f"<@{BOT_USER}> {_QUESTION.format(tag=tag)}"
        if channel:
            return await self._message(tag, "mention", channel, person, text)
        if dice < habits.commands:
            return await self._command(tag, person)
        if dice < habits.commands + habits.directs:
            return await self._message(tag, "direct", f"D{person}", person, text)
        earlier = [one for one in self.asked[-300:-30] if one.kind == "mention" and one.acked]
        if earlier and dice > 1 - habits.followups:
            root = self.random.choice(earlier)
            fields = {"thread_ts": root.thread_ts}
            return await self._message(tag, "followup", root.channel, person, text[10:], **fields)
        channel = f"C{self.random.randrange(habits.channels)}"
        files = self._attached(tag) if self.random.random() < habits.files else {}
        return await self._message(tag, "mention", channel, person, text, **files)

    def _attached(self, tag: str) -> Json:
        name = f"{tag}.md"
        self.slack.files[name] = b"# Lockers\n\nThe lockers are emptied on the last Friday.\n"
        url = self.slack.url.replace("/crowd/api/", f"/files/{name}")
        return {"subtype": "file_share", "files": [{"id": name, "name": name, "url_private": url}]}

    async def settled(self) -> None:
        """Wait for the deliveries that nobody waits for."""
        while self._background:
            await asyncio.wait(set(self._background))

    async def _message(
        self, tag: str, kind: str, channel: str, person: str, text: str, **fields: Any
    ) -> Asked:
        message = self.slack.say(channel, text, user=person, **fields)
        root = str(fields.get("thread_ts", message["ts"]))
        asked = Asked(tag, kind, channel, message["ts"], root, person, time.monotonic())
        self.asked.append(asked)
        kinds = ["app_mention", "message"] if kind == "mention" else ["message"]
        self.random.shuffle(kinds)
        bodies = [self.slack.event(message, channel, one) for one in kinds]
        for body in bodies:
            if self.random.random() < self.habits.redelivered:
                self._later(asked, body)
        await asyncio.gather(*(self._deliver(asked, body) for body in bodies))
        return asked

    async def _command(self, tag: str, person: str) -> Asked:
        body = self.slack.command(_QUESTION.format(tag=tag), "C0", person)
        trigger = body["trigger_id"]
        asked = Asked(tag, "command", "C0", trigger, "", person, time.monotonic())
        self.asked.append(asked)
        # Slack hands a command over once: without an acknowledgement its author sees an error.
        await self._deliver(asked, body, tries=1)
        return asked

    def _later(self, asked: Asked, body: Json) -> None:
        async def again() -> None:
            await asyncio.sleep(self.random.uniform(0, 3))
            await self._deliver(asked, body)

        task = asyncio.create_task(again())
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def _deliver(self, asked: Asked, body: Json, tries: int = len(_AGAIN_AFTER_S)) -> None:
        for pause in _AGAIN_AFTER_S[:tries]:
            await asyncio.sleep(pause)
            started = time.monotonic()
            failure = await self._sent(body)
            if not failure:
                self.acks_ms.append(1000 * (time.monotonic() - started))
                asked.acked = asked.acked or time.monotonic()
                if self.witness is not None:
                    await self.witness(asked)
                return
            self.failures[failure] = self.failures.get(failure, 0) + 1

    async def _sent(self, body: Json) -> str:
        """Empty when acknowledged, else what came instead."""
        if self.fleet.over == "socket":
            try:
                return _refused(await self.slack.hand_over(body))
            except (TimeoutError, ConnectionError) as error:
                return type(error).__name__
        member = self._server()
        if member is None:
            return "no server"
        command, event = bool(body.get("command")), body.get("type") == "event_callback"
        form = body if command else {"payload": json.dumps(body)}
        raw = json.dumps(body).encode() if event else urlencode(form).encode()
        kind = "application/json" if event else "application/x-www-form-urlencoded"
        timestamp = str(int(time.time()))
        headers = {
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": sign(self.fleet.secret, timestamp, raw),
            "Content-Type": kind,
        }
        url = f"http://127.0.0.1:{member.port}/slack/{'commands' if command else 'events'}"
        self.passed("event sent", member.name)
        try:
            async with asyncio.timeout(_PATIENCE_S):
                async with self.session.post(url, data=raw, headers=headers) as response:
                    said = await response.text()
                    return _refused(said) if response.status == 200 else f"status {response.status}"
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return type(error).__name__

    def _server(self) -> Member | None:
        """One that lives, as a load balancer would choose."""
        ready = [one for one in self.fleet.of("server") if one.process.is_alive()]
        return self.random.choice(ready) if ready else None


def _refused(said: str) -> str:
    """What an acknowledgement may say: that a command or a form was not taken, try again."""
    told = any(one.to("en") in said for one in (FAILED, TOO_SLOW))
    return "told to try again" if told else ""
