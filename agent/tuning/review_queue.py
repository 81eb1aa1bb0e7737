"""The queue as a person goes through it: its items with their pairs, then the new candidates."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.learned.stale_pairs import is_stale
from agent.paging import Part, cut, page_start
from agent.tables import pair
from agent.tuning.pair_queue import Item, asked_about, is_open, open_counts, open_items
from agent.tuning.stored_pairs import StoredPair, stored_pairs
from knowledge.database import Database


@dataclass(frozen=True, slots=True)
class Question:
    """An item of the queue with its pairs; ``item`` is None for a candidate nobody has seen yet."""

    item: Item | None
    pairs: tuple[StoredPair, ...]

    def as_json(self) -> dict[str, Any]:
        """For the command line."""
        one = self.item
        return {
            "item": one and one.id,
            "kind": one.kind if one else "candidate",
            "why": one.why if one else "waits for approval",
            "score": one and one.score,
            "pairs": [pair.as_json() for pair in self.pairs],
        }


async def questions(database: Database, kind: str | None = None) -> list[Question]:
    """The queue, and after it the candidates that are in none of its items, oldest first."""
    async with database.engine.connect() as connection:
        items = await _items(connection, kind)
        return [*items, *(await _candidates(connection) if kind in {None, "candidate"} else ())]


async def questions_at(
    database: Database, at: int, size: int
) -> tuple[tuple[Question, ...], int, int]:
    """A page of the same, the number that it begins with, and how many there are."""
    async with database.engine.connect() as connection:
        asked = sum((await open_counts(connection)).values())
        counted = select(func.count()).select_from(pair).where(*_unseen())
        waiting = int(await connection.scalar(counted) or 0)
        parts: list[Part[Question]] = [
            (asked, partial(_items, connection, None)),
            (waiting, partial(_candidates, connection)),
        ]
        start = page_start(at, size, asked + waiting)
        return await cut(parts, start, size), start, asked + waiting


async def _items(
    connection: AsyncConnection, kind: str | None, limit: int | None = None, offset: int = 0
) -> list[Question]:
    items = await open_items(connection, kind, limit, offset)
    pairs = await stored_pairs(connection, [number for one in items for number in one.pairs])
    return [Question(one, tuple(pairs[number] for number in one.pairs)) for one in items]


async def _candidates(
    connection: AsyncConnection, limit: int | None = None, offset: int = 0
) -> list[Question]:
    query = select(pair.c.id).where(*_unseen()).order_by(pair.c.id).limit(limit).offset(offset)
    numbers = list(await connection.scalars(query))
    pairs = await stored_pairs(connection, numbers)
    return [Question(None, (pairs[number],)) for number in numbers]


def _unseen() -> tuple[ColumnElement[bool], ...]:
    """Of a row of ``pair``: a candidate that nobody is asked about yet."""
    return pair.c.state == "candidate", ~is_stale(), pair.c.id.not_in(asked_about())


async def as_it_stands(database: Database, question: Question) -> Question | None:
    """The question with its pairs as they are now; None where it has been settled meanwhile."""
    async with database.engine.connect() as connection:
        now = await stored_pairs(connection, [one.id for one in question.pairs])
        pairs = tuple(now[one.id] for one in question.pairs)
        if question.item is None:
            return Question(None, pairs) if pairs[0].state == "candidate" else None
        still = await is_open(connection, question.item.id)
    return Question(question.item, pairs) if still else None
