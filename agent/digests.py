"""Which workspaces get a weekly message, where, and whose is due."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from agent.gaps.unmet import Period
from agent.workspace_tables import workspace as table
from knowledge.database import Database

_HOUR = 9
_LATE = timedelta(hours=24)
"""A workspace whose workers were all down for longer goes without that week's."""

_EARLIEST, LATEST = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))
"""Where Monday comes first, and where it comes last."""

_AROUND = timedelta(hours=26)
"""How long it takes from the one to the other."""

_WAITING = text("""
    SELECT team, digest_channel FROM workspace WHERE digest_channel IS NOT NULL
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


def due_week(now: datetime, zone: tzinfo) -> Week | None:
    """The week whose message is due in a zone; None: it is not time, or too late.

    It is named for its Monday: in another zone the same Monday has the same name, so that whoever
    changes theirs gets no second message.
    """
    week = week_of(now.astimezone(zone))
    return week if now - week.until.astimezone(UTC) <= _LATE else None


async def waiting(database: Database, now: datetime) -> tuple[tuple[str, str], ...]:
    """The workspaces, with the channel, whose message for a week begun anywhere nobody has begun.

    None while it is due nowhere.
    """
    newest = week_of(now.astimezone(_EARLIEST))
    if now - newest.until.astimezone(UTC) > _AROUND + _LATE:
        return ()
    async with database.engine.connect() as connection:
        rows = await connection.execute(_WAITING, {"week": newest.name})
        return tuple((row[0], row[1]) for row in rows)


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
