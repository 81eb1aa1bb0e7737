"""The write side of the knowledge base: documents go in and out whole, with everything found."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import compress

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Integer,
    Text,
    any_,
    cast,
    delete,
    func,
    literal,
    literal_column,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from knowledge import catalogue, postings, tables
from knowledge.chunking import anchor_of, searchable
from knowledge.database import Database, raw_connection
from knowledge.documents import Chunk, Document
from knowledge.duplicates import Marked, release_duplicates, stand_ins
from knowledge.embedding import Encoder
from knowledge.encoders import adopt_encoder, require_encoder
from knowledge.fingerprints import Fingerprint
from knowledge.question_set import follow_chunks
from knowledge.rows import ChunkRow, HeldTerms, copy_chunks, copy_embeddings
from knowledge.scopes import count_in, delete_empty, scope_ids, scope_of
from knowledge.terms import index_terms
from knowledge.upload_traces import forget_uploads
from knowledge.vector_index import EXACT_UP_TO, ensure_vector_index


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document ready to be written: ``vectors`` has one entry per chunk.

    An entry is None where the encoder does not cover the chunk's script.
    """

    document: Document
    collection: str
    audience: tuple[str, ...]
    content_hash: str
    chunks: tuple[Chunk, ...]
    vectors: Sequence[NDArray[np.float32] | None]
    owner: str | None = None
    expires_at: datetime | None = None
    author: str = ""
    placed: bool = False
    fingerprint: Fingerprint | None = None
    """Given where the document is not to be indexed beside another that says the same."""


Still = Callable[[AsyncConnection, Sequence[Prepared]], Awaitable[Sequence[bool]]]
"""Asked in the transaction that would store documents, no other writer being at work."""


class Library:
    """Writes one knowledge base; any number of processes may do so at once.

    Above ``exact_up_to`` chunks it keeps a vector index.
    """

    def __init__(
        self, database: Database, encoder: Encoder, exact_up_to: int = EXACT_UP_TO
    ) -> None:
        self._engine = database.engine
        self._encoder = encoder
        self._exact_up_to = exact_up_to

    @property
    def engine(self) -> AsyncEngine:
        """The library's database, for what is kept beside its documents."""
        return self._engine

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
        counted = await asyncio.to_thread(_counted, documents)
        async with self._engine.begin() as connection:
            await postings.lock_writers(connection)
            await adopt_encoder(connection, self._encoder.name)
            if still is not None:
                wanted = await still(connection, documents)
                documents = list(compress(documents, wanted))
                counted = list(compress(counted, wanted))
                if not documents:
                    return 0
            ids = await _write_documents(connection, documents)
            covered = await stand_ins(connection, _marked(documents, ids), ids)
            kept = [number not in covered for number in ids]
            own = list(compress(documents, kept))
            own_ids, own_counts = list(compress(ids, kept)), list(compress(counted, kept))
            await _write_chunks(connection, own, own_ids, own_counts, self._encoder.name)
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

    async def settle(self) -> None:
        """After a bulk load: fresh statistics for the planner, a vector index once it pays."""
        async with self._engine.connect() as pooled:
            connection = await pooled.execution_options(isolation_level="AUTOCOMMIT")
            for table in ("corpus", "document", "chunk", "embedding", "term", "posting"):
                await connection.execute(text(f"VACUUM (ANALYZE, SKIP_LOCKED) {table}"))
            chunks = await connection.scalar(select(tables.corpus.c.chunks))
            if (chunks or 0) > self._exact_up_to:
                await ensure_vector_index(connection, self._encoder)

    async def _refresh(self) -> None:
        async with self._engine.begin() as connection:
            if await postings.have_drifted(connection):
                await postings.lock_writers(connection)
                await postings.refresh_impacts(connection)


def _marked(documents: Sequence[Prepared], ids: Sequence[int]) -> list[Marked]:
    return [
        Marked(number, one.collection, one.audience, one.document, one.fingerprint)
        for one, number in zip(documents, ids, strict=True)
        if one.fingerprint is not None
    ]


def _counted(documents: Sequence[Prepared]) -> list[list[Counter[str]]]:
    """Term frequencies of every chunk of every document."""
    return [
        [Counter(index_terms(searchable(one.document.title, piece))) for piece in one.chunks]
        for one in documents
    ]


