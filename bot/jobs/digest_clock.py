"""The clock of the weekly message: looks every few seconds whether one is due."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from agent.digests import digest_key, due_week, waiting
from agent.errands import Errand, Errands
from knowledge.database import Database

DIGEST = "digest"

ZoneOf = Callable[[str, str], Awaitable[tzinfo]]
"""The time zone that a workspace's channel, by IDs, lives in. Never raises."""


Now = Callable[[], datetime]


def now_utc() -> datetime:
    """The moment, by this machine's clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class DigestClock:
    """The errands' sweep, with the due messages accepted first; any number of them post one."""

    database: Database
    errands: Errands
    zone_of: ZoneOf
    now: Now = now_utc

    async def wake_overdue(self) -> int:
        """As `Errands.wake_overdue`."""
        now = self.now()
        for team, channel in await waiting(self.database, now):
            week = due_week(now, await self.zone_of(team, channel))
            if week is not None:
                payload = {"week": week.name, "until": week.until.isoformat()}
                key = digest_key(team, week.name)
                await self.errands.accept(Errand(DIGEST, key, team, "", payload))
        return await self.errands.wake_overdue()
