"""Who is killed, frozen or told to stop, and when: at random, or at a certain point of its work."""

import asyncio
import itertools
import random
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tests.faults.fleet import Fleet, Member

AT_RANDOM = ("any worker", "any server")
EDGES: dict[str, float] = {
    "event sent": 0.020,
    "claimed": 0.030,
    "model asked": 0.010,
    "model replied": 0.030,
    "stream started": 0.5,
    "stream stopped": 0.010,
    "post arrived": 0.005,
    "post carried out": 0.0,
    "post answered": 0.015,
    "finished": 0.010,
    "thread read": 0.0,
}
"""Where in its work a process can be hit, and up to how many seconds later it is."""

SEND_WINDOW = "model replied"
"""A worker that was just answered decides, renews its lease and sends within milliseconds."""

_BLOWS = (signal.SIGKILL, signal.SIGSTOP)


@dataclass
class Chaos:
    """Hits the fleet. ``passed`` is called by whoever sees a process at an edge."""

    fleet: Fleet
    random: random.Random
    lease_s: float
    hit: Callable[[Member, str], None] = lambda _member, _how: None
    """Told who is hit, just before."""
    kills: Counter[str] = field(default_factory=Counter)
    frozen: Counter[str] = field(default_factory=Counter)
    drained: list[float] = field(default_factory=list)
    """How long each told to stop took, in seconds."""
    _armed: dict[tuple[str, signal.Signals], asyncio.Future[tuple[Member, bool]]] = field(
        default_factory=dict
    )
    """Who waits for a process at an edge: it gets the process, and whether it was struck there."""
    _thawing: set[asyncio.Task[None]] = field(default_factory=set)

    def passed(self, edge: str, name: str) -> None:
        """A process is at an edge: if one is wanted there, it is this one."""
        member = self.fleet.members.get(name)
        for blow in _BLOWS:
            waiting = self._armed.get((edge, blow))
            if waiting is not None and member is not None and not waiting.done():
                # What follows must not happen: not even the rest of this call into the fake.
                struck = not EDGES[edge] and self._strike(member, blow, edge)
                waiting.set_result((member, struck))

    async def kill_many(self, count: int, due: Callable[[float], Awaitable[None]]) -> None:
        """So many kills, spread over the run: ``due`` waits for a share of it to be over."""
        ways = itertools.cycle((*AT_RANDOM, *EDGES))
        for number in range(count):
            await due((number + 1) / (count + 1))
            while not await self._struck(signal.SIGKILL, next(ways)):
                pass

    async def freeze_many(self, count: int, due: Callable[[float], Awaitable[None]]) -> None:
        """So many SIGSTOPs, each longer than the lease: every other one around a sending."""
        elsewhere = itertools.cycle((*AT_RANDOM, *(one for one in EDGES if one != SEND_WINDOW)))
        for number in range(count):
            await due((number + 1) / (count + 1))
            ways = elsewhere if number % 2 else itertools.repeat(SEND_WINDOW)
            while not await self._struck(signal.SIGSTOP, next(ways)):
                pass
        if self._thawing:
            await asyncio.wait(self._thawing)

    async def drain_many(self, count: int, due: Callable[[float], Awaitable[None]]) -> None:
        """So many SIGTERMs, as an update of the fleet would send."""
        for number in range(count):
            await due((number + 1) / (count + 1))
            member = self.random.choice(list(self.fleet.members.values()))
            if member.frozen:
                continue
            started = time.monotonic()
            self.fleet.retire(member)
            while member.process.is_alive() and time.monotonic() - started < 60:
                await asyncio.sleep(0.05)
            self.drained.append(time.monotonic() - started)

    async def _struck(self, blow: signal.Signals, way: str) -> bool:
        if way in AT_RANDOM:
            await asyncio.sleep(self.random.uniform(0, 0.1))
            ready = [one for one in self.fleet.of(way.split()[1]) if not one.frozen]
            return bool(ready) and self._strike(self.random.choice(ready), blow, way)
        waiting: asyncio.Future[tuple[Member, bool]] = asyncio.get_running_loop().create_future()
        self._armed[way, blow] = waiting
        try:
            member, struck = await asyncio.wait_for(waiting, 5.0)
        except TimeoutError:  # nobody comes by
            return False
        finally:
            del self._armed[way, blow]
        if EDGES[way]:
            await asyncio.sleep(self.random.uniform(0, EDGES[way]))
            struck = self._strike(member, blow, way)
        return struck

    def _strike(self, member: Member, blow: signal.Signals, way: str) -> bool:
        """Whoever is frozen is left alone until it thaws."""
        if member.frozen or not member.signal(blow):
            return False
        self.hit(member, way)
        if blow == signal.SIGKILL:
            self.kills[way] += 1
            return True
        member.frozen = True
        self.frozen[way] += 1
        thawing = asyncio.create_task(self._thaw(member))
        self._thawing.add(thawing)
        thawing.add_done_callback(self._thawing.discard)
        return True

    async def _thaw(self, member: Member) -> None:
        await asyncio.sleep(self.lease_s * 1.5)
        member.frozen = False
        member.signal(signal.SIGCONT)
