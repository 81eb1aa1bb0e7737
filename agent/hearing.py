"""How far everything that a workspace sent has reached us, so that a gap is noticed afterwards."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Double, cast, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.errands import Errand, Errands
from agent.flow_tables import heard as table
from agent.workspace_tables import mention
from knowledge.database import Database

CATCH_UP = "catch_up"
"""The errand's kind; its payload says ``since`` and ``until``, both a ts."""

SLACK_RETRIES_FOR = timedelta(minutes=5)
"""Slack hands an event over again at once, after one minute and after five; then it is gone."""

_OVERLAP = timedelta(minutes=2)
_IN_TIME = timedelta(minutes=1)
_ROUNDED_S = 600
"""Downwards, so that all who notice the same gap write down the same errand."""
_AT_MOST = timedelta(days=1)
"""Nobody waits any more for the answer to what was asked before."""


class Hearing:
    """Of all processes that listen for a workspace: one that does is enough."""

    def __init__(self, database: Database, errands: Errands) -> None:
        self._engine = database.engine
        self._errands = errands

    async def beat(self, team: str) -> bool:
        """Note that we listen now. True: a gap was found, and the errand to read it up is there.

        The gap is closed and its errand written down in one transaction.
        """
        known = select(table.c.until, func.now()).where(table.c.team == team).with_for_update()
        async with self._engine.begin() as connection:
            row = (await connection.execute(known)).one_or_none()
            gap = row is not None and row[1] - row[0] > SLACK_RETRIES_FOR
            if gap:
                assert row is not None  # noqa: S101 - for the type checker
                await self._read_up(connection, team, row[0], row[1])
            statement = insert(table).values(team=team, until=func.now())
            await connection.execute(
                statement.on_conflict_do_update(
                    index_elements=[table.c.team], set_={"until": func.now()}
                )
            )
        return gap

    async def missed(self, team: str, sent: datetime) -> bool:
        """What was ``sent`` then came only by Slack's last try: read up what did not come at all.

        That is since the last question that came in time; we may have listened, and nothing
        reached us. True: the errand is new, for others may have come as late.
        """
        came_in = mention.c.created_at - func.to_timestamp(cast(mention.c.ts, Double))
        last = select(func.max(mention.c.created_at)).where(
            mention.c.team == team,
            mention.c.created_at.between(sent - _AT_MOST, sent),
            came_in < _IN_TIME,
        )
        async with self._engine.begin() as connection:
            heard = await connection.scalar(last) or sent - _AT_MOST
            return await self._read_up(connection, team, heard, datetime.now(UTC))

    async def _read_up(
        self, connection: AsyncConnection, team: str, heard: datetime, now: datetime
    ) -> bool:
        since = max(heard - _OVERLAP, now - _AT_MOST).timestamp()
        payload = {
            "since": f"{since - since % _ROUNDED_S:.6f}",
            "until": f"{(now + _OVERLAP).timestamp():.6f}",
        }
        key, lane = f"catch up {team} {payload['since']}", f"{CATCH_UP} {team}"
        return await self._errands.accept_in(
            connection, Errand(CATCH_UP, key, team, "", payload, lane)
        )
