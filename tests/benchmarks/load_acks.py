"""How fast events are acknowledged, and whether any is before its question is written down."""

import time
from argparse import Namespace
from dataclasses import dataclass, field

from sqlalchemy import literal, select

from agent.workspace_tables import mention as table
from knowledge.database import Database
from tests.benchmarks.load_parts import fresh, told_to_wait
from tests.faults.accounts import open_rows
from tests.faults.crowd import Asked, Habits
from tests.faults.report import percentiles
from tests.faults.trial import Trial

_LOOKS_A_SECOND = 5.0


@dataclass
class Witness:
    """Looks into Postgres the moment an event was acknowledged: every so many-th, not to load it.

    A question that is not there yet was acknowledged before its commit.
    """

    database: Database
    every: int = 1
    looked: int = 0
    missing: list[str] = field(default_factory=list)
    _acks: int = 0

    async def __call__(self, asked: Asked) -> None:
        """An event about this question has just been acknowledged."""
        self._acks += 1
        if self._acks % self.every:
            return
        where = (
            (table.c.event_id == f"command:{asked.ts}",)
            if asked.kind == "command"
            else (table.c.channel == asked.channel, table.c.ts == asked.ts)
        )
        async with self.database.engine.connect() as connection:
            there = await connection.scalar(select(literal(1)).where(*where))
        self.looked += 1
        if there is None:
            self.missing.append(asked.tag)


async def acks(trial: Trial, given: Namespace) -> dict[str, object]:
    """Streams of events, each faster than the last."""
    return {
        f"{wanted:g} events a second": await _stream(trial, wanted, given.minutes * 60)
        for wanted in given.events
    }


async def _stream(trial: Trial, events_a_second: float, seconds: float) -> dict[str, object]:
    await fresh(trial)
    crowd = trial.crowd
    crowd.witness = witness = Witness(
        trial.database, every=max(1, round(events_a_second / _LOOKS_A_SECOND))
    )
    started = time.monotonic()
    await trial.ask_steadily(events_a_second / events_a_question(crowd.habits), seconds)
    spent, deliveries = time.monotonic() - started, len(crowd.acks_ms)
    open_ = len(await open_rows(trial.database))
    crowd.witness = None
    await trial.finished()
    accounts = await trial.accounts()
    return {
        "events_a_second": round(deliveries / spent, 1),
        "ack_ms": percentiles(crowd.acks_ms),
        "acked_before_the_commit": len(witness.missing),
        "of_acks_looked_at": witness.looked,
        "failed_deliveries": dict(crowd.failures),
        "questions": {
            "asked": len(crowd.asked),
            "answered_when_the_stream_ended": len(crowd.asked) - open_,
            "open_then": open_,
            "told_to_wait": told_to_wait(trial),
            "answered_in_the_end": accounts.answered,
            "seconds_until_then": round(time.monotonic() - started - spent, 1),
            "never_acked": accounts.given_up,
            "lost": len(accounts.lost),
            "duplicated": len(accounts.duplicated),
        },
        "answer_s": percentiles(accounts.answer_s),
    }


def events_a_question(habits: Habits) -> float:
    """A mention is handed over as two events, everything else as one."""
    return 2 - habits.followups - habits.directs - habits.commands
