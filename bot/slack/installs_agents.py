"""The agents of many workspaces: opened when first asked, the least used ones closed."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from bot.jobs.asking import Asks
from bot.slack.installs import Installed

OpenAgent = Callable[[str], AbstractAsyncContextManager[Asks]]
"""Opens the agent of the workspace with that ID."""


@dataclass(slots=True)
class _Entry:
    agent: Asks
    opened: AsyncExitStack = field(repr=False)
    users: int = 0


class Agents:
    """At most ``most`` stay open while nobody asks them; none is closed while somebody does."""

    def __init__(self, open_agent: OpenAgent, most: int = 16) -> None:
        self._open_agent = open_agent
        self._most = most
        self._entries: OrderedDict[int, _Entry] = OrderedDict()
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def of(self, installed: Installed) -> AsyncIterator[Asks]:
        """The workspace's agent; another one after another installation."""
        async with self._lock:
            entry = self._entries.get(installed.id)
            if entry is None:
                opened = AsyncExitStack()
                agent = await opened.enter_async_context(self._open_agent(installed.team))
                entry = self._entries[installed.id] = _Entry(agent, opened)
            self._entries.move_to_end(installed.id)
            entry.users += 1
        try:
            yield entry.agent
        finally:
            entry.users -= 1
            async with self._lock:
                await self._shrink(self._most)

    async def close(self) -> None:
        """Close all that nobody uses."""
        async with self._lock:
            await self._shrink(0)

    async def _shrink(self, most: int) -> None:
        idle = [key for key, entry in self._entries.items() if not entry.users]
        for key in idle[: max(0, len(self._entries) - most)]:
            await self._entries.pop(key).opened.aclose()
