"""What is handed over to a person: an answer to correct, or a question that had none.

A hand-over goes along a chain of people until one of them settles it; each step compares and sets
in the database, so that of several people (or clicks) only the first one counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from sqlalchemy import Row, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.feedback_tables import handover as table
from agent.feedback_tables import handover_reply, handover_task
from agent.leasing import storable
from knowledge.database import Database

Kind = Literal["correction", "question"]
State = Literal["open", "answered", "right"]

_UNSENT = "?"
"""How the ts of a task begins that is about to be sent."""


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


@dataclass(frozen=True, slots=True)
class Task:
    """A message that asks somebody (``person`` may be a channel)."""

    handover: UUID
    person: str
    channel: str
    ts: str
    step: int


@dataclass(frozen=True, slots=True)
class Reply:
    """Something that was written below a task."""

    id: UUID
    handover: UUID
    person: str
    text: str = field(repr=False)


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


async def open_handovers(database: Database, team: str, limit: int = 100) -> tuple[Handover, ...]:
    """What still waits for a person, the longest first."""
    query = (
        select(table)
        .where(table.c.team == team, table.c.state == "open")
        .order_by(table.c.created_at)
        .limit(limit)
    )
    async with database.engine.connect() as connection:
        return tuple(_handover(row) for row in await connection.execute(query))


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


async def note_task(database: Database, task: Task) -> None:
    """Remember whom a message asks; asked again, the last message counts.

    Without a ts it is about to be sent: who gets it may answer before its ts is noted.
    """
    row = {name: getattr(task, name) for name in Task.__dataclass_fields__}
    if task.ts:
        statement = insert(handover_task).values(**row)
        statement = statement.on_conflict_do_update(
            index_elements=[handover_task.c.handover, handover_task.c.person], set_=row
        )
    else:
        row["ts"] = f"{_UNSENT}{task.handover}"
        statement = insert(handover_task).values(**row).on_conflict_do_nothing()
    async with database.engine.begin() as connection:
        await connection.execute(statement)


async def note_unasked(database: Database, number: UUID, person: str) -> None:
    """The message that was about to be sent cannot be."""
    unsent = delete(handover_task).where(
        handover_task.c.handover == number,
        handover_task.c.person == person,
        handover_task.c.ts.startswith(_UNSENT),
    )
    async with database.engine.begin() as connection:
        await connection.execute(unsent)


async def tasks(database: Database, number: UUID) -> tuple[Task, ...]:
    """All messages that ask somebody for it."""
    query = select(handover_task).where(
        handover_task.c.handover == number, ~handover_task.c.ts.startswith(_UNSENT)
    )
    query = query.order_by(handover_task.c.step, handover_task.c.person)
    async with database.engine.connect() as connection:
        return tuple(Task(**row) for row in (await connection.execute(query)).mappings())


async def was_asked(database: Database, number: UUID, person: str, channel: str = "") -> bool:
    """Whether the person was asked for it, or everybody in the channel was."""
    query = select(handover_task.c.ts).where(
        handover_task.c.handover == number,
        handover_task.c.person.in_([one for one in (person, channel) if one]),
    )
    async with database.engine.connect() as connection:
        return await connection.scalar(query.limit(1)) is not None


async def task_at(database: Database, channel: str, ts: str) -> Task | None:
    """The task that a message is; while one is being sent there, perhaps that one: without a ts."""
    unsent = handover_task.c.ts.startswith(_UNSENT)
    query = select(handover_task).where(
        handover_task.c.channel == channel, or_(handover_task.c.ts == ts, unsent)
    )
    async with database.engine.connect() as connection:
        found = await connection.execute(query.order_by(unsent).limit(1))
        row = found.mappings().one_or_none()
    if row is None:
        return None
    return Task(**row) if row["ts"] == ts else Task(**{**row, "ts": ""})


async def note_reply(database: Database, task: Task, person: str, ts: str, text: str) -> Reply:
    """Keep what was written below a task; the same message is kept once, as it was last."""
    row = {"id": uuid4(), "handover": task.handover, "person": person, "ts": ts}
    statement = insert(handover_reply).values(**row, text=storable(text))
    statement = statement.on_conflict_do_update(
        index_elements=[handover_reply.c.handover, handover_reply.c.ts],
        set_={"text": statement.excluded.text},
    )
    async with database.engine.begin() as connection:
        number: UUID = (
            await connection.execute(statement.returning(handover_reply.c.id))
        ).scalar_one()
    return Reply(number, task.handover, person, text)


async def reply(database: Database, number: UUID) -> Reply | None:
    """What was written, by its id."""
    columns = [handover_reply.c[name] for name in Reply.__dataclass_fields__]
    async with database.engine.connect() as connection:
        found = await connection.execute(select(*columns).where(handover_reply.c.id == number))
        row = found.mappings().one_or_none()
    return None if row is None else Reply(**row)


def _handover(row: Row[Any]) -> Handover:
    given: dict[str, Any] = {name: getattr(row, name) for name in Handover.__dataclass_fields__}
    lists: Sequence[str] = ("audience", "documents", "chain")
    return Handover(**given | {name: tuple(given[name]) for name in lists})
