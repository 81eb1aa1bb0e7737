"""How soon everything is acknowledged under load: ``uv run python -m tests.benchmarks.acks``.

A hundred questions and more are being answered meanwhile, by a model that takes its time; every
listener gets what Slack sends to it, in turn over signed HTTP and over a websocket. The processes,
the database and the path are the real ones. All of it shares the machine's cores.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import aiohttp
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from agent.leasing import is_open
from agent.workspace_tables import mention
from bot.slack.actions import FEEDBACK
from bot.slack.failures import FAILED, TOO_SLOW
from bot.slack.feedback_blocks_told import PRESS_AGAIN
from knowledge.embedding.minilm import MiniLM
from tests.benchmarks.load_parts import QUIET
from tests.faults.accounts import open_rows
from tests.faults.fleet import Fleet
from tests.faults.model import TAG
from tests.faults.report import percentiles, table
from tests.faults.slack import Shares
from tests.faults.trial import Trial, opened
from tests.journeys.samples import SAMPLES, Body
from tests.journeys.scene import Scene, scene

_SLACKS_PATIENCE_MS = 3000
_AGAIN = tuple(one.to("en") for one in (FAILED, TOO_SLOW, PRESS_AGAIN))
_AT_LEAST = 100
_AT_ONCE = 16
_OURS_S = 30
"""So long an acknowledgement is waited for, to learn how late it was."""


@dataclass
class Thinking:
    """Makes the model take so long for each reply, more or less, and keeps book."""

    trial: Trial
    seconds: float
    now: int = 0
    mentions: dict[str, bool] = field(default_factory=dict)
    """By a mention's tag, whether Slack showed a status when the model was first asked."""

    async def think(self, tag: str) -> None:
        """About a question."""
        number = int(tag[1:]) if TAG.fullmatch(tag) else -1
        asked = self.trial.crowd.asked[number] if number >= 0 else None
        if asked is not None and asked.kind == "mention" and tag not in self.mentions:
            place = (asked.channel, asked.thread_ts)
            statuses = self.trial.slack.statuses
            self.mentions[tag] = any(one[:2] == place and one[2] for one in statuses)
        self.now += 1
        try:
            await asyncio.sleep(self.seconds * self.trial.crowd.random.uniform(0.8, 1.2))
        finally:
            self.now -= 1


@dataclass
class Acks:
    """What was delivered, and how that went."""

    trial: Trial
    sockets: Fleet
    ms: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    """By how it was delivered and to which listener."""
    late: Counter[str] = field(default_factory=Counter)
    untaken: Counter[str] = field(default_factory=Counter)
    in_work: list[int] = field(default_factory=list)
    """Open rows of the ledger that a worker held, twice a second."""
    thinking: list[int] = field(default_factory=list)
    filling: dict[str, int] = field(default_factory=dict)
    """What became of deliveries before the walk, while every process was new."""

    async def deliver(self, over: str, kind: str, name: str, body: Body) -> None:
        """Hand it over and wait for the acknowledgement."""
        listener = f"{kind} {_named(name, body)}"
        started = time.monotonic()
        try:
            refused = await (self._by_http(body) if over == "http" else self._by_socket(body))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            refused = type(error).__name__
        spent = 1000 * (time.monotonic() - started)
        self.ms[over, listener].append(spent)
        if spent > _SLACKS_PATIENCE_MS:
            self.late[listener] += 1
        if refused:
            self.untaken[f"{listener}: {refused}"] += 1

    async def observe(self, thinking: Thinking) -> None:
        """See how many answers are in work, until cancelled."""
        answering = select(func.count()).where(is_open(mention), mention.c.lease.is_not(None))
        while True:
            with suppress(SQLAlchemyError, OSError):
                async with self.trial.database.engine.connect() as connection:
                    self.in_work.append(int(await connection.scalar(answering) or 0))
                    self.thinking.append(thinking.now)
            await asyncio.sleep(0.5)

    async def _by_http(self, body: Body) -> str:
        port = self.trial.crowd.random.choice(self.trial.fleet.of("server")).port
        async with asyncio.timeout(_OURS_S):
            status, reply = await self.trial.slack.send_http(f"http://127.0.0.1:{port}", body)
        if status != 200:
            return f"status {status}"
        return "told to try again" if any(one in reply for one in _AGAIN) else ""

    async def _by_socket(self, body: Body) -> str:
        await self.trial.slack.hand_over(body, _OURS_S)
        return ""


async def keep_asking(trial: Trial, at_once: int) -> None:
    """So many questions open at any time, until cancelled."""
    while True:
        missing = max(0, at_once - len(await open_rows(trial.database)))
        await asyncio.gather(*(trial.crowd.ask() for _ in range(min(missing, _AT_ONCE))))
        await asyncio.sleep(0.2)


