"""An earlier version of a document, made the newest again."""

import hashlib

from sqlalchemy import select

from knowledge.database import Database
from knowledge.documents import Document
from knowledge.embedding import Encoder
from knowledge.errors import InvalidInput
from knowledge.storage.ingest import Draft, ingest
from knowledge.storage.library import Library
from knowledge.storage.uncovered import index_uncovered
from knowledge.tables import document, document_version


async def restore(
    document_id: int, version: int, database: Database, encoder: Encoder, author: str = ""
) -> int:
    """Store the version's text, title and address as a new version; returns its number.

    Who may see the document stays as it is now: a restore must never show more people more. Its
    hash is no upload's, so that the next upload of its source brings the source's text back.
    Raises InvalidInput where there is no such version, or it is the newest.
    """
    draft, newest = await _draft(document_id, version, database, author)
    if version == newest:
        raise InvalidInput(f"version {version} of document {document_id} is the newest already")
    library = Library(database, encoder)
    await library.check_encoder()
    done = await ingest([draft], library, encoder)
    if done.failed:
        raise InvalidInput(f"version {version} cannot be restored: {done.failed[0].reason}")
    await index_uncovered(library, encoder)
    return newest + 1


async def _draft(
    document_id: int, version: int, database: Database, author: str
) -> tuple[Draft, int]:
    query = (
        select(
            document.c.source,
            document.c.collection,
            document.c.audience,
            document.c.owner,
            document.c.expires_at,
            document.c.source_updated_at,
            document.c.version.label("newest"),
            document.c.placed,
            document.c.uri.label("present_uri"),
            document_version.c.uri,
            document_version.c.title,
            document_version.c.text,
            document_version.c.metadata,
            document_version.c.anchors,
        )
        .join_from(document, document_version)
        .where(document.c.id == document_id, document_version.c.version == version)
    )
    async with database.engine.connect() as connection:
        row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise InvalidInput(
            f"document {document_id} has no version {version}: "
            f"see `knowhow documents history {document_id}`"
        )
    old = Document(
        source=row.source,
        uri=row.uri or row.present_uri,
        title=row.title,
        text=row.text,
        metadata=row.metadata,
        updated_at=row.source_updated_at,
        anchors=row.anchors,
    )
    mark = hashlib.sha256(f"{version} over {row.newest}\0{row.text}".encode()).hexdigest()
    draft = Draft(
        old,
        row.collection,
        tuple(row.audience),
        f"restored-{mark}",
        owner=row.owner,
        expires_at=row.expires_at,
        author=author,
        placed=row.placed,
        once=True,
    )
    return draft, row.newest
