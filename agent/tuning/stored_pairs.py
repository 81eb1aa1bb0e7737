"""Pairs as they are stored, with what a person wants to know of each."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.learned.stale_pairs import is_stale
from agent.tables import pair
from knowledge.secret_patterns import without_secrets

ACTIVE = ("candidate", "approved")
"""The states of pairs that are taught or may yet be."""


@dataclass(frozen=True, slots=True)
class StoredPair:
    """A pair with its state; an approved one whose document no longer says so is ``stale``."""

    id: int
    question: str
    answer: str
    topic: str
    audience: tuple[str, ...]
    source: str
    state: str
    origin: str
    author: str
    language: str
    note: str
    document_id: int | None
    document_version: int | None
    created_at: datetime

    def as_json(self) -> dict[str, Any]:
        """For the command line; a secret in a text is named, never shown."""
        shown = {
            "question": without_secrets(self.question),
            "answer": without_secrets(self.answer),
            "topic": without_secrets(self.topic),
            "created_at": self.created_at.isoformat(),
        }
        return {**asdict(self), "audience": list(self.audience), **shown}


def current_state() -> ColumnElement[str]:
    """Of a row of ``pair``: its state, or ``stale`` where its document no longer says so."""
    return case((and_(pair.c.state.in_(ACTIVE), is_stale()), "stale"), else_=pair.c.state)


async def stored_pairs(connection: AsyncConnection, ids: Iterable[int]) -> dict[int, StoredPair]:
    """Those of the ids that there are, by id."""
    query = _select().where(pair.c.id.in_(sorted(set(ids))))
    return {one.id: one for one in await _read(connection, query)}


async def active_pairs(connection: AsyncConnection) -> list[StoredPair]:
    """Every candidate and approved pair that its document still bears out, oldest first."""
    return await _read(connection, _select().where(current_state().in_(ACTIVE)))


async def listed_pairs(
    connection: AsyncConnection,
    state: str | None = None,
    topic: str | None = None,
    search: str | None = None,
    limit: int | None = None,
) -> list[StoredPair]:
    """Pairs by state, topic and words of question or answer, newest first."""
    query = _select().order_by(None).order_by(pair.c.id.desc()).limit(limit)
    if state is not None:
        query = query.where(current_state() == state)
    if topic is not None:
        query = query.where(pair.c.topic.icontains(topic, autoescape=True))
    if search is not None:
        columns = (pair.c.question, pair.c.answer)
        query = query.where(or_(*(one.icontains(search, autoescape=True) for one in columns)))
    return await _read(connection, query)


def _select() -> Select[Any]:
    columns = (
        pair.c.id,
        pair.c.question,
        pair.c.answer,
        pair.c.topic,
        pair.c.audience,
        pair.c.source,
        current_state().label("state"),
        pair.c.origin,
        pair.c.author,
        pair.c.language,
        pair.c.note,
        pair.c.document_id,
        pair.c.document_version,
        pair.c.created_at,
    )
    return select(*columns).order_by(pair.c.id)


async def _read(connection: AsyncConnection, query: Select[Any]) -> list[StoredPair]:
    rows = (await connection.execute(query)).mappings()
    return [StoredPair(**{**row, "audience": tuple(row["audience"])}) for row in rows]
