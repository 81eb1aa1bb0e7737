"""What the knowledge base holds, for the admin: documents, their text, their versions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    RowMapping,
    ScalarSelect,
    Select,
    any_,
    func,
    literal,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge.documents import ATTACHED
from knowledge.errors import InvalidInput
from knowledge.tables import chunk, document, document_version, question


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
    owner: str | None
    expires_at: datetime | None
    duplicate_of: int | None


@dataclass(frozen=True, slots=True)
class Holdings:
    """How much some documents hold; ``standing_in`` others are found through them."""

    documents: int
    chunks: int
    questions: int
    versions: int
    standing_in: int


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
    """Every document, or a collection's, by collection and source; not conversations' files."""
    wanted = document.c.collection != ATTACHED
    if collection is not None:
        wanted = document.c.collection == collection
    query = _listing().where(wanted).order_by(document.c.collection, document.c.source)
    return [_listed(row) for row in (await connection.execute(query)).mappings()]


async def shown(connection: AsyncConnection, document_id: int) -> Shown:
    """One document with its newest text; raises InvalidInput when there is none."""
    found = await connection.execute(_listing().where(document.c.id == document_id))
    row = found.mappings().one_or_none()
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


async def holdings(connection: AsyncConnection, document_ids: Sequence[int]) -> Holdings:
    """What goes with these documents when they are removed."""
    named = literal(list(document_ids), ARRAY(BigInteger))

    def counted(column: ColumnElement[int | None]) -> ScalarSelect[int]:
        return select(func.count()).where(column == any_(named)).scalar_subquery()

    query = select(
        counted(document.c.id),
        counted(chunk.c.document_id),
        counted(question.c.document_id),
        counted(document_version.c.document_id),
        counted(document.c.duplicate_of),
    )
    return Holdings(*(await connection.execute(query)).one())


async def text_of(connection: AsyncConnection, document_id: int, version: int) -> str:
    """A version's text; raises InvalidInput when there is none."""
    query = select(document_version.c.text).where(
        document_version.c.document_id == document_id, document_version.c.version == version
    )
    content: str | None = await connection.scalar(query)
    if content is None:
        raise InvalidInput(
            f"document {document_id} has no version {version}: "
            f"see `knowhow documents history {document_id}`"
        )
    return content


def _listing() -> Select[Any]:
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
        chunks.label("chunks"),
        columns.updated_at,
        columns.owner,
        columns.expires_at,
        columns.duplicate_of,
    )


def _listed(row: RowMapping) -> Listed:
    values = {str(name): value for name, value in row.items()}
    return Listed(**{**values, "audience": tuple(row["audience"])})


def _no_document(document_id: int) -> InvalidInput:
    return InvalidInput(f"there is no document {document_id}: see `knowhow documents list`")
