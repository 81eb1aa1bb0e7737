"""What the knowledge base holds, for the admin: documents, their text, their versions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge.errors import InvalidInput
from knowledge.tables import chunk, document, document_version


@dataclass(frozen=True, slots=True)
class Listed:
    """A stored document as a list shows it."""

    id: int
    collection: str
    source: str
    uri: str
    title: str
    audience: tuple[str, ...]
    version: int
    chunks: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Shown:
    """A stored document whole."""

    listed: Listed
    metadata: Mapping[str, object]
    text: str


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a document; the newest is the one that is searched."""

    version: int
    title: str
    content_hash: str
    characters: int
    created_at: datetime
    author: str


async def listed(connection: AsyncConnection, collection: str | None) -> list[Listed]:
    """Every document, or a collection's, by collection and source."""
    query = _listing().order_by(document.c.collection, document.c.source)
    if collection is not None:
        query = query.where(document.c.collection == collection)
    return [_listed(row) for row in await connection.execute(query)]


async def shown(connection: AsyncConnection, document_id: int) -> Shown:
    """One document with its newest text; raises InvalidInput when there is none."""
    row = (await connection.execute(_listing().where(document.c.id == document_id))).one_or_none()
    if row is None:
        raise _no_document(document_id)
    version = document_version.c
    newest = (
        select(version.text, document.c.metadata)
        .join_from(document, document_version, version.document_id == document.c.id)
        .where(document.c.id == document_id, version.version == document.c.version)
    )
    content, metadata = (await connection.execute(newest)).one()
    return Shown(_listed(row), metadata, content)


async def history(connection: AsyncConnection, document_id: int) -> list[Version]:
    """A document's versions, newest first; raises InvalidInput when there is none."""
    version = document_version.c
    query = (
        select(
            version.version,
            version.title,
            version.content_hash,
            func.char_length(version.text),
            version.created_at,
            version.author,
        )
        .where(version.document_id == document_id)
        .order_by(version.version.desc())
    )
    versions = [Version(*row) for row in await connection.execute(query)]
    if not versions:
        raise _no_document(document_id)
    return versions


def _listing() -> Select[int, str, str, str, str, list[str], int, int, datetime]:
    chunks = (
        select(func.count())
        .where(chunk.c.document_id == document.c.id)
        .correlate(document)
        .scalar_subquery()
    )
    columns = document.c
    return select(
        columns.id,
        columns.collection,
        columns.source,
        columns.uri,
        columns.title,
        columns.audience,
        columns.version,
        chunks,
        columns.updated_at,
    )


def _listed(row: Row[int, str, str, str, str, list[str], int, int, datetime]) -> Listed:
    number, collection, source, uri, title, audience, version, chunks, updated_at = row
    return Listed(
        number, collection, source, uri, title, tuple(audience), version, chunks, updated_at
    )


def _no_document(document_id: int) -> InvalidInput:
    return InvalidInput(f"there is no document {document_id}: see `knowhow documents list`")
