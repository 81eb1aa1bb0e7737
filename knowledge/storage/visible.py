"""What the library holds for one reader's eyes: how much it is, and a page of its documents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from knowledge.documents import ATTACHED, Reader

_VISIBLE = "audience && CAST(:principals AS text[]) AND collection <> :attached"

_PAGE = text(f"""
    SELECT id, title, uri, collection, coalesce(source_updated_at, updated_at), count(*) OVER ()
    FROM document WHERE {_VISIBLE}
    ORDER BY lower(title), id LIMIT :limit OFFSET :offset
""")  # noqa: S608 - a constant

_HOLDINGS = text(f"""
    SELECT
        (SELECT count(*) FROM document WHERE {_VISIBLE}),
        coalesce(sum(chunks), 0),
        coalesce(array_agg(DISTINCT collection), '{{}}')
    FROM scope WHERE {_VISIBLE}
""")  # noqa: S608 - a constant


@dataclass(frozen=True, slots=True)
class Visible:
    """A document as a reader's list shows it."""

    id: int
    title: str
    uri: str
    collection: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the documents; ``total`` is how many there are in all."""

    documents: tuple[Visible, ...]
    offset: int
    total: int


@dataclass(frozen=True, slots=True)
class Held:
    """How much a reader may see."""

    documents: int
    chunks: int
    collections: Sequence[str]


async def visible_page(engine: AsyncEngine, reader: Reader, offset: int, limit: int) -> Page:
    """A page by title; one behind the end is empty, and then ``total`` is 0."""
    asked = {"principals": list(reader.principals), "attached": ATTACHED}
    async with engine.connect() as connection:
        rows = (await connection.execute(_PAGE, asked | {"limit": limit, "offset": offset})).all()
    total = int(rows[0][5]) if rows else 0
    return Page(tuple(Visible(*row[:5]) for row in rows), offset, total)


async def held_for(engine: AsyncEngine, reader: Reader) -> Held:
    """The counts, in one statement."""
    asked = {"principals": list(reader.principals), "attached": ATTACHED}
    async with engine.connect() as connection:
        return Held(*(await connection.execute(_HOLDINGS, asked)).one())
