"""The processes under test: so many that serve, so many that work, each replaced when it dies."""

import asyncio
import multiprocessing
import os
import secrets
import signal
import socket
import time
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import psutil

from tests.faults import child

WORKER = ("work",)

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([child.__name__])


@dataclass
class Member:
    """One process; ``name`` is also the first part of the path under which it reaches Slack."""

    name: str
    process: ForkServerProcess
    port: int = 0
    frozen: bool = False
    born: float = field(default_factory=time.monotonic)

    @property
    def pid(self) -> int:
        """The process's id."""
        assert self.process.pid is not None
        return self.process.pid

    def signal(self, number: signal.Signals) -> bool:
        """Send it, unless the process has gone already."""
        if not self.process.is_alive():
            return False
        os.kill(self.pid, number)
        return True

    def memory_mb(self) -> float:
        """Resident, in MB; 0 when it has gone."""
        try:
            return float(psutil.Process(self.pid).memory_info().rss / 1e6)
        except psutil.Error:
            return 0.0


@dataclass
class Fleet:
    """Keeps the wanted numbers running. ``environment`` makes a process's from its name."""

    folder: Path
    environment: Mapping[str, str]
    urls: Mapping[str, str]
    """Variables that hold a URL in which ``{name}`` is the process's own name."""
    servers: int
    workers: int
    over: str = "http"
    """How they take events: ``http`` or ``socket``."""
    members: dict[str, Member] = field(default_factory=dict)
    retired: list[Member] = field(default_factory=list)
    """Told to stop, and not replaced by themselves."""
    started: int = 0
    secret: str = field(default_factory=lambda: secrets.token_hex(16))
    """Signs what is sent to these processes: a stranger who got the port of one refuses it."""

    def run(self, arguments: Sequence[str], name: str, port: int = 0) -> ForkServerProcess:
        """Start ``knowhow ARGUMENTS`` under that name."""
        own = {key: url.format(name=name) for key, url in self.urls.items()}
        given = {**self.environment, **own, "KNOWHOW_PORT": str(port)}
        given["SLACK_SIGNING_SECRET"] = self.secret
        log = str(self.folder / f"{name.rstrip('0123456789')}.log")
        process = _FORKS.Process(target=child.run, args=(arguments, given, log), name=name)
        process.start()
        return process

    def fill(self) -> None:
        """Start what is missing."""
        for name, member in list(self.members.items()):
            if not member.process.is_alive():
                del self.members[name]
        self.retired = [one for one in self.retired if one.process.is_alive()]
        for kind, arguments, wanted in (
            ("server", ("serve", f"--{self.over}", "--no-worker"), self.servers),
            ("worker", WORKER, self.workers),
        ):
            for _ in range(wanted - len(self.of(kind))):
                self.started += 1
                name = f"{kind}{self.started}"
                port = _free_port() if kind == "server" else 0
                self.members[name] = Member(name, self.run(arguments, name, port), port)

    def of(self, kind: str) -> list[Member]:
        """Those that serve, or those that work."""
        return [one for one in self.members.values() if one.name.startswith(kind)]

    def retire(self, member: Member) -> None:
        """Tell it to stop in order; another takes its place at once."""
        if member.signal(signal.SIGTERM):
            self.members.pop(member.name, None)
            self.retired.append(member)

    async def keep(self) -> None:
        """Replace the dead until cancelled."""
        while True:
            self.fill()
            await asyncio.sleep(0.1)

    async def listening(self, connected: Container[str]) -> None:
        """Wait until every server can be reached; ``connected`` are those that have a socket."""
        async with asyncio.timeout(60):
            while not all(
                _accepts(member.port) if self.over == "http" else member.name in connected
                for member in self.of("server")
            ):
                await asyncio.sleep(0.05)
                self.fill()

    def stop(self) -> None:
        """Kill all."""
        for member in (*self.members.values(), *self.retired):
            member.signal(signal.SIGKILL)
            member.process.join()


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
