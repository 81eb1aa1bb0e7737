"""A Postgres of the harness's own, which it stops as a crash would and starts again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from knowledge import embedded


@dataclass(frozen=True)
class Postgres:
    """The server; ``url`` stays the same over restarts."""

    url: str
    folder: Path

    async def crash(self, down_s: float) -> None:
        """Stop without a checkpoint, so that the start replays the log; be away for a while."""
        await asyncio.to_thread(self._control, "-m", "immediate", "stop")
        await asyncio.sleep(down_s)
        await asyncio.to_thread(embedded._start, self.folder)

    def _control(self, *arguments: str) -> None:
        embedded.run_tool("pg_ctl", "-D", str(self.folder), "-w", *arguments)


@asynccontextmanager
async def running_postgres(home: Path) -> AsyncIterator[Postgres]:
    """With fsync and synchronous commits, as a team's own would be."""
    async with embedded.embedded_server(home) as url:
        yield Postgres(url, home / "postgres")
