"""Documents and their chunks into the tables, in the transaction of a library's put."""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import ARRAY, BigInteger, Integer, any_, cast, delete, func, literal, literal_column
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge import tables
from knowledge.chunking import anchor_of, searchable
from knowledge.database import raw_connection
from knowledge.storage import postings
from knowledge.storage.duplicates import Marked, release_duplicates
from knowledge.storage.prepared import Prepared
from knowledge.storage.rows import ChunkRow, HeldTerms, copy_chunks, copy_embeddings
from knowledge.storage.scopes import count_in, scope_ids, scope_of
from knowledge.terms import index_terms


def marked(documents: Sequence[Prepared], ids: Sequence[int]) -> list[Marked]:
    """Those that are not to be indexed beside another that says the same."""
    return [
        Marked(number, one.collection, one.audience, one.document, one.fingerprint)
        for one, number in zip(documents, ids, strict=True)
        if one.fingerprint is not None
    ]


def counted_terms(documents: Sequence[Prepared]) -> list[list[Counter[str]]]:
    """Term frequencies of every chunk of every document."""
    return [
        [Counter(index_terms(searchable(one.document.title, piece))) for piece in one.chunks]
        for one in documents
    ]


async def write_documents(
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


async def write_chunks(
    connection: AsyncConnection,
    documents: Sequence[Prepared],
    ids: Sequence[int],
    counted: Sequence[Sequence[Counter[str]]],
    encoder: str,
) -> None:
    """Write the documents' chunks with their terms and vectors; ``counted`` as `counted_terms`."""
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
