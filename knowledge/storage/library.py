"""The write side of the knowledge base: documents go in and out whole, with everything found."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from itertools import compress

from sqlalchemy import ARRAY, BigInteger, Text, any_, delete, literal, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from knowledge import tables
from knowledge.database import Database
from knowledge.embedding import Encoder
from knowledge.questions.question_set import follow_chunks
from knowledge.storage import catalogue, postings
from knowledge.storage.duplicates import stand_ins
from knowledge.storage.encoders import adopt_encoder, require_encoder
from knowledge.storage.prepared import Prepared
from knowledge.storage.scopes import delete_empty
from knowledge.storage.storing import counted_terms, marked, write_chunks, write_documents
from knowledge.storage.upload_traces import forget_uploads
from knowledge.storage.vector_index import EXACT_UP_TO, ensure_vector_index

Still = Callable[[AsyncConnection, Sequence[Prepared]], Awaitable[Sequence[bool]]]
"""Asked in the transaction that would store documents, no other writer being at work."""


class Library:
    """Writes one knowledge base; any number of processes may do so at once.

    Above ``exact_up_to`` chunks it keeps a vector index.
    """

    def __init__(
        self, database: Database, encoder: Encoder, exact_up_to: int = EXACT_UP_TO
    ) -> None:
        self._engine, self._autocommit = database.engine, database.autocommit
        self._encoder = encoder
        self._exact_up_to = exact_up_to

    @property
    def engine(self) -> AsyncEngine:
        """The library's database, for what is kept beside its documents."""
        return self._engine

    @property
    def autocommit(self) -> AsyncEngine:
        """The same for statements alone."""
        return self._autocommit

    @property
    def encoder(self) -> Encoder:
        """What makes the vectors of the library's chunks."""
        return self._encoder

    async def put(self, prepared: Sequence[Prepared], still: Still | None = None) -> int:
        """Store the documents, each whole, replacing an earlier version of the same source.

        One transaction: all of them or none, with what ``still`` writes; it says which of them
        are still to be stored. A document with a fingerprint gets no chunks where another one
        stands for it; what it stood for itself is left to `index_uncovered`. Returns the chunks
        written. Raises EncoderMismatch when the library's vectors were made by
        another encoder.
        """
        documents = list({(one.collection, one.document.source): one for one in prepared}.values())
        if not documents:
            return 0
        counted = await asyncio.to_thread(counted_terms, documents)
        async with self._engine.begin() as connection:
            await postings.lock_writers(connection)
            await adopt_encoder(connection, self._encoder.name)
            if still is not None:
                wanted = await still(connection, documents)
                documents = list(compress(documents, wanted))
                counted = list(compress(counted, wanted))
                if not documents:
                    return 0
            ids = await write_documents(connection, documents)
            covered = await stand_ins(connection, marked(documents, ids), ids)
            kept = [number not in covered for number in ids]
            own = list(compress(documents, kept))
            own_ids, own_counts = list(compress(ids, kept)), list(compress(counted, kept))
            await write_chunks(connection, own, own_ids, own_counts, self._encoder.name)
            await follow_chunks(connection, ids)
        await self._refresh()
        return sum(len(one.chunks) for one in own)

    async def remove(self, document_ids: Sequence[int]) -> int:
        """Delete the documents with their history; returns how many there were."""
        async with self._engine.begin() as connection:
            await postings.lock_writers(connection)
            await forget_uploads(connection, document_ids)
            await postings.forget(connection, document_ids)
            deleted = await connection.execute(
                delete(tables.document).where(
                    tables.document.c.id == any_(literal(list(document_ids), ARRAY(BigInteger)))
                )
            )
            await delete_empty(connection)
        await self._refresh()
        return deleted.rowcount

    async def check_encoder(self) -> None:
        """Raise EncoderMismatch when the library's vectors were made by another encoder."""
        async with self._engine.connect() as connection:
            await require_encoder(connection, self._encoder.name)

    async def hashes(self, collection: str) -> dict[str, str]:
        """Content hash of every document of a collection, by source."""
        document = tables.document.c
        query = select(document.source, document.content_hash)
        async with self._engine.connect() as connection:
            rows = await connection.execute(query.where(document.collection == collection))
            return dict(iter(rows))

    async def ids(self, collection: str, sources: Sequence[str]) -> list[int]:
        """Ids of the documents with these sources; a source that is not there has none."""
        document = tables.document.c
        query = select(document.id).where(
            document.collection == collection,
            document.source == any_(literal(list(sources), ARRAY(Text))),
        )
        async with self._engine.connect() as connection:
            return list(await connection.scalars(query.order_by(document.id)))

    async def documents(self, collection: str | None = None) -> list[catalogue.Listed]:
        """What is stored, whoever may see it: for the admin."""
        async with self._engine.connect() as connection:
            return await catalogue.listed(connection, collection)

    async def show(self, document_id: int) -> catalogue.Shown:
        """One document with its text; raises InvalidInput when there is none."""
        async with self._engine.connect() as connection:
            return await catalogue.shown(connection, document_id)

    async def history(self, document_id: int) -> list[catalogue.Version]:
        """The document's versions, newest first; raises InvalidInput when there is none."""
        async with self._engine.connect() as connection:
            return await catalogue.history(connection, document_id)

    async def holdings(self, document_ids: Sequence[int]) -> catalogue.Holdings:
        """What goes with these documents when they are removed."""
        async with self._engine.connect() as connection:
            return await catalogue.holdings(connection, document_ids)

    async def text_of(self, document_id: int, version: int) -> str:
        """One version's text; raises InvalidInput when there is none."""
        async with self._engine.connect() as connection:
            return await catalogue.text_of(connection, document_id, version)

    async def settle(self) -> None:
        """After a bulk load: fresh statistics for the planner, a vector index once it pays."""
        async with self._engine.connect() as pooled:
            connection = await pooled.execution_options(isolation_level="AUTOCOMMIT")
            for table in ("corpus", "document", "chunk", "embedding", "term", "posting_block"):
                await connection.execute(text(f"VACUUM (ANALYZE, SKIP_LOCKED) {table}"))
            chunks = await connection.scalar(select(tables.corpus.c.chunks))
            if (chunks or 0) > self._exact_up_to:
                await ensure_vector_index(connection, self._encoder)

    async def _refresh(self) -> None:
        async with self._engine.begin() as connection:
            if await postings.have_drifted(connection):
                await postings.lock_writers(connection)
                await postings.refresh_impacts(connection)
