"""What is handed over to a person: an answer to correct, or a question that had none.

A hand-over goes along a chain of people until one of them settles it; each step compares and sets
in the database, so that of several people (or clicks) only the first one counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Row, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.feedback_tables import handover as table
from agent.leasing import storable
from knowledge.database import Database

Kind = Literal["correction", "question"]
State = Literal["open", "answered", "right"]


@dataclass(frozen=True, slots=True)
class Handover:
    """``thread_ts`` is where everybody is told the outcome; None: the ``person`` alone is.

    ``chain`` holds users, groups and channels by ID; whose turn it is says ``step``, and nobody's
    at its end. ``documents`` are those that ``answer`` rests on. ``settlement`` is the errand that
    settled it: run again, that one goes on, and every other one comes too late.
    """

    key: str
    kind: Kind
    team: str
    channel: str
    ts: str | None
    thread_ts: str | None
    person: str
    mention: UUID | None
    question: str = field(repr=False)
    answer: str = field(repr=False)
    audience: tuple[str, ...]
    documents: tuple[int, ...] = ()
    chain: tuple[str, ...] = ()
    step: int = 0
    state: State = "open"
    resolution: str | None = field(default=None, repr=False)
    resolved_by: str | None = None
    settlement: UUID | None = None
    created_at: datetime | None = None
    id: UUID = field(default_factory=uuid4)

    @property
    def holder(self) -> str:
        """Whose turn it is; empty: nobody is left to ask."""
        return self.chain[self.step] if self.step < len(self.chain) else ""


async def hand_over(connection: AsyncConnection, one: Handover) -> tuple[Handover, bool]:
    """Store it, unless its key is known: then the one that is there, and False."""
    row = {name: storable(getattr(one, name)) for name in Handover.__dataclass_fields__}
    lists = ("audience", "documents", "chain")
    row |= {name: list(getattr(one, name)) for name in lists}
    del row["created_at"]
    statement = insert(table).values(**row).on_conflict_do_nothing()
    new = await connection.scalar(statement.returning(table.c.id)) is not None
    found = await connection.execute(select(table).where(table.c.key == one.key))
    return _handover(found.one()), new


async def handover(database: Database, number: UUID) -> Handover | None:
    """The hand-over, whatever became of it."""
    async with database.engine.connect() as connection:
        row = (await connection.execute(select(table).where(table.c.id == number))).one_or_none()
    return None if row is None else _handover(row)


async def handover_of(database: Database, key: str) -> Handover | None:
    """The hand-over with that key."""
    async with database.engine.connect() as connection:
        row = (await connection.execute(select(table).where(table.c.key == key))).one_or_none()
    return None if row is None else _handover(row)


async def open_handovers(
    database: Database, team: str, limit: int = 100, offset: int = 0
) -> tuple[Handover, ...]:
    """What still waits for a person, the longest first."""
    query = select(table).where(*_waits(team)).order_by(table.c.created_at, table.c.id)
    async with database.engine.connect() as connection:
        rows = await connection.execute(query.limit(limit).offset(offset))
        return tuple(_handover(row) for row in rows)


async def count_open(database: Database, team: str) -> int:
    """How many of those there are."""
    query = select(func.count()).select_from(table).where(*_waits(team))
    async with database.engine.connect() as connection:
        return int(await connection.scalar(query) or 0)


def _waits(team: str) -> tuple[ColumnElement[bool], ...]:
    return table.c.team == team, table.c.state == "open"


async def pass_on(connection: AsyncConnection, number: UUID, step: int) -> bool:
    """Give it to the next of its chain. False: it was not open any more, or passed on already."""
    moved = await connection.execute(
        update(table)
        .where(table.c.id == number, table.c.step == step, table.c.state == "open")
        .values(step=step + 1)
    )
    return moved.rowcount == 1


async def settle(
    connection: AsyncConnection,
    number: UUID,
    by: str,
    state: State,
    *,
    errand: UUID,
    resolution: str | None = None,
) -> bool:
    """Close it as one person says. False: another errand was there before."""
    settled = await connection.execute(
        update(table)
        .where(
            table.c.id == number,
            or_(table.c.state == "open", table.c.settlement == errand),
        )
        .values(
            state=state,
            resolution=storable(resolution),
            resolved_by=by,
            resolved_at=func.now(),
            settlement=errand,
        )
    )
    return settled.rowcount == 1


def _handover(row: Row[Any]) -> Handover:
    given: dict[str, Any] = {name: getattr(row, name) for name in Handover.__dataclass_fields__}
    lists: Sequence[str] = ("audience", "documents", "chain")
    return Handover(**given | {name: tuple(given[name]) for name in lists})
