"""Cleaning: look at all pairs, drop what must not be taught, ask a person, freeze a dataset."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from agent.tuning.cleaning_plan import Plan, Step, plan, steps
from agent.tuning.datasets import draft, store
from agent.tuning.examining.examination import Step as Progress
from agent.tuning.examining.examination import examine, examined, world_of
from agent.tuning.examining.findings import Examined, World
from agent.tuning.pair_files import Pair
from agent.tuning.pair_log import Change, apply
from agent.tuning.pair_queue import decided, enqueue, open_items
from agent.tuning.stored_pairs import active_pairs
from knowledge.database import Database
from knowledge.documents import EVERYONE
from knowledge.embedding import Encoder


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What a cleaning did, or would do: then nothing was changed and ``version`` is None.

    ``run`` undoes it. ``asked`` are questions that were not in the queue before; ``queue`` counts
    all that wait there by kind. ``manifest`` is None when nothing may be taught yet.
    """

    run: UUID | None
    examined: int
    dropped: int
    asked: int
    approved: int
    candidates: int
    queue: dict[str, int]
    steps: tuple[Step, ...]
    version: int | None
    manifest: Mapping[str, Any] | None
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """For the command line; of the held-out questions their number alone."""
        manifest = self.manifest and {
            **self.manifest,
            "held_out": len(self.manifest["held_out"]),
        }
        return {
            "run": self.run and str(self.run),
            "examined": self.examined,
            "dropped": self.dropped,
            "asked": self.asked,
            "approved": self.approved,
            "candidates": self.candidates,
            "queue": self.queue,
            "steps": [one.as_json(texts=True) for one in self.steps],
            "dataset": self.version,
            "manifest": manifest,
            "seconds": round(self.seconds, 2),
        }


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is asked of a cleaning; ``held_out`` None: what the newest dataset holds out.

    ``approve`` approves the candidates that nothing was found of.
    """

    author: str = ""
    audience: tuple[str, ...] = (EVERYONE,)
    held_out: Sequence[str] | None = None
    approve: bool = False
    dry_run: bool = False


_NOTHING = {"kind": "none", "action": "note", "count": 0, "reason": "nothing was found"}
"""The manifest's step of pairs that are clean: that they were looked at."""


def _silent(_: str, __: int, ___: int) -> None: ...


async def clean(
    database: Database, encoder: Encoder, wishes: Wishes, progress: Progress = _silent
) -> Cleaned:
    """Examine candidates and approved pairs, and make of the approved ones a dataset.

    All or nothing, in one transaction; what is dropped is logged under one run. Raises
    EncoderError when the questions cannot be encoded.
    """
    started = time.perf_counter()
    async with database.engine.connect() as connection:
        active = {one.id: one for one in await active_pairs(connection)}
    pairs = [one for one in await examined(database) if one.id in active]
    world = await world_of(encoder, pairs, wishes.held_out or (), progress)
    findings = await asyncio.to_thread(examine, pairs, world, progress)
    digests = {one.id: Pair(one.question, one.answer, one.topic).digest for one in pairs}
    async with database.engine.connect() as connection, connection.begin() as transaction:
        made = plan(findings, digests, frozenset(await decided(connection)))
        done = await _carry_out(connection, made, _Looked(pairs, world, digests), wishes)
        if wishes.dry_run:
            await transaction.rollback()
    return replace(done, seconds=time.perf_counter() - started)


@dataclass(frozen=True, slots=True)
class _Looked:
    pairs: Sequence[Examined]
    world: World
    digests: Mapping[int, str]


async def _carry_out(
    connection: AsyncConnection, made: Plan, looked: _Looked, wishes: Wishes
) -> Cleaned:
    run = uuid4()
    drops = [
        Change(number, {"state": "rejected"}, one.why, one.kind, looked.digests[number])
        for number, one in made.drops.items()
    ]
    dropped = await apply(connection, drops, "drop", wishes.author, run)
    asked = await enqueue(connection, made.questions, looked.digests)
    waiting = await open_items(connection)
    candidates = {one.id for one in looked.pairs if one.state == "candidate"} - {*dropped}
    approved: list[int] = []
    if wishes.approve:
        fine = candidates - made.suspects - {number for one in waiting for number in one.pairs}
        changes = [
            Change(one, {"state": "approved"}, "nothing was found", digest=looked.digests[one])
            for one in sorted(fine)
        ]
        approved = await apply(connection, changes, "approve", wishes.author, run)
    told = steps(made, looked.pairs)
    told_plainly = [one.as_json(texts=False) for one in told] or [_NOTHING]
    drafted = await draft(
        connection, wishes.audience, told_plainly, wishes.held_out, looked.world.vectors
    )
    version = None
    if drafted is not None and not wishes.dry_run:
        version = await store(connection, drafted)
    return Cleaned(
        run=run if (dropped or approved) and not wishes.dry_run else None,
        examined=len(looked.pairs),
        dropped=len(dropped),
        asked=asked,
        approved=len(approved),
        candidates=len(candidates) - len(approved),
        queue=dict(Counter(one.kind for one in waiting)),
        steps=tuple(told),
        version=version,
        manifest=None if drafted is None else drafted.manifest,
        seconds=0.0,
    )
