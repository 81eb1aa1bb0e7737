"""Which workspaces get a weekly message, where, and whose is due."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from agent.gaps.unmet import Period
from agent.workspace_tables import workspace as table
from knowledge.database import Database

_HOUR = 9
_LATE = timedelta(hours=24)
"""A workspace whose workers were all down for longer goes without that week's."""

_DUE = text("""
    SELECT team FROM workspace WHERE digest_channel IS NOT NULL
    AND NOT EXISTS (SELECT FROM errand WHERE key = 'digest:' || team || ':' || :week)
    ORDER BY team
""")


@dataclass(frozen=True, slots=True)
class Week:
    """The seven days before a Monday at 9:00; ``name`` is the ISO week that begins then."""

    name: str
    until: datetime

    @property
    def period(self) -> Period:
        """What the message tells of."""
        return Period(self.until - timedelta(days=7), self.until)


def week_of(now: datetime) -> Week:
    """The last Monday 9:00 in the moment's zone, and the week that it begins."""
    monday = now.date() - timedelta(days=now.weekday())
    start = datetime.combine(monday, time(_HOUR), now.tzinfo)
    start = start if start <= now else start - timedelta(days=7)
    year, week, _ = start.isocalendar()
    return Week(f"{year}-W{week:02}", start)


def digest_key(team: str, week: str) -> str:
    """The errand's: one a workspace and week, however many workers there are."""
    return f"digest:{team}:{week}"


async def due(database: Database, now: datetime) -> tuple[str, ...]:
    """The workspaces whose message for the week of ``now`` nobody has begun."""
    week = week_of(now)
    if now - week.until > _LATE:
        return ()
    async with database.engine.connect() as connection:
        return tuple(await connection.scalars(_DUE, {"week": week.name}))


async def digest_channel(database: Database, team: str) -> str | None:
    """Where the workspace's goes; None: nowhere."""
    query = select(table.c.digest_channel).where(table.c.team == team)
    async with database.engine.connect() as connection:
        channel: str | None = await connection.scalar(query)
    return channel


async def send_digest_to(database: Database, team: str, channel: str | None) -> None:
    """From now on to this channel; None: no more."""
    statement = insert(table).values(team=team, digest_channel=channel)
    statement = statement.on_conflict_do_update(
        index_elements=[table.c.team], set_={"digest_channel": channel}
    )
    async with database.engine.begin() as connection:
        await connection.execute(statement)
