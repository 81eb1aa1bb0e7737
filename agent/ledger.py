"""The ledger: every question that reached us in Slack, and how far its answer is.

The table is the truth, jobs only wake a worker up. A row moves ``received → answering → posting →
done | failed``; whoever moves it holds a lease, and every move compares the lease's token, so that
a worker that lost its lease (killed, frozen, cut off) can no longer change anything. Rows of one
lane, a thread, are worked off one after the other, oldest first.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, Select, case, func, or_, select, update
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.answers import Answer
from agent.errors import AgentError
from agent.mentions import Claim, Mention, answer_from_json
from agent.tables import mention as table
from knowledge.database import Database

Enqueue = Callable[[AsyncConnection, UUID, str, int], Awaitable[None]]
"""Adds a wake-up in the connection's transaction: (row's id, lane, priority; higher runs first).

Adding the same id again while it still waits does nothing.
"""

LEASE = timedelta(seconds=60)
"""Several times what one request to Slack may take, so that none outlasts its sender's lease."""

_OPEN = ("received", "answering", "posting")
_UNCLAIMED_AFTER = timedelta(seconds=15)
"""A row that nobody claimed for so long has lost its job, or waits in a long queue."""

_LOWEST_PRIORITY = -100


class LeaseLost(AgentError):
    """Another worker holds the row now: leave it alone."""


class Ledger:
    """All moves of the ``mention`` table."""

    def __init__(self, database: Database, enqueue: Enqueue, lease: timedelta = LEASE) -> None:
        self._engine = database.engine
        self._enqueue = enqueue
        self.lease = lease

    async def accept(self, mention: Mention) -> bool:
        """Write the row and its job in one transaction; only then may the event be acknowledged.

        False: nothing new. The event or the message is known already (Slack delivers both more
        than once), or it follows up in a thread where nobody called us.
        """
        async with self._engine.begin() as connection:
            if mention.kind == "followup" and not await connection.scalar(_in_lane(mention.lane)):
                return False
            statement = insert(table).values(**_row(mention)).on_conflict_do_nothing()
            if await connection.scalar(statement.returning(table.c.id)) is None:
                return False
            waiting = await connection.scalar(
                select(func.count()).where(
                    table.c.person == mention.person, table.c.state.in_(_OPEN)
                )
            )
            # Whoever asks much at once waits behind those who ask little.
            priority = max(_LOWEST_PRIORITY, 1 - int(waiting or 0))
            await self._enqueue(connection, mention.id, mention.lane, priority)
        return True

    async def claim(self, lane: str) -> Claim | None:
        """Take the lane's oldest open row; None when there is none or somebody holds it."""
        token = uuid4()
        oldest = (
            select(table.c.id)
            .where(table.c.lane == lane, table.c.state.in_(_OPEN))
            .order_by(table.c.created_at, table.c.id)
            .limit(1)
            .with_for_update()
            .scalar_subquery()
        )
        statement = (
            update(table)
            .where(
                table.c.id == oldest,
                or_(table.c.lease_until.is_(None), table.c.lease_until < func.now()),
            )
            .values(
                state=case((table.c.state == "posting", "posting"), else_="answering"),
                lease=token,
                lease_until=func.now() + self.lease,
                attempts=table.c.attempts + 1,
                queue_wait_ms=func.coalesce(
                    table.c.queue_wait_ms,
                    func.extract("epoch", func.now() - table.c.created_at) * 1000,
                ),
                updated_at=func.now(),
            )
            .returning(table)
        )
        async with self._engine.begin() as connection:
            row = (await connection.execute(statement)).one_or_none()
            if row is None:
                return None
            earlier = await connection.scalar(_in_lane(lane, before=row))
        return _claim(row, first=earlier is None)

    async def renew(self, claim: Claim) -> None:
        """Hold the row for another lease. Raises LeaseLost when it is no longer ours."""
        await self._move(claim, lease_until=func.now() + self.lease)

    async def decide(self, claim: Claim, answer: Answer, error: str | None = None) -> None:
        """Fix what will be posted, once and for all: from here on only posting is repeated.

        ``error`` says that the answer explains a failure; the row will end as ``failed``.
        Raises LeaseLost.
        """
        await self._move(
            claim,
            state="posting",
            answer=_storable(answer.as_json()),
            error=_storable(error),
            lease_until=func.now() + self.lease,
        )

    async def finish(self, claim: Claim, answer_ts: str | None, error: str | None = None) -> None:
        """Close the row and wake the lane's next. Raises LeaseLost."""
        state = "done" if error is None else "failed"
        async with self._engine.begin() as connection:
            await _moved(
                connection,
                claim,
                state=state,
                answer_ts=answer_ts,
                error=_storable(error),
                lease=None,
                lease_until=None,
            )
            following = (
                await connection.execute(
                    select(table.c.id)
                    .where(table.c.lane == claim.mention.lane, table.c.state.in_(_OPEN))
                    .order_by(table.c.created_at, table.c.id)
                    .limit(1)
                )
            ).scalar_one_or_none()
            if following is not None:
                await self._enqueue(connection, following, claim.mention.lane, 0)

    async def postpone(self, claim: Claim, delay: timedelta, error: str | None = None) -> None:
        """Give the row back, to be taken again after ``delay``. Raises LeaseLost."""
        changes: dict[str, Any] = {"error": _storable(error)} if error else {}
        await self._move(claim, lease=None, lease_until=func.now() + delay, **changes)

    async def wake_overdue(self, limit: int = 200) -> int:
        """Enqueue again what nobody works on: expired leases, ended delays, lost jobs."""
        due = func.coalesce(table.c.lease_until, table.c.created_at + _UNCLAIMED_AFTER)
        # The others of a lane are woken when the oldest is done.
        oldest = (
            select(table.c.id, table.c.lane, due.label("due"))
            .ext(distinct_on(table.c.lane))
            .where(table.c.state.in_(_OPEN))
            .order_by(table.c.lane, table.c.created_at, table.c.id)
            .subquery()
        )
        overdue = select(oldest).where(oldest.c.due < func.now()).order_by("due").limit(limit)
        async with self._engine.begin() as connection:
            rows = (await connection.execute(overdue)).all()
            for row in rows:
                await self._enqueue(connection, row.id, row.lane, 0)
        return len(rows)

    async def _move(self, claim: Claim, **changes: Any) -> None:
        async with self._engine.begin() as connection:
            await _moved(connection, claim, **changes)


