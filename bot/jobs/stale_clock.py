"""Has the authors of verified answers asked, once a document that these rest on has changed."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.jobs.sweep import Wakes

_EVERY_S = 60.0


@dataclass(slots=True)
class StaleClock:
    """Wakes what ``rows`` wakes, and looks for stale answers (``flag``) once a minute.

    Any number of processes may: an author is asked once a change.
    """

    rows: Wakes
    flag: Callable[[], Awaitable[int]]
    _next: float = field(default=0.0)

    async def wake_overdue(self) -> int:
        """As `Wakes`; what is flagged does not count."""
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + _EVERY_S
            await self.flag()
        return await self.rows.wake_overdue()
