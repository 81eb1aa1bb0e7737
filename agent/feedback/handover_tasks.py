"""The messages that ask somebody for a hand-over, and what is written below them."""

from dataclasses import dataclass, field
from uuid import UUID, uuid4

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.postgresql import insert

from agent.feedback_tables import handover_reply, handover_task
from agent.leasing import storable
from knowledge.database import Database

_UNSENT = "?"
"""How the ts of a task begins that is about to be sent."""


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
