"""Whether answers give away what not everyone who may ask is allowed to see.

A model may have learned a sentence that was restricted since, or that came in by another door. So
each answer's runs of three words are looked for in the documents and pairs that some of the
model's audience may not see; what stands in something they all may see gives nothing away.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.tables import pair
from agent.tuning.teachable import may_be_seen_by
from knowledge.database import Database
from knowledge.storage.fingerprints import Shingles, shingles_of
from knowledge.storage.scopes import covers
from knowledge.tables import chunk, scope

_SHARE = 0.5
"""Of an answer's runs of three words, from which it reproduces a text."""
_RUNS = 8
"""Fewer runs than this say nothing that only one text could have said."""
_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Leak:
    """An answer, and the share of it that stands in what not everyone may see."""

    answer: str
    share: float


async def leaks(
    answers: Sequence[str], audience: Sequence[str], database: Database
) -> tuple[Leak, ...]:
    """Those of the answers that reproduce restricted text, the worst first.

    Four queries whatever the number of answers, two of them only when something is suspicious.
    """
    runs = {text: shingles_of("", text) for text in dict.fromkeys(answers)}
    runs = {text: own for text, own in runs.items() if len(own) >= _RUNS}
    if not runs:
        return ()
    wanted = np.unique(np.concatenate(list(runs.values())))
    pairs, chunks = may_be_seen_by(audience), covers(scope.c.audience, audience)
    answered, written = (
        select(pair.c.answer),
        select(chunk.c.text).join(scope, scope.c.id == chunk.c.scope_id),
    )
    async with database.engine.connect() as connection:
        held = await _held(connection, wanted, answered.where(~pairs), written.where(~chunks))
        if not _suspects(runs, held):
            return ()
        shown = await _held(connection, held, answered.where(pairs), written.where(chunks))
    held = np.setdiff1d(held, shown, assume_unique=True)
    return tuple(sorted(_suspects(runs, held), key=lambda one: -one.share))


async def _held(connection: AsyncConnection, wanted: Shingles, *queries: Select[Any]) -> Shingles:
    """Those of the wanted runs that stand in the texts."""
    found = np.zeros(0, np.uint64)
    for query in queries:
        stream = await connection.stream(query)
        async for rows in stream.partitions(_AT_ONCE):
            texts = [row[0] for row in rows]
            found = np.union1d(found, await asyncio.to_thread(_common, wanted, texts))
    return found


def _common(wanted: Shingles, texts: Sequence[str]) -> Shingles:
    own = [np.intersect1d(wanted, shingles_of("", text), assume_unique=True) for text in texts]
    return np.unique(np.concatenate(own)) if own else np.zeros(0, np.uint64)


def _suspects(runs: dict[str, Shingles], held: Shingles) -> list[Leak]:
    shares = {text: float(np.isin(own, held).mean()) for text, own in runs.items()}
    return [Leak(text, share) for text, share in shares.items() if share >= _SHARE]