async def _moved(connection: AsyncConnection, claim: Claim, **changes: Any) -> None:
    """Compare-and-set by the lease's token."""
    statement = (
        update(table)
        .where(table.c.id == claim.mention.id, table.c.lease == claim.token)
        .values(updated_at=func.now(), **changes)
    )
    if (await connection.execute(statement)).rowcount != 1:
        raise LeaseLost(f"another worker took over mention {claim.mention.id}: nothing to do")


def _in_lane(lane: str, before: Row[Any] | None = None) -> Select[tuple[UUID]]:
    statement = select(table.c.id).where(table.c.lane == lane).limit(1)
    return statement if before is None else statement.where(table.c.created_at < before.created_at)


def _row(mention: Mention) -> dict[str, Any]:
    names = ("id", "event_id", "kind", "team", "channel", "ts", "thread_ts", "person")
    more = ("lane", "text", "response_url", "outside")
    return {name: _storable(getattr(mention, name)) for name in (*names, *more)}


def _claim(row: Row[Any], *, first: bool) -> Claim:
    mention = Mention(
        event_id=row.event_id,
        kind=row.kind,
        team=row.team,
        channel=row.channel,
        ts=row.ts,
        thread_ts=row.thread_ts,
        person=row.person,
        text=row.text,
        response_url=row.response_url,
        outside=row.outside,
        id=row.id,
    )
    posting = row.state == "posting"
    return Claim(
        mention=mention,
        token=row.lease,
        attempts=row.attempts,
        created_at=row.created_at,
        first=first,
        answer=answer_from_json(row.answer) if posting else None,
        error=row.error,
        resumed=posting,
    )


def _storable(value: Any) -> Any:
    """Without what Postgres cannot store: NUL, and halves of surrogate pairs."""
    match value:
        case str():
            return value.replace("\0", "").encode("utf-8", "ignore").decode()
        case dict():
            return {key: _storable(item) for key, item in value.items()}
        case list():
            return [_storable(item) for item in value]
        case _:
            return value
