"""Context lines: what a chunk leaves out because its document said it before. Found by, not quoted.

Anthropic 2024, "Introducing Contextual Retrieval".
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from knowledge.documents import ATTACHED

_HELD = text("""
    SELECT collection, source, chunk.text, context
    FROM unnest(CAST(:collections AS text[]), CAST(:sources AS text[]))
        AS asked (collection, source)
    JOIN document USING (collection, source)
    JOIN chunk ON chunk.document_id = document.id
    WHERE context <> ''
""")

_WITHOUT = text("""
    SELECT id FROM document
    WHERE (CAST(:collection AS text) IS NULL OR collection = :collection)
    AND collection <> :attached
    AND EXISTS (SELECT FROM chunk WHERE chunk.document_id = document.id AND context = '')
    AND (SELECT count(*) FROM chunk WHERE chunk.document_id = document.id) > 1
    ORDER BY id LIMIT :limit
""")

_UNSITUATED = text("""
    SELECT text, heading FROM chunk WHERE document_id = :document AND context = ''
    ORDER BY position
""")


async def contexts_of(
    engine: AsyncEngine, keys: Sequence[tuple[str, str]]
) -> Mapping[tuple[str, str], Mapping[str, str]]:
    """Context lines of stored documents, by collection and source, then by their chunk's text."""
    asked = {"collections": [key[0] for key in keys], "sources": [key[1] for key in keys]}
    held: defaultdict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    async with engine.connect() as connection:
        for collection, source, content, context in await connection.execute(_HELD, asked):
            held[collection, source][content] = context
    return held


async def documents_without(
    engine: AsyncEngine, collection: str | None, limit: int | None
) -> list[int]:
    """Documents of several chunks, some of which have no context line."""
    async with engine.connect() as connection:
        asked = {"collection": collection, "limit": limit, "attached": ATTACHED}
        return list(await connection.scalars(_WITHOUT, asked))


async def unsituated(engine: AsyncEngine, document_id: int) -> list[tuple[str, tuple[str, ...]]]:
    """Text and headings of the document's chunks that have no context line."""
    async with engine.connect() as connection:
        rows = await connection.execute(_UNSITUATED, {"document": document_id})
        return [(content, tuple(heading)) for content, heading in rows]
