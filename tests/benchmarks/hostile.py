"""What files made to hurt do to an upload: ``python -m tests.benchmarks.hostile``.

Each is read as an upload reads it. Shown are its seconds, the largest memory that the parsing
process had (sampled every 10 ms), who called the network, and how it ended.
"""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
from rich.console import Console
from rich.table import Table

from tests.knowledge.parsing.test_hostile import CASES, outcome

_SHOWN = 60


class _Watch(threading.Thread):
    """Samples the memory of this process's children, and counts calls to a port."""

    def __init__(self, server: socket.socket) -> None:
        super().__init__(daemon=True)
        self._server = server
        self._server.settimeout(0)
        self._stopped = threading.Event()
        self.peak = 0
        self.calls = 0

    def run(self) -> None:
        own = psutil.Process()
        while not self._stopped.wait(0.01):
            for child in own.children(recursive=True):
                try:
                    self.peak = max(self.peak, child.memory_info().rss)
                except psutil.Error:
                    continue
            try:
                self._server.accept()[0].close()
                self.calls += 1
            except BlockingIOError:
                continue

    def stop(self) -> None:
        self._stopped.set()
        self.join()


@contextmanager
def _watched(server: socket.socket) -> Iterator[_Watch]:
    watch = _Watch(server)
    watch.start()
    try:
        yield watch
    finally:
        watch.stop()


def _main() -> None:
    listing = Table("file", "MB", "seconds", "peak MiB", "calls", "how it ends", box=None)
    with socket.create_server(("127.0.0.1", 0)) as server:
        for name, (file, make) in CASES.items():
            data = make(server.getsockname()[1])
            with _watched(server) as watch:
                begun = time.perf_counter()
                text, reason = outcome(data, file)
                taken = time.perf_counter() - begun
            ended = f"refused: {reason}" if reason else f"{len(text):,} characters of text"
            listing.add_row(
                f"{name} ({file})",
                f"{len(data) / 1e6:.1f}",
                f"{taken:.2f}",
                f"{watch.peak / 2**20:.0f}",
                str(watch.calls),
                ended[:_SHOWN],
            )
    Console(width=140).print(listing)


if __name__ == "__main__":
    _main()
