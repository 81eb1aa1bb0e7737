"""The ledger: every question that reached us in Slack, and how far its answer is.

The table is the truth, jobs only wake a worker up. A row moves ``received → answering → posting →
done | failed`` under a lease, see `agent.leasing`.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import case, delete, func, literal, or_, select, union, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from agent import leasing, turns
from agent.answers import Answer
from agent.feedback_tables import handover, handover_task
from agent.flow_tables import paid_reply
from agent.leasing import LEASE, Enqueue, is_open, storable
from agent.ledger_rows import called_before, claim_of, in_lane, mention_of, row_of
from agent.mentions import Claim, Mention
from agent.workspace_tables import mention as table
from knowledge.database import Database

Also = Callable[[AsyncConnection], Awaitable[object]]
"""Writes more in the connection's transaction."""

_DAY, _MONTH = timedelta(days=1), timedelta(days=30)


class Ledger:
    """All moves of the ``mention`` table."""

    def __init__(self, database: Database, enqueue: Enqueue, lease: timedelta = LEASE) -> None:
        self._engine, self._autocommit = database.engine, database.autocommit
        self._enqueue = enqueue
        self.lease = lease
        self._claiming = leasing.claiming(
            table,
            lease,
            turns.is_due(),
            state=case((table.c.state == "posting", "posting"), else_="answering"),
            queue_wait_ms=func.coalesce(
                table.c.queue_wait_ms,
                func.extract("epoch", func.now() - table.c.created_at) * 1000,
            ),
        ).returning(~called_before().label("first"))

    async def accept(self, mention: Mention, also: Also | None = None) -> bool:
        """Write the row and its job in one transaction; only then may the event be acknowledged.

        False: nothing new. The event or the message is known already (Slack delivers both more
        than once), or it follows up in a thread where nobody called us. What is new is accepted
        together with what it ``also`` makes necessary.
        """
        async with self._engine.begin() as connection:
            if mention.kind == "followup" and not await connection.scalar(in_lane(mention.lane)):
                return False
            statement = insert(table).values(**row_of(mention)).on_conflict_do_nothing()
            if await connection.scalar(statement.returning(table.c.id)) is None:
                return False
            if also is not None:
                await also(connection)
            if await connection.scalar(turns.has_turn(), {turns.OF_PERSON: mention.person}):
                await self._enqueue(connection, mention.id, mention.lane, new=True)
            # Else it is woken when its turn comes: whoever asks much at once waits for themselves.
        return True

    async def claim(self, lane: str) -> Claim | None:
        """Take the lane's oldest open row; None: there is none, it is held, or not its turn."""
        async with self._autocommit.connect() as connection:
            taken = await connection.execute(self._claiming, {leasing.OF_LANE: lane})
            row = taken.one_or_none()
        return None if row is None else claim_of(row)

    async def renew(self, claim: Claim) -> timedelta:
        """Hold the row for another lease, which is returned. Raises LeaseLost when it is lost."""
        async with self._autocommit.connect() as connection:
            await _moved(connection, claim, lease_until=func.now() + self.lease)
        return self.lease

    async def decide(self, claim: Claim, answer: Answer, error: str | None = None) -> None:
        """Fix what will be posted, once and for all: from here on only posting is repeated.

        ``error`` says that the answer explains a failure; the row will end as ``failed``.
        Raises LeaseLost.
        """
        async with self._autocommit.connect() as connection:
            await _moved(
                connection,
                claim,
                state="posting",
                answer=storable(answer.as_json()),
                error=storable(error),
                lease_until=func.now() + self.lease,
            )

    async def streaming(self, claim: Claim, ts: str) -> timedelta:
        """Note the message that the answer is written into; empty before it is started.

        So whoever resumes completes that message instead of sending another. Of a slash command's
        answer, which is written into none, how many of its parts are out. Holds the row for
        another lease, which is returned. Raises LeaseLost.
        """
        async with self._autocommit.connect() as connection:
            until = func.now() + self.lease
            await _moved(connection, claim, stream_ts=ts, lease_until=until)
        return self.lease

    async def stop(self, lane: str) -> bool:
        """Have a thread's open questions stopped, unless their answer is decided; whether any is.

        Whoever holds one sees it in `is_stopped`, whoever claims one later in the claim.
        """
        statement = (
            update(table)
            .where(table.c.lane == lane, is_open(table), table.c.state != "posting")
            .values(stopped=True)
        )
        async with self._autocommit.connect() as connection:
            return bool((await connection.execute(statement)).rowcount)

    async def is_stopped(self, claim: Claim) -> bool:
        """Whether somebody pressed stop since."""
        async with self._autocommit.connect() as connection:
            statement = select(table.c.stopped).where(table.c.id == claim.mention.id)
            return bool(await connection.scalar(statement))

    async def finish(self, claim: Claim, answer_ts: str | None, error: str | None = None) -> None:
        """Close the row and wake whose turn comes. Raises LeaseLost."""
        state = "done" if error is None else "failed"
        async with self._engine.begin() as connection:
            await _moved(
                connection,
                claim,
                state=state,
                answer_ts=answer_ts,
                error=storable(error),
                lease=None,
                lease_until=None,
            )
            paid = paid_reply.c.question == claim.mention.id
            await connection.execute(delete(paid_reply).where(paid))
        await self._wake_following(claim.mention)

    async def postpone(self, claim: Claim, delay: timedelta, error: str | None = None) -> None:
        """Give the row back, to be taken again after ``delay``. Raises LeaseLost."""
        await self._given_back(claim, delay, **({"error": storable(error)} if error else {}))

    async def hand_back(self, claim: Claim, delay: timedelta) -> None:
        """As `postpone`, and it was no attempt: whoever held it was told to stop."""
        await self._given_back(claim, delay, attempts=table.c.attempts - 1)

    async def wake_overdue(self) -> int:
        """Enqueue again what nobody works on: expired leases, ended delays, lost jobs."""
        async with self._engine.begin() as connection:
            return await leasing.wake_overdue(
                connection,
                table,
                self._enqueue,
                self.lease,
                due=turns.is_due(),
                of_a_person=turns.OF_A_PERSON,
            )

    async def to_be_told(
        self, after: timedelta, again: timedelta, most: int
    ) -> list[tuple[Mention, int]]:
        """Questions that have waited so long untold, and how many are before each; told with that.

        The longest waiting come first.
        """
        waiting = (
            select(table.c.id)
            .where(
                table.c.state == "received",
                table.c.lease.is_(None),
                table.c.created_at < func.now() - after,
                or_(table.c.told_at.is_(None), table.c.told_at < func.now() - again),
                # A command's address takes only a few messages.
                or_(table.c.told_at.is_(None), table.c.response_url.is_(None)),
            )
            .order_by(table.c.created_at)
            .limit(most)
            .with_for_update(skip_locked=True)
        )
        older = table.alias()
        ahead = (
            select(func.count())
            .select_from(older)
            .where(is_open(older), older.c.created_at < table.c.created_at)
            .correlate(table)
            .scalar_subquery()
        )
        told = (
            update(table)
            .where(table.c.id.in_(waiting))
            .values(told_at=func.now())
            .returning(table, ahead.label("ahead"))
        )
        async with self._engine.begin() as connection:
            return [(mention_of(row), row.ahead) for row in await connection.execute(told)]

    async def recent_places(self, team: str, since: float) -> list[tuple[str, str]]:
        """Where people talked with us before ``since``, in seconds since the epoch.

        Threads with their ts: those of the last day, and those of the last month in which an
        expert is still asked. With an empty one the direct messages of the last month.
        """
        moment = func.to_timestamp(since)
        ours = (table.c.team == team, table.c.thread_ts.is_not(None))
        threads = select(table.c.channel, table.c.thread_ts).where(
            *ours, table.c.created_at > moment - _DAY
        )
        directs = select(table.c.channel, literal("")).where(
            *ours, table.c.kind == "direct", table.c.created_at > moment - _MONTH
        )
        tasks = (
            select(handover_task.c.channel, handover_task.c.ts)
            .join(handover)
            .where(
                handover.c.team == team,
                handover.c.state == "open",
                handover.c.created_at > moment - _MONTH,
            )
        )
        async with self._autocommit.connect() as connection:
            places = await connection.execute(union(threads, directs, tasks))
            return [(channel, thread) for channel, thread in places]

    async def _given_back(self, claim: Claim, delay: timedelta, **changes: Any) -> None:
        async with self._autocommit.connect() as connection:
            await _moved(connection, claim, lease=None, lease_until=func.now() + delay, **changes)
        await self._wake_following(claim.mention)

    async def _wake_following(self, over: Mention) -> None:
        # Only now: a worker woken for the lane before the commit found it held, and went.
        now_over = {
            leasing.OF_LANE: over.lane,
            turns.OF_PERSON: over.person,
            turns.IN_CHANNEL: over.channel,
        }
        async with self._autocommit.connect() as connection:
            rows = (await connection.execute(turns.following(), now_over)).all()
        if rows:
            async with self._engine.begin() as connection:
                for row in rows:
                    await self._enqueue(connection, row.id, row.lane)


async def _moved(connection: AsyncConnection, claim: Claim, **changes: Any) -> None:
    await leasing.moved(connection, table, claim.mention.id, claim.token, **changes)
