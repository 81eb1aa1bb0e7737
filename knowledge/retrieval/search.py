"""The read side of the knowledge base: BM25 and vectors, blended, for one reader's eyes.

See `reach` for what is found and `scoring` for the blend.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from pgvector import HalfVector
from psycopg import Error as PsycopgError
from psycopg.errors import SerializationFailure
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from knowledge.database import Database
from knowledge.documents import Found, Passage, Query, Reader
from knowledge.embedding import Encoder
from knowledge.replicas import Replicas, in_time
from knowledge.retrieval import search_sql as sql
from knowledge.retrieval.blending import blended
from knowledge.retrieval.passages import passages_of
from knowledge.retrieval.reach import Reach, reached
from knowledge.retrieval.scoring import (
    LEG,
    Candidate,
    pooled,
    query_text,
    query_weights,
    signals,
)
from knowledge.schemas import seeing
from knowledge.storage.vector_index import EXACT_UP_TO


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
        self._engine, self._autocommit = _snapshots(database.engine), database.autocommit
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
        asked = given | self._asked(query, vector) | {"excluded": excluding}
        shown = given | {"encoder": self._encoder.name}
        reach: Reach | None = None
        if self._replicas is not None:
            reach = await self._reach_elsewhere(self._replicas, asked)
        async with self._engine.connect() as connection:
            # Passages are always the primary's: what went or was restricted is not shown by a
            # replica that has not heard of it.
            reach = reach or await self._reach(connection, asked)
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
        asked = _given(reader, None) | self._asked(query, await self._encode(query))
        asked |= {"questions": True, "excluded": excluding}
        async with self._engine.connect() as connection:
            reach = await self._reach(connection, asked)
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
        async with self._autocommit.connect() as connection:
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
        async with self._autocommit.connect() as connection:
            return set(await connection.scalars(sql.EXISTING, {"ids": list(document_ids)}))

    async def _encode(self, query: Query) -> NDArray[np.float32] | None:
        text = query_text(query)
        if not self._encoder.covers(text):
            return None
        vector: NDArray[np.float32] = (await self._encoder.encode([text]))[0]
        return vector

    async def _reach_elsewhere(self, replicas: Replicas, asked: dict[str, object]) -> Reach | None:
        """As `_reach`, on a replica; None when none serves."""
        engine = await replicas.pick()
        if engine is None:
            return None

        async def there() -> Reach:
            async with _snapshots(seeing(engine, self._schema)).connect() as connection:
                return await self._reach(connection, asked)

        try:
            return await in_time(there())
        except (DBAPIError, PsycopgError, OSError) as error:
            # Replay may cancel a query that is in its way: the primary answers this one.
            if not isinstance(getattr(error, "orig", error), SerializationFailure):
                replicas.failed(engine)
            return None

    async def _reach(self, connection: AsyncConnection, asked: dict[str, object]) -> Reach:
        return await reached(connection, self._encoder, asked, self._exact_up_to)

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


def _snapshots(engine: AsyncEngine) -> AsyncEngine:
    """One snapshot for all statements of a search: a document replaced meanwhile stays whole."""
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _given(reader: Reader, collections: Sequence[str] | None) -> dict[str, object]:
    return {
        "principals": list(reader.principals),
        "collections": None if collections is None else list(collections),
    }
