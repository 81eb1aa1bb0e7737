"""The sweep of errands also forgets what people attached to questions, once its day is over."""

from dataclasses import dataclass

from bot.jobs.sweep import Wakes
from knowledge.storage.attached import forget_attached
from knowledge.storage.library import Library


@dataclass(frozen=True, slots=True)
class Forgetting:
    """Wakes what ``rows`` wakes; any number of processes may."""

    rows: Wakes
    library: Library

    async def wake_overdue(self) -> int:
        """As `Wakes`; what is forgotten does not count."""
        await forget_attached(self.library)
        return await self.rows.wake_overdue()
