"""What a search has in reach: the chunks that may be the best, with what each leg says of them.

See `search_sql` for the statements. A reader who may see few chunks gets both legs exactly; beyond
that, the rarer terms' postings and an HNSW index find candidates whose scores are then exact. An
HNSW scan filtered to one row in a hundred would silently lose most of what it should find.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.rows import class_row
from sqlalchemy.dialects.postgresql.psycopg import dialect
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge.database import raw_connection
from knowledge.embedding import Encoder
from knowledge.errors import DatabaseError
from knowledge.retrieval import search_sql as sql
from knowledge.retrieval.blending import Blend
from knowledge.retrieval.lexical import Tally, tallied
from knowledge.retrieval.scoring import LEG, Candidate
from knowledge.storage.encoders import mismatch

_POSTINGS = 200_000
_POSTINGS_SHARE = 5
_PROMISING = 300
"""The rarest terms' postings are read while they are about no more together than the first number,
or a fifth of the visible chunks; then the best 300 chunks by these are scored for the other terms
too. ``python -m tests.benchmarks.scale`` shows what that finds; of 200 questions to a million
chunks it was 99 % of the exact first ten."""


_READ = str(sql.READ.compile(dialect=dialect()))  # type: ignore[no-untyped-call]  # SQLAlchemy gives it no types


@dataclass(frozen=True, slots=True)
class Reach:
    """What a statement found; ``asked`` is the sum of the weights of all the query's terms."""

    candidates: tuple[Candidate, ...]
    asked: float
    blend: Blend


@dataclass(frozen=True, slots=True)
class _Term:
    """A row of `READ`: a term of the query, None where it has none, and the library's state."""

    visible: int
    chunks: int
    encoders: list[str]
    blend: dict[str, Any] | None
    id: int | None
    weight: float
    is_read: bool
    entries: bytes


async def reached(
    connection: AsyncConnection, encoder: Encoder, values: Mapping[str, object], small: int
) -> Reach:
    """The candidates for what is asked, of what may be read; ``small``: so many are few.

    Raises EncoderMismatch when the stored vectors were made by another encoder.
    """
    asked = dict(values)
    limits = {"small": small, "postings": _POSTINGS, "postings_share": _POSTINGS_SHARE}
    terms = await _read(connection, asked | limits)
    if not terms or not terms[0].visible:
        return Reach((), 0.0, Blend())
    state = terms[0]
    if encoder.name not in state.encoders:
        raise mismatch(state.encoders[-1], encoder.name)
    unread = {one.id: one.weight for one in terms if not one.is_read}
    read = [(one.entries, one.weight) for one in terms if one.entries]
    tally, best = await asyncio.to_thread(_added_up, read, _PROMISING if unread else LEG)
    asked["lexical"] = best
    if state.visible > small:
        await _scan_iteratively(connection)
        statement = sql.many(encoder.name, encoder.dimension)
        asked |= {"unread": list(unread), "unread_weights": list(unread.values())}
    else:
        statement = sql.FEW
        if state.chunks > small:
            await connection.execute(sql.AVOID_WHOLE_TABLES)
    rows = (await connection.execute(statement, asked)).all()
    scores, covered = tally.of([row[0] for row in rows])
    candidates = tuple(
        Candidate(chunk_id, score + more, held + others, dense, questions, collection)
        # By position: named access to a row costs more than all the rest of the loop.
        for (chunk_id, dense, questions, collection, more, others), score, held in zip(
            rows, scores.tolist(), covered.tolist(), strict=True
        )
    )
    total = sum(one.weight for one in terms)
    return Reach(candidates, total, Blend.from_json(state.blend))


def _added_up(read: Sequence[tuple[bytes, float]], count: int) -> tuple[Tally, list[int]]:
    tally = tallied(read)
    return tally, tally.best(count)


async def _read(connection: AsyncConnection, values: Mapping[str, object]) -> list[_Term]:
    """By the driver itself: SQLAlchemy would have the postings sent as text, twice as long."""
    async with (await raw_connection(connection)).cursor(
        binary=True, row_factory=class_row(_Term)
    ) as cursor:
        await cursor.execute(_READ, values)
        return await cursor.fetchall()


async def _scan_iteratively(connection: AsyncConnection) -> None:
    await connection.execute(sql.LOAD_PGVECTOR)
    await connection.execute(sql.SET_ITERATIVE_SCAN, {"leg": str(LEG)})
    setting = await connection.scalar(sql.ITERATIVE_SCAN)
    if setting != "relaxed_order":
        raise DatabaseError(
            f"the database has hnsw.iterative_scan = {setting!r}: update pgvector to 0.8 or newer"
        )
