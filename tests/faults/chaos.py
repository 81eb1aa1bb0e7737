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

_SEND_WINDOW = "model replied"
"""A worker that was just answered decides, renews its lease and sends within milliseconds."""


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
    _armed: dict[str, asyncio.Future[Member]] = field(default_factory=dict)

    def passed(self, edge: str, name: str) -> None:
        """A process is at an edge: if one is wanted there, it is this one."""
        waiting = self._armed.get(edge)
        member = self.fleet.members.get(name)
        if waiting is not None and member is not None and not waiting.done():
            if not EDGES[edge]:
                # What follows must not happen: not even the rest of this call into the fake.
                self._kill(member, edge)
            waiting.set_result(member)

    async def kill_many(self, count: int, due: Callable[[float], Awaitable[None]]) -> None:
        """So many kills, spread over the run: ``due`` waits for a share of it to be over."""
        ways = itertools.cycle((*AT_RANDOM, *EDGES))
        for number in range(count):
            await due((number + 1) / (count + 1))
            while not await self._killed(next(ways)):
                pass

    async def freeze_many(self, count: int, due: Callable[[float], Awaitable[None]]) -> None:
        """So many SIGSTOPs around the sending of an answer, each longer than the lease."""
        thawing: set[asyncio.Task[None]] = set()
        for number in range(count):
            await due((number + 1) / (count + 1))
            member = None
            while member is None:
                member = await self._at(_SEND_WINDOW)
            await asyncio.sleep(self.random.uniform(0, 0.04))
            if member.signal(signal.SIGSTOP):
                member.frozen = True
                self.hit(member, "frozen")
                self.frozen[_SEND_WINDOW] += 1
                thawing.add(asyncio.create_task(self._thaw(member)))
        if thawing:
            await asyncio.wait(thawing)

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

    async def _killed(self, way: str) -> bool:
        if way in AT_RANDOM:
            await asyncio.sleep(self.random.uniform(0, 0.1))
            ready = [one for one in self.fleet.of(way.split()[1]) if not one.frozen]
            return bool(ready) and self._kill(self.random.choice(ready), way)
        member = await self._at(way)
        if member is None or not EDGES[way]:
            return member is not None
        await asyncio.sleep(self.random.uniform(0, EDGES[way]))
        return not member.frozen and self._kill(member, way)

    async def _at(self, edge: str) -> Member | None:
        """The next process at an edge; None when none comes by for a while."""
        waiting = self._armed[edge] = asyncio.get_running_loop().create_future()
        try:
            return await asyncio.wait_for(waiting, 5.0)
        except TimeoutError:
            return None
        finally:
            if self._armed.get(edge) is waiting:
                del self._armed[edge]

    def _kill(self, member: Member, way: str) -> bool:
        if not member.signal(signal.SIGKILL):
            return False
        self.hit(member, way)
        self.kills[way] += 1
        return True

    async def _thaw(self, member: Member) -> None:
        await asyncio.sleep(self.lease_s * 1.5)
        member.frozen = False
        member.signal(signal.SIGCONT)
