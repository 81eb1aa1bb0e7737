"""Errands: what a click, a form or the clock asks us to do in Slack, each done once.

Like questions they are written down before they are acknowledged, and worked off under a lease;
``progress`` keeps what is done already, for whoever resumes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, cast, func
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from agent import leasing
from agent.leasing import LEASE, Enqueue, storable
from agent.workspace_tables import errand as table
from knowledge.database import Database


@dataclass(frozen=True, slots=True)
class Errand:
    """One thing to do. ``key`` tells one click from another: the same key is done only once.

    ``kind`` names its handler, ``payload`` is that handler's own and made of plain JSON values.
    """

    kind: str
    key: str
    team: str
    person: str
    payload: Mapping[str, Any] = field(default_factory=dict, repr=False)
    lane: str = ""
    """What keeps its order; empty: the errand alone."""

    id: UUID = field(default_factory=uuid4)


@dataclass(frozen=True, slots=True)
class HeldErrand:
    """An errand held under a lease; ``progress`` is what earlier holders noted."""

    errand: Errand
    token: UUID
    attempts: int
    created_at: datetime
    progress: Mapping[str, Any]


class Errands:
    """All moves of the ``errand`` table."""

    def __init__(self, database: Database, enqueue: Enqueue, lease: timedelta = LEASE) -> None:
        self._engine, self._autocommit = database.engine, database.autocommit
        self._enqueue = enqueue
        self.lease = lease
        self._claiming = leasing.claiming(table, lease, state="working")

    async def accept(self, errand: Errand) -> bool:
        """Write it down with its job; only then may the click be acknowledged. False: known."""
        async with self._engine.begin() as connection:
            return await self.accept_in(connection, errand)

    async def accept_in(self, connection: AsyncConnection, errand: Errand) -> bool:
        """The same in the caller's transaction, together with what makes the errand necessary."""
        lane = errand.lane or str(errand.id)
        row = {
            "id": errand.id,
            "key": errand.key,
            "kind": errand.kind,
            "team": errand.team,
            "person": errand.person,
            "lane": lane,
            "payload": dict(errand.payload),
        }
        statement = insert(table).values(**storable(row)).on_conflict_do_nothing()
        if await connection.scalar(statement.returning(table.c.id)) is None:
            return False
        await self._enqueue(connection, errand.id, lane, new=True)
        return True

    async def claim(self, lane: str) -> HeldErrand | None:
        """Take the lane's oldest open errand; None when there is none or somebody holds it."""
        async with self._autocommit.connect() as connection:
            taken = await connection.execute(self._claiming, {leasing.OF_LANE: lane})
            row = taken.one_or_none()
        return _held(row) if row is not None else None

    async def renew(self, held: HeldErrand) -> timedelta:
        """Hold it for another lease, which is returned. Raises LeaseLost when it is lost."""
        await self._move(held, lease_until=func.now() + self.lease)
        return self.lease

    async def note(self, held: HeldErrand, **done: Any) -> None:
        """Remember what is done of it, under a name each. Raises LeaseLost."""
        added = table.c.progress.op("||")(cast(storable(done), JSONB))
        await self._move(held, progress=added, lease_until=func.now() + self.lease)

    async def finish(self, held: HeldErrand, error: str | None = None) -> None:
        """Close it and wake the lane's next. Raises LeaseLost."""
        await self._move(
            held,
            state="done" if error is None else "failed",
            error=storable(error),
            lease=None,
            lease_until=None,
        )
        # Only now: a worker woken for the lane before the commit found it held, and went.
        async with self._engine.begin() as connection:
            lane = held.errand.lane or str(held.errand.id)
            await leasing.wake_next(connection, table, lane, self._enqueue)

    async def postpone(self, held: HeldErrand, delay: timedelta, error: str | None = None) -> None:
        """Give it back, to be taken again after ``delay``. Raises LeaseLost."""
        changes: dict[str, Any] = {"error": storable(error)} if error else {}
        await self._move(held, lease=None, lease_until=func.now() + delay, **changes)

    async def wake_overdue(self) -> int:
        """Enqueue again what nobody works on."""
        async with self._engine.begin() as connection:
            return await leasing.wake_overdue(connection, table, self._enqueue, self.lease)

    async def _move(self, held: HeldErrand, **changes: Any) -> None:
        async with self._autocommit.connect() as connection:
            await leasing.moved(connection, table, held.errand.id, held.token, **changes)


def _held(row: Row[Any]) -> HeldErrand:
    errand = Errand(row.kind, row.key, row.team, row.person, row.payload, row.lane, row.id)
    return HeldErrand(errand, row.lease, row.attempts, row.created_at, row.progress)
