"""Documents that nothing stands for any more: indexed themselves, once that has come about."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge.embedding import Encoder
from knowledge.storage.ingest import ingest
from knowledge.storage.library import Library
from knowledge.storage.prepared import Prepared
from knowledge.storage.stored_drafts import stored_drafts

_UNCOVERED = text("""
    SELECT id FROM document JOIN document_version AS newest
        ON newest.document_id = document.id AND newest.version = document.version
    WHERE duplicate_of IS NULL AND newest.text <> ''
    AND NOT EXISTS (SELECT FROM chunk WHERE chunk.document_id = document.id)
""")

_STILL = text("""
    SELECT document.collection, document.source FROM document JOIN unnest(
        CAST(:collections AS text[]), CAST(:sources AS text[]), CAST(:hashes AS text[])
    ) AS new (collection, source, content_hash) USING (collection, source, content_hash)
    WHERE duplicate_of IS NULL
    AND NOT EXISTS (SELECT FROM chunk WHERE chunk.document_id = document.id)
""")


async def index_uncovered(library: Library, encoder: Encoder) -> int:
    """Index what was found through another document that has changed or gone; returns how many.

    Their versions stay as they are. Any number of processes may do so at once; what one that dies
    leaves undone, the next one does.
    """
    async with library.engine.connect() as connection:
        waiting = list(await connection.scalars(_UNCOVERED))
        drafts = await stored_drafts(connection, waiting) if waiting else []
    if not drafts:
        return 0
    done = await ingest(drafts, library, encoder, still=_still)
    return len(done.sources)


async def _still(connection: AsyncConnection, prepared: Sequence[Prepared]) -> list[bool]:
    """Not what has been renewed, removed or indexed meanwhile."""
    asked = {
        "collections": [one.collection for one in prepared],
        "sources": [one.document.source for one in prepared],
        "hashes": [one.content_hash for one in prepared],
    }
    rows = await connection.execute(_STILL, asked)
    open_still = {(collection, source) for collection, source in rows}
    return [(one.collection, one.document.source) in open_still for one in prepared]
