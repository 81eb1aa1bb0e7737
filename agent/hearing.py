"""How far everything that a workspace sent has reached us, so that a gap is noticed afterwards."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from agent.errands import Errand, Errands
from agent.flow_tables import heard as table
from knowledge.database import Database

CATCH_UP = "catch_up"
"""The errand's kind; its payload says ``since`` and ``until``, both a ts."""

SLACK_RETRIES_FOR = timedelta(minutes=5)
"""Slack hands an event over again at once, after one minute and after five; then it is gone."""

_OVERLAP = timedelta(minutes=2)
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
                since = max(row[0] - _OVERLAP, row[1] - _AT_MOST)
                payload = {
                    "since": f"{since.timestamp():.6f}",
                    "until": f"{(row[1] + _OVERLAP).timestamp():.6f}",
                }
                key = f"catch up {team} {payload['since']}"
                lane = f"{CATCH_UP} {team}"
                await self._errands.accept_in(
                    connection, Errand(CATCH_UP, key, team, "", payload, lane)
                )
            statement = insert(table).values(team=team, until=func.now())
            await connection.execute(
                statement.on_conflict_do_update(
                    index_elements=[table.c.team], set_={"until": func.now()}
                )
            )
        return gap
