"""Streaming replicas: searches read there, as long as one is near enough to the primary.

A replica is asked how far behind the primary it is at most once a second, on the way of a search.
One that is further behind than the bound or that does not answer is left out for some seconds; with
none left the primary serves.
"""

import asyncio
import itertools
import logging
import time
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import TextClause, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.ext.asyncio import AsyncEngine

from knowledge.database import SCHEMA, Database, open_engine
from knowledge.errors import DatabaseError

logger = logging.getLogger(__name__)

_BELIEVED_FOR_S = 1.0
_LEFT_OUT_FOR_S = 5.0
_PATIENCE_S = 5.0

Found = TypeVar("Found")

_WRITTEN = text("SELECT CAST(pg_current_wal_flush_lsn() AS text)")
_BEHIND = text("""
    SELECT CASE
        WHEN NOT pg_is_in_recovery() THEN 0
        WHEN pg_last_wal_replay_lsn() >= CAST(:written AS pg_lsn) THEN 0
        ELSE extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())
    END
""")
"""Seconds behind what the primary had written; NULL for one that replayed nothing yet.

What a replica received says less: a new one of a quiet primary has received nothing.
https://www.postgresql.org/docs/current/functions-admin.html
"""


@dataclass(slots=True)
class _Replica:
    engine: AsyncEngine
    where: str
    good: bool = False
    until: float = 0.0


class Replicas:
    """Chooses among replicas; ``lag_s`` is how many seconds one may be behind."""

    def __init__(self, primary: Database, replicas: Sequence[_Replica], lag_s: float) -> None:
        self._primary = primary.autocommit
        self._replicas = replicas
        self._lag_s = lag_s
        self._turns = itertools.cycle(range(len(replicas))) if replicas else iter(())

    async def pick(self) -> AsyncEngine | None:
        """One that is near enough to the primary, in turn; None: the primary has to serve."""
        first = next(self._turns, 0)
        for replica in (*self._replicas[first:], *self._replicas[:first]):
            if time.monotonic() >= replica.until:
                await self._look(replica)
            if replica.good:
                return replica.engine
        return None

    def failed(self, engine: AsyncEngine) -> None:
        """It did not answer: leave it out for some seconds."""
        for replica in self._replicas:
            if replica.engine is engine:
                self._leave_out(replica, "it does not answer")

    async def _look(self, replica: _Replica) -> None:
        # Whoever comes meanwhile goes by what was known: one question at a time is enough.
        replica.until = time.monotonic() + _BELIEVED_FOR_S
        written = await _scalar(self._primary, _WRITTEN)
        try:
            behind = await in_time(_scalar(replica.engine, _BEHIND, written=written))
        except (DBAPIError, OSError) as error:
            self._leave_out(replica, type(error).__name__)
            return
        if behind is None:
            self._leave_out(replica, "it has not caught up since it started")
        elif behind > self._lag_s:
            self._leave_out(replica, f"it is {behind:.0f} s behind")
        else:
            replica.good = True

    def _leave_out(self, replica: _Replica, why: str) -> None:
        if replica.good:
            logger.warning("replica %s is left out: %s", replica.where, why)
        replica.good = False
        replica.until = time.monotonic() + _LEFT_OUT_FOR_S


async def in_time(work: Coroutine[Any, Any, Found]) -> Found:
    """What a replica answers; raises TimeoutError where it does not, for then another can.

    What hangs is not waited for: the driver, cancelled, first waits for the server to agree.
    """
    task = asyncio.create_task(work)
    task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
    try:
        await asyncio.wait({task}, timeout=_PATIENCE_S)
        if task.done():
            return task.result()
        raise TimeoutError
    finally:
        task.cancel()


async def _scalar(engine: AsyncEngine, statement: TextClause, **given: object) -> Any:
    async with engine.connect() as connection:
        return await connection.scalar(statement, given)


@asynccontextmanager
async def open_replicas(
    primary: Database, urls: Sequence[str], lag_s: float
) -> AsyncIterator[Replicas]:
    """Open engines for the replicas; whether they can serve is seen when a search wants one.

    Raises DatabaseError for what is no database's URL.
    """
    async with AsyncExitStack() as opened:
        replicas = []
        for url in urls:
            try:
                address = make_url(url)
                database = await opened.enter_async_context(open_engine(address, SCHEMA))
            except (ArgumentError, NoSuchModuleError) as error:
                raise DatabaseError(
                    "KNOWHOW_REPLICA_URLS holds what is no database URL: "
                    "use postgresql://user:password@host/name, with commas between"
                ) from error
            where = address.render_as_string(hide_password=True)
            replicas.append(_Replica(database.engine, where))
        yield Replicas(primary, replicas, lag_s)
