"""The clock of the weekly message: looks every few seconds whether one is due."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from agent.digests import digest_key, due, week_of
from agent.errands import Errand, Errands
from knowledge.database import Database

DIGEST = "digest"


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class DigestClock:
    """The errands' sweep, with the due messages accepted first; any number of them post one."""

    database: Database
    errands: Errands
    now: Callable[[], datetime] = _now

    async def wake_overdue(self) -> int:
        """As `Errands.wake_overdue`."""
        now = self.now()
        week = week_of(now)
        for team in await due(self.database, now):
            payload = {"week": week.name, "until": week.until.isoformat()}
            await self.errands.accept(
                Errand(DIGEST, digest_key(team, week.name), team, "", payload)
            )
        return await self.errands.wake_overdue()
