import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest

from knowledge.embedded import embedded_server
from knowledge.errors import DatabaseError

_HOLD = """
import asyncio, pathlib, sys
from knowledge.embedded import embedded_server
async def hold() -> None:
    async with embedded_server(pathlib.Path(sys.argv[1])) as url:
        print(url, flush=True)
        await asyncio.to_thread(sys.stdin.read)
asyncio.run(hold())
"""


def _another_process(home: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _postmaster(home: Path) -> psutil.Process:
    return psutil.Process(int((home / "postgres/postmaster.pid").read_text().splitlines()[0]))


def _is_alive(process: psutil.Process) -> bool:
    return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)


def _rows(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM kept").fetchone()
    assert row is not None
    return int(row[0])


async def test_the_server_stops_only_with_its_last_user(tmp_path: Path) -> None:
    with _another_process(tmp_path) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        await asyncio.to_thread(other.stdout.readline)
        async with embedded_server(tmp_path) as url:
            other.stdin.close()
            await asyncio.to_thread(other.wait)
            with psycopg.connect(url) as connection:
                connection.execute("SELECT 1")
            server = _postmaster(tmp_path)
    assert not _is_alive(server)


async def test_it_recovers_after_everything_was_killed(tmp_path: Path) -> None:
    with _another_process(tmp_path) as other:
        assert other.stdout is not None
        url = (await asyncio.to_thread(other.stdout.readline)).strip()
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000)")
        server = _postmaster(tmp_path)
        other.kill()
        for process in (server, *server.children(recursive=True)):
            os.kill(process.pid, signal.SIGKILL)
    async with embedded_server(tmp_path) as url:
        assert await asyncio.to_thread(_rows, url) == 1000


async def test_it_recovers_when_only_the_postmaster_was_killed(tmp_path: Path) -> None:
    async with embedded_server(tmp_path) as url:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1")
        server = _postmaster(tmp_path)
        server.kill()
        while _is_alive(server):
            await asyncio.sleep(0.01)
        async with embedded_server(tmp_path) as url_after:
            assert await asyncio.to_thread(_rows, url_after) == 1


async def test_a_reused_process_id_is_not_taken_for_the_server(tmp_path: Path) -> None:
    async with embedded_server(tmp_path):
        pass
    (tmp_path / "postgres/postmaster.pid").write_text(f"{os.getpid()}\n{tmp_path}\n")
    async with embedded_server(tmp_path) as url:
        with psycopg.connect(url) as connection:
            connection.execute("SELECT 1")


async def test_a_long_path_still_has_a_socket(tmp_path: Path) -> None:
    home = tmp_path / ("long" * 40)
    async with embedded_server(home) as url:
        with psycopg.connect(url) as connection:
            connection.execute("SELECT 1")


async def test_a_home_that_cannot_be_written_gets_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DatabaseError, match="set KNOWHOW_HOME"):
        async with embedded_server(tmp_path / "file" / "home"):
            pass
