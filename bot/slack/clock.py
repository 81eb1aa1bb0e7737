"""Time, for the parts that keep a pace with Slack: given to them, so that it can be another."""

import asyncio
from typing import Protocol


class Clock(Protocol):
    """Seconds that pass, and waiting for them."""

    def time(self) -> float:
        """Seconds since some moment."""
        ...

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        """Wait for the event, but no longer than so many seconds; whether it came."""
        ...


class LoopClock:
    """The event loop's own."""

    def time(self) -> float:
        """The loop's time."""
        return asyncio.get_running_loop().time()

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        """As the loop's timers have it."""
        try:
            await asyncio.wait_for(event.wait(), seconds)
        except TimeoutError:
            return False
        return True


async def sleep(clock: Clock, seconds: float) -> None:
    """Let so many seconds pass."""
    if seconds > 0:
        await clock.wait(asyncio.Event(), seconds)