async def _write_documents(
    connection: AsyncConnection, documents: Sequence[Prepared]
) -> Sequence[int]:
    """Insert or renew the documents without their chunks; returns their ids, in their order.

    One that is stored just so keeps its version.
    """
    values = upsert(tables.document)
    kept = ("id", "collection", "source", "version", "created_at", "updated_at")
    changed = tables.document.c.content_hash != values.excluded.content_hash
    statement = values.on_conflict_do_update(
        index_elements=["collection", "source"],
        set_={
            **{column.name: column for column in values.excluded if column.name not in kept},
            "version": tables.document.c.version + cast(changed, Integer),
            "updated_at": func.now(),
        },
    ).returning(
        tables.document.c.collection,
        tables.document.c.source,
        tables.document.c.id,
        tables.document.c.version,
        literal_column("(xmax <> 0)"),  # of a row that was there before
    )
    rows = await connection.execute(statement, [_document_row(one) for one in documents])
    written = {(c, s): (number, version, known) for c, s, number, version, known in rows}
    stored = [written[one.collection, one.document.source] for one in documents]
    replaced = [number for number, _, known in stored if known]
    if replaced:
        await release_duplicates(connection, replaced)
        await postings.forget(connection, replaced)
        await connection.execute(
            delete(tables.chunk).where(
                tables.chunk.c.document_id == any_(literal(replaced, ARRAY(BigInteger)))
            )
        )
    await connection.execute(
        upsert(tables.document_version).on_conflict_do_nothing(),
        [
            {
                "document_id": number,
                "version": version,
                "title": one.document.title,
                "content_hash": one.content_hash,
                "text": one.document.text,
                "uri": one.document.uri,
                "audience": list(one.audience),
                "metadata": dict(one.document.metadata),
                "anchors": dict(one.document.anchors),
                "author": one.author,
            }
            for one, (number, version, _) in zip(documents, stored, strict=True)
        ],
    )
    return [number for number, _, _ in stored]


def _document_row(one: Prepared) -> dict[str, object]:
    return {
        "collection": one.collection,
        "source": one.document.source,
        "uri": one.document.uri,
        "title": one.document.title,
        "content_hash": one.content_hash,
        "audience": list(one.audience),
        "metadata": dict(one.document.metadata),
        "source_updated_at": one.document.updated_at,
        "anchors": dict(one.document.anchors),
        "owner": one.owner,
        "expires_at": one.expires_at,
        "placed": one.placed,
        "duplicate_of": None,
    }


async def _write_chunks(
    connection: AsyncConnection,
    documents: Sequence[Prepared],
    ids: Sequence[int],
    counted: Sequence[Sequence[Counter[str]]],
    encoder: str,
) -> None:
    terms = [counts for chunks in counted for counts in chunks]
    if not terms:
        return
    length = sum(counts.total() for counts in terms)
    average = await postings.impact_average(connection, len(terms), length)
    numbers = await postings.count_terms(connection, terms)
    scopes = await scope_ids(
        connection, {scope_of(one.collection, one.audience) for one in documents}
    )
    first = await postings.reserve_chunk_ids(connection, len(terms))
    last = first + len(terms) - 1
    places = (
        (one, document_id, piece)
        for one, document_id in zip(documents, ids, strict=True)
        for piece in one.chunks
    )
    rows = [
        ChunkRow(
            id=chunk_id,
            document_id=document_id,
            position=piece.position,
            scope_id=scopes[scope_of(one.collection, one.audience)],
            heading=piece.heading,
            text=piece.text,
            context=piece.context,
            anchor=anchor_of(piece, one.document.anchors),
            held=HeldTerms.of(counts, numbers, average),
        )
        for chunk_id, (one, document_id, piece), counts in zip(
            range(first, last + 1), places, terms, strict=True
        )
    ]
    vectors = (vector for one in documents for vector in one.vectors)
    made = ((row.id, row.scope_id, vector) for row, vector in zip(rows, vectors, strict=True))
    async with (await raw_connection(connection)).cursor() as cursor:
        await copy_chunks(cursor, rows)
        await copy_embeddings(cursor, encoder, made)
    await postings.add_postings(connection, first, last)
    await count_in(connection, Counter(row.scope_id for row in rows))
    await postings.change_totals(connection, len(rows), length)
