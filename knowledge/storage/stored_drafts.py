"""Stored documents as drafts again, to be cut and encoded anew without their source."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge.documents import Document
from knowledge.storage.ingest import Draft
from knowledge.tables import document, document_version


async def stored_drafts(connection: AsyncConnection, ids: Sequence[int]) -> list[Draft]:
    """The newest versions of these documents, just as they are: storing them makes none newer."""
    query = (
        select(document, document_version.c.text, document_version.c.author)
        .join_from(document, document_version)
        .where(document.c.id.in_(ids), document_version.c.version == document.c.version)
        .order_by(document.c.id)
    )
    return [
        Draft(
            Document(
                row.source,
                row.uri,
                row.title,
                row.text,
                row.metadata,
                row.source_updated_at,
                row.anchors,
            ),
            row.collection,
            tuple(row.audience),
            row.content_hash,
            owner=row.owner,
            expires_at=row.expires_at,
            author=row.author,
            placed=row.placed,
            once=True,
        )
        for row in await connection.execute(query)
    ]