async def walk(acks: Acks, scenes: Sequence[Scene], per_second: float) -> None:
    """Every sample from every scene, mixed, at a steady rate."""
    due = [
        ("http" if number % 2 else "socket", *sample, one)
        for number, one in enumerate(scenes)
        for sample in SAMPLES
    ]
    acks.trial.crowd.random.shuffle(due)
    started = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for number, (over, kind, name, sample, one) in enumerate(due):
            await asyncio.sleep(started + number / per_second - time.monotonic())
            group.create_task(acks.deliver(over, kind, name, sample(one)))


def report(acks: Acks, thinking: Thinking) -> dict[str, object]:
    """The numbers."""
    listeners = sorted({listener for _, listener in acks.ms})
    every = {over: _all(acks, over) for over in ("http", "socket")}
    slack = acks.trial.slack
    said = [one for sent in (*slack.responded.values(), slack.posted) for _, one in sent]
    told = sum(any(one in str(message.get("text")) for one in _AGAIN) for message in said)
    return {
        "interactions": sum(map(len, every.values())),
        "over_3_s": acks.late.total(),
        "not_taken": acks.untaken.total(),
        "told_to_try_again": told,
        "answers_in_work": percentiles(acks.in_work) | {"min": min(acks.in_work)},
        "of the time 100 and more": round(
            sum(one >= _AT_LEAST for one in acks.in_work) / len(acks.in_work), 3
        ),
        "asked_of_the_model_at_a_time": percentiles(acks.thinking) | {"min": min(acks.thinking)},
        **{f"ack_ms over {over}": percentiles(ms) for over, ms in every.items()},
        "mentions the model was asked": len(thinking.mentions),
        "of them before a status": sum(not shown for shown in thinking.mentions.values()),
        "ack_ms of the load": percentiles(acks.trial.crowd.acks_ms),
        "its failed deliveries": acks.trial.crowd.failures,
        "of them before, cold": acks.filling,
        "untaken": dict(acks.untaken),
        **{
            listener: percentiles(
                [spent for over in every for spent in acks.ms.get((over, listener), ())]
            )
            | {"over 3 s": acks.late[listener]}
            for listener in listeners
        },
    }


def _all(acks: Acks, over: str) -> list[float]:
    return [one for (how, _), ms in acks.ms.items() if how == over for one in ms]


def _named(name: str, body: Body) -> str:
    """Which of the things it is that one listener does."""
    if body.get("command"):
        return f"{name} {body['text']}" if name != "/ask" else name
    if body["type"] != "block_actions":
        return name
    clicked = body["actions"][0]
    vote = f" {clicked['value'].partition(':')[0]}" if name == FEEDBACK else ""
    return f"{clicked['action_id']}{vote}"


async def _run(given: argparse.Namespace, home: Path) -> dict[str, object]:
    plan = replace(
        QUIET,
        servers=given.servers,
        workers=given.workers,
        at_a_time=-(-given.at_once // given.workers),
        chat_timeout_s=120,
        closed=0,
    )
    async with opened(plan, home) as trial:
        thinking = Thinking(trial, given.thinking)
        trial.model.thinks = thinking.think
        trial.slack.shares = Shares(stalled=1, stalled_s=given.slack_ms / 1000)
        trial.crowd.habits = replace(trial.crowd.habits, followups=0, redelivered=0)
        encoder = MiniLM(home / "encoders")
        scenes = [
            await scene(trial.slack, trial.database, encoder, number)
            for number in range(given.rounds)
        ]
        sockets = Fleet(home, trial.fleet.environment, trial.fleet.urls, 1, 0, "socket")
        sockets.started = 1000  # names of its own
        sockets.fill()
        acks = Acks(trial, sockets)
        tasks = [
            asyncio.create_task(keep_asking(trial, given.at_once)),
            asyncio.create_task(acks.observe(thinking)),
        ]
        try:
            await sockets.listening(trial.slack.sockets)
            async with asyncio.timeout(60):
                while max(acks.in_work[-1:], default=0) < 0.6 * given.at_once:
                    await asyncio.sleep(0.1)
            for noted in (acks.in_work, acks.thinking, trial.crowd.acks_ms):
                noted.clear()
            acks.filling, trial.crowd.failures = trial.crowd.failures, {}
            await walk(acks, scenes, given.per_second)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            sockets.stop()
        return report(acks, thinking)


def main() -> None:
    """Print a table, or one JSON document."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.acks", description=__doc__)
    parser.add_argument("--at-once", type=int, default=240, help="questions being answered")
    parser.add_argument(
        "--thinking",
        type=float,
        default=15,
        help="seconds the model takes; at 20 it would be given up",
    )
    parser.add_argument("--rounds", type=int, default=30, help="deliveries to each listener")
    parser.add_argument("--per-second", type=float, default=15, help="deliveries")
    parser.add_argument("--servers", type=int, default=2, help="processes that serve over HTTP")
    parser.add_argument("--workers", type=int, default=2, help="processes that work")
    parser.add_argument("--slack-ms", type=float, default=150, help="that Slack takes for a call")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        # The embedded server's own user must be able to enter.
        Path(scratch).chmod(0o755)
        found = asyncio.run(_run(given, Path(scratch)))
    print(json.dumps(found, indent=2) if given.json else table(found))


if __name__ == "__main__":
    main()
