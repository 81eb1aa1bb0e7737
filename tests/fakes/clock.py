"""Clocks for what takes minutes: one that stands until it is moved, one that never waits."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class HandClock:
    """Stands still; whoever waits, waits until a test moves it."""

    now: float = 1000.0
    _moved: asyncio.Event = field(default_factory=asyncio.Event)

    def time(self) -> float:
        """What it shows."""
        return self.now

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        """Until the event, or until the clock was moved so far."""
        due = self.now + seconds
        while not event.is_set() and self.now < due:
            both = [asyncio.ensure_future(one.wait()) for one in (event, self._moved)]
            try:
                await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for one in both:
                    one.cancel()
        return event.is_set()

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    async def run(self, until: Callable[[], bool], step: float = 0.25) -> None:
        """Let time pass, fast, until something is true."""
        async with asyncio.timeout(30):
            while not until():
                self.move(step)
                await asyncio.sleep(0.002)


@dataclass
class FastClock:
    """Nobody waits: time passes at once, as much as each wants to wait."""

    now: float = 1000.0
    waits: list[float] = field(default_factory=list)
    """How long each would have waited."""

    def time(self) -> float:
        """What it shows."""
        return self.now

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        """The event is there already, or does not come."""
        if not event.is_set():
            self.waits.append(seconds)
            self.now += seconds
        return event.is_set()
