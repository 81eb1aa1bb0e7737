"""What a reader may see of the library: how much, asked how, and what of it is past its date."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from knowledge.documents import ATTACHED, Reader

_EXPIRED = text("""
    SELECT title, uri, expires_at, count(*) OVER () FROM document
    WHERE expires_at < now() AND collection <> :attached
    AND audience && CAST(:principals AS text[])
    ORDER BY expires_at, id LIMIT :most
""")
_COUNTED = text("""
    SELECT collection, count(*) FROM document
    WHERE collection <> :attached AND audience && CAST(:principals AS text[])
    GROUP BY collection ORDER BY 2 DESC, 1
""")
_SUGGESTED = text("""
    SELECT DISTINCT ON (document.id) question.text FROM question
    JOIN document ON document.id = question.document_id
    WHERE collection <> :attached AND audience && CAST(:principals AS text[])
    AND char_length(question.text) < :longest
    ORDER BY document.id, question.id LIMIT :most
""")
_LONGEST = 150


@dataclass(frozen=True, slots=True)
class StaleDocument:
    """A document whose owner promised to look at it by then."""

    title: str
    uri: str
    since: datetime


async def expired(
    engine: AsyncEngine, reader: Reader, most: int
) -> tuple[list[StaleDocument], int]:
    """Those that the reader may see, the longest overdue first, and how many there are."""
    given = _given(reader) | {"most": most}
    async with engine.connect() as connection:
        rows = (await connection.execute(_EXPIRED, given)).all()
    return [StaleDocument(*row[:3]) for row in rows], rows[0][3] if rows else 0


async def visible_collections(engine: AsyncEngine, reader: Reader) -> Mapping[str, int]:
    """How many documents of each collection the reader may see, the largest first."""
    async with engine.connect() as connection:
        rows = await connection.execute(_COUNTED, _given(reader))
        return dict(iter(rows))


async def visible_questions(engine: AsyncEngine, reader: Reader, most: int) -> tuple[str, ...]:
    """Questions of the question set about documents that the reader may see, one a document."""
    given = _given(reader) | {"most": most, "longest": _LONGEST}
    async with engine.connect() as connection:
        return tuple(await connection.scalars(_SUGGESTED, given))


def _given(reader: Reader) -> dict[str, Any]:
    return {"principals": list(reader.principals), "attached": ATTACHED}
