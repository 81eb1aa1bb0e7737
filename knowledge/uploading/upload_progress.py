"""How far an upload is, told several times a second to whoever watches."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from knowledge.beir import CORPUS
from knowledge.sources import Root
from knowledge.storage.ingest import Progress, Report, silent
from knowledge.uploading.survey import Read, Survey

_TICK_S = 0.2
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Standing:
    """Documents looked at, of how many (None: not known), those stored, and their chunks."""

    done: int
    total: int | None
    stored: int
    chunks: int


Watch = Callable[[Standing], None]


def unwatched(_: Standing) -> None:
    """Nobody looks: nothing is counted."""


@asynccontextmanager
async def watching(
    watch: Watch, survey: Survey, roots: Sequence[Root], read: Read
) -> AsyncIterator[Report]:
    """Tell ``watch`` the standing until the block ends, then once more; yields what ingest calls.

    The total is counted beside the work, in a thread; it is not known of a web site.
    """
    if watch is unwatched:
        yield silent
        return
    stored = Progress(0, 0)
    counted = _Count(roots, read, survey)

    def report(now: Progress) -> None:
        nonlocal stored
        stored = now

    def tell() -> None:
        done = survey.unchanged + len(survey.failed) + stored.documents
        total = None if counted.total is None else max(counted.total, done)
        watch(Standing(done, total, stored.documents, stored.chunks))

    async def tick() -> None:
        while True:
            tell()
            await asyncio.sleep(_TICK_S)

    counting = asyncio.create_task(asyncio.to_thread(counted.count))
    ticking = asyncio.create_task(tick())
    try:
        yield report
    finally:
        counted.stop.set()
        ticking.cancel()
        with suppress(OSError, ValueError):
            await asyncio.shield(counting)
        tell()


class _Count:
    """The number of documents under the roots, without reading them; None until it is known."""

    def __init__(self, roots: Sequence[Root], read: Read, survey: Survey) -> None:
        self.total = None if survey.only is None else len(survey.only)
        self.stop = threading.Event()
        self._roots = roots
        self._read = read

    def count(self) -> None:
        """Blocks until it is counted, or stopped."""
        if self.total is not None or any(_is_web(root) for root in self._roots):
            return
        total = 0
        for root in self._roots:
            if Path(root.path).name == CORPUS:
                total += _lines(Path(root.path))
                continue
            for _ in self._read(root):
                total += 1
                if self.stop.is_set():
                    return
        self.total = total


def _is_web(root: Root) -> bool:
    return str(root.path).startswith(("http://", "https://"))


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(_BLOCK), b""))
