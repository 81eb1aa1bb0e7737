"""The read side of the knowledge base: BM25 and vectors, blended, for one reader's eyes.

See `search_sql` for the statements and `scoring` for the blend. A reader who may see few chunks
gets both legs exactly; beyond that, the rarer terms' postings and an HNSW index find candidates
whose scores are then exact. An HNSW scan filtered to one row in a hundred would silently lose
most of what it should find.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pgvector import HalfVector
from psycopg import Error as PsycopgError
from psycopg.errors import SerializationFailure
from psycopg.rows import class_row
from sqlalchemy.dialects.postgresql.psycopg import dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from knowledge.database import Database, raw_connection, seeing
from knowledge.documents import Found, Passage, Query, Reader
from knowledge.embedding import Encoder
from knowledge.errors import DatabaseError
from knowledge.replicas import Replicas, in_time
from knowledge.retrieval import search_sql as sql
from knowledge.retrieval.blending import Blend, blended
from knowledge.retrieval.lexical import Tally, tallied
from knowledge.retrieval.passages import passages_of
from knowledge.retrieval.scoring import (
    LEG,
    Candidate,
    pooled,
    query_text,
    query_weights,
    signals,
)
from knowledge.storage.encoders import mismatch
from knowledge.storage.vector_index import EXACT_UP_TO

_POSTINGS = 200_000
_POSTINGS_SHARE = 5
_PROMISING = 300
"""The rarest terms' postings are read while they are about no more together than the first number,
or a fifth of the visible chunks; then the best 300 chunks by these are scored for the other terms
too. ``python -m tests.benchmarks.scale`` shows what that finds; of 200 questions to a million
chunks it was 99 % of the exact first ten."""


_READ = str(sql.READ.compile(dialect=dialect()))  # type: ignore[no-untyped-call]  # SQLAlchemy gives it no types


@dataclass(frozen=True, slots=True)
class _Reach:
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


class Search:
    """Searches one knowledge base; ``exact_up_to`` is how many visible chunks are few.

    With ``replicas`` the work of finding is done there, and the primary only gives the passages.
    """

    def __init__(
        self,
        database: Database,
        encoder: Encoder,
        exact_up_to: int = EXACT_UP_TO,
        replicas: Replicas | None = None,
    ) -> None:
        self._engine = _snapshots(database.engine)
        self._schema = database.schema
        self._replicas = replicas
        self._encoder = encoder
        self._exact_up_to = exact_up_to

    async def find(
        self,
        query: Query,
        reader: Reader,
        k: int = 10,
        vector: NDArray[np.float32] | None = None,
        *,
        collections: Sequence[str] | None = None,
        excluding: int | None = None,
    ) -> Found:
        """The best ``k`` passages that the reader may see.

        ``vector`` is the embedding of `query_text` if the caller has it already; else the query is
        encoded here if the encoder covers it. ``excluding`` is a question of the question set that
        does not count: when it is itself what is asked. Raises EncoderMismatch when the stored
        vectors were made by another encoder.
        """
        started = time.perf_counter()
        if vector is None:
            vector = await self._encode(query)
        encoded = time.perf_counter()
        given = _given(reader, collections)
        asked = self._asked(query, vector) | {"excluded": excluding}
        shown = given | {"encoder": self._encoder.name}
        reach: _Reach | None = None
        if self._replicas is not None:
            reach = await self._reach_elsewhere(self._replicas, given, asked)
        async with self._engine.connect() as connection:
            # Passages are always the primary's: what went or was restricted is not shown by a
            # replica that has not heard of it.
            reach = reach or await self._reach(connection, given, asked)
            ranked = blended(pooled(reach.candidates), query, reach.blend)[:k]
            passages = await passages_of(connection, ranked, shown)
        done = time.perf_counter()
        timings = {"encode": 1000 * (encoded - started), "search": 1000 * (done - encoded)}
        return Found(passages, signals(reach.candidates, reach.asked), timings)

    async def candidates(
        self, query: Query, reader: Reader, excluding: int | None = None
    ) -> tuple[Candidate, ...]:
        """The chunks in reach with what each leg says of them, the question set's included.

        Whatever weights are in use: for whoever looks for better ones. ``excluding`` as in `find`.
        """
        asked = self._asked(query, await self._encode(query))
        asked |= {"questions": True, "excluded": excluding}
        async with self._engine.connect() as connection:
            reach = await self._reach(connection, _given(reader, None), asked)
        return tuple(pooled(reach.candidates))

    async def widen(
        self, passages: Sequence[Passage], reader: Reader, reach: int = 1
    ) -> tuple[Passage, ...]:
        """The passages with the text of up to ``reach`` chunks before and after them.

        Only chunks under the same heading, that the reader may see, are joined on. A passage that
        a better one has taken in is left out.
        """
        given = {"ids": [one.chunk_id for one in passages], "reach": reach}
        principals = {"principals": list(reader.principals), "collections": None}
        async with self._engine.connect() as connection:
            rows = (await connection.execute(sql.SURROUNDINGS, given | principals)).all()
        around = {one.chunk_id: [row for row in rows if row[0] == one.chunk_id] for one in passages}
        taken: set[int] = set()
        widened = []
        for one in passages:
            if one.chunk_id in taken:
                continue
            pieces = [(number, text) for _, number, _, text in around[one.chunk_id]]
            free = [(number, text) for number, text in pieces if number not in taken]
            taken.update(number for number, _ in free)
            text = "\n\n".join(text for _, text in free)
            widened.append(replace(one, text=text) if text else one)
        return tuple(widened)

    async def existing(self, document_ids: Iterable[int]) -> set[int]:
        """Those of the documents that are still there."""
        async with self._engine.connect() as connection:
            return set(await connection.scalars(sql.EXISTING, {"ids": list(document_ids)}))

    async def _encode(self, query: Query) -> NDArray[np.float32] | None:
        text = query_text(query)
        if not self._encoder.covers(text):
            return None
        vector: NDArray[np.float32] = (await self._encoder.encode([text]))[0]
        return vector

    async def _reach_elsewhere(
        self, replicas: Replicas, given: dict[str, object], asked: dict[str, object]
    ) -> _Reach | None:
        """As `_reach`, on a replica; None when none serves."""
        engine = await replicas.pick()
        if engine is None:
            return None

        async def there() -> _Reach:
            async with _snapshots(seeing(engine, self._schema)).connect() as connection:
                return await self._reach(connection, given, asked)

        try:
            return await in_time(there())
        except (DBAPIError, PsycopgError, OSError) as error:
            # Replay may cancel a query that is in its way: the primary answers this one.
            if not isinstance(getattr(error, "orig", error), SerializationFailure):
                replicas.failed(engine)
            return None

    def _asked(self, query: Query, vector: NDArray[np.float32] | None) -> dict[str, object]:
        weights = query_weights(query)
        return {
            "terms": list(weights),
            "weights": list(weights.values()),
            "vector": None if vector is None else HalfVector(vector),
            "encoder": self._encoder.name,
            "leg": LEG,
            "questions": None,
            "excluded": None,
        }

    async def _reach(
        self, connection: AsyncConnection, given: dict[str, object], asked: dict[str, object]
    ) -> _Reach:
        asked = given | asked
        small = self._exact_up_to
        limits = {"small": small, "postings": _POSTINGS, "postings_share": _POSTINGS_SHARE}
        terms = await _read(connection, asked | limits)
        if not terms or not terms[0].visible:
            return _Reach((), 0.0, Blend())
        state = terms[0]
        if self._encoder.name not in state.encoders:
            raise mismatch(state.encoders[-1], self._encoder.name)
        unread = {one.id: one.weight for one in terms if not one.is_read}
        read = [(one.entries, one.weight) for one in terms if one.entries]
        tally, best = await asyncio.to_thread(_added_up, read, _PROMISING if unread else LEG)
        asked["lexical"] = best
        if state.visible > small:
            await _scan_iteratively(connection)
            statement = sql.many(self._encoder.name, self._encoder.dimension)
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
        return _Reach(candidates, total, Blend.from_json(state.blend))


def _added_up(read: Sequence[tuple[bytes, float]], count: int) -> tuple[Tally, list[int]]:
    tally = tallied(read)
    return tally, tally.best(count)


def _snapshots(engine: AsyncEngine) -> AsyncEngine:
    """One snapshot for all statements of a search: a document replaced meanwhile stays whole."""
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _given(reader: Reader, collections: Sequence[str] | None) -> dict[str, object]:
    return {
        "principals": list(reader.principals),
        "collections": None if collections is None else list(collections),
    }


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
