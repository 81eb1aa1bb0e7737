"""Rows that are worked off under a lease: the moves that the ledger and the errands share.

Such a table has ``id``, ``lane``, ``state``, ``lease``, ``lease_until``, ``attempts``,
``created_at`` and ``updated_at``. Whoever works on a row holds its lease, and every move compares
the lease's token, so that a worker that lost it (killed, frozen, cut off) can no longer change
anything. Rows of one lane are worked off one after the other, oldest first.
"""

from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Table,
    and_,
    bindparam,
    func,
    or_,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningUpdate

from agent.errors import AgentError


class Enqueue(Protocol):
    """Adds a wake-up for a row in the connection's transaction; a higher priority runs first.

    While one for the row still waits, another does nothing. A ``new`` row has none, and nobody
    else sees it yet.
    """

    async def __call__(
        self,
        connection: AsyncConnection,
        row: UUID,
        lane: str,
        priority: int = 0,
        *,
        new: bool = False,
    ) -> None:
        """Add it."""
        ...


LEASE = timedelta(seconds=60)
"""Several times what one request to Slack may take, so that none outlasts its sender's lease."""

_UNCLAIMED_AFTER = 0.25
"""A row that nobody claimed for this part of a lease has lost its job, or waits in a long queue."""

_MOST_WOKEN = 200

OF_LANE = "of_lane"
"""The parameter of statements about one lane."""


class LeaseLost(AgentError):
    """Another worker holds the row now: leave it alone."""


def is_open(table: FromClause) -> ColumnElement[bool]:
    """Whether a row still has to come to an end; the same words as the tables' partial indexes."""
    return table.c.state.not_in(("done", "failed"))


def is_head(table: Table, others: FromClause) -> ColumnElement[bool]:
    """Whether no older row of its lane is open; ``others`` is an alias of the table."""
    older = tuple_(others.c.created_at, others.c.id) < tuple_(table.c.created_at, table.c.id)
    return ~(
        select(others.c.id)
        .where(others.c.lane == table.c.lane, is_open(others), older)
        .correlate(table)
        .exists()
    )


def claiming(
    table: Table, lease: timedelta, due: ColumnElement[bool] | None = None, **changes: Any
) -> ReturningUpdate[Any]:
    """Takes the oldest open row `OF_LANE`; no row when there is none, it is held, or not due.

    Nobody waits for a row that is locked: a worker that was frozen within its transaction would
    hold up all who are woken for the lane. The sweep wakes somebody for it again. The oldest is
    found before anything is locked, so that the lane's next never takes its place; the conditions
    are those of the locked row, which Postgres reads again when it changed meanwhile. Build it
    once: that takes longer than carrying it out.
    """
    others = table.alias()
    oldest = (
        select(others.c.id)
        .where(others.c.lane == bindparam(OF_LANE), is_open(others))
        .order_by(others.c.created_at, others.c.id)
        .limit(1)
        .scalar_subquery()
    )
    free = (
        select(table.c.id)
        .where(
            table.c.id == oldest,
            is_open(table),
            or_(table.c.lease_until.is_(None), table.c.lease_until < func.now()),
            true() if due is None else due,
        )
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    return (
        update(table)
        .where(table.c.id == free)
        .values(
            lease=func.gen_random_uuid(),
            lease_until=func.now() + lease,
            attempts=table.c.attempts + 1,
            updated_at=func.now(),
            **changes,
        )
        .returning(table)
    )


async def moved(
    connection: AsyncConnection, table: Table, row: UUID, token: UUID, **changes: Any
) -> None:
    """Compare-and-set by the lease's token. Raises LeaseLost."""
    statement = (
        update(table)
        .where(table.c.id == row, table.c.lease == token)
        .values(updated_at=func.now(), **changes)
    )
    if (await connection.execute(statement)).rowcount != 1:
        raise LeaseLost(f"another worker took over {table.name} {row}: nothing to do")


async def wake_next(connection: AsyncConnection, table: Table, lane: str, wake: Enqueue) -> None:
    """Enqueue the lane's oldest open row, if there is one."""
    following = (
        await connection.execute(
            select(table.c.id)
            .where(table.c.lane == lane, is_open(table))
            .order_by(table.c.created_at, table.c.id)
            .limit(1)
        )
    ).scalar_one_or_none()
    if following is not None:
        await wake(connection, following, lane)


async def wake_overdue(
    connection: AsyncConnection,
    table: Table,
    wake: Enqueue,
    lease: timedelta,
    *,
    due: ColumnElement[bool] | None = None,
    of_a_person: int | None = None,
) -> int:
    """Enqueue what nobody works on (expired leases, ended delays, lost jobs); how many it is.

    No more than so many ``of_a_person``: more would wait again, and be woken before others are.
    """
    since = func.coalesce(table.c.lease_until, table.c.created_at + _UNCLAIMED_AFTER * lease)
    # In a long queue most rows have only waited long; what somebody dropped comes first.
    first = (table.c.lease_until.is_(None), since)
    overdue = (
        select(
            table.c.id,
            table.c.lane,
            table.c.lease_until,
            func.row_number().over(order_by=first).label("of_all"),
            func.row_number().over(partition_by=table.c.person, order_by=first).label("of_theirs"),
        )
        .where(
            # The others of a lane are woken when the oldest is done.
            and_(is_open(table), since < func.now(), is_head(table, table.alias())),
            true() if due is None else due,
        )
        .subquery()
    )
    woken = (
        select(overdue)
        .where(true() if of_a_person is None else overdue.c.of_theirs <= of_a_person)
        .order_by(overdue.c.of_all)
        .limit(_MOST_WOKEN)
    )
    rows = (await connection.execute(woken)).all()
    for row in rows:
        dropped = row.lease_until is not None  # before all that is new: it has waited already
        await wake(connection, row.id, row.lane, 1 if dropped else 0)
    return len(rows)


def storable(value: Any) -> Any:
    """Without what Postgres cannot store: NUL, and halves of surrogate pairs."""
    match value:
        case str():
            return value.replace("\0", "").encode("utf-8", "ignore").decode()
        case dict():
            return {key: storable(item) for key, item in value.items()}
        case list():
            return [storable(item) for item in value]
        case _:
            return value
