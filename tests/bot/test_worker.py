"""The worker's loops go on, whatever they meet: nobody looks whether they still run."""

import asyncio
import logging
from contextlib import suppress
from functools import partial

import pytest

from bot import worker
from bot.jobs.queue import QUEUE, job_app
from bot.jobs.repeating import repeated
from bot.jobs.sweep import sweep
from bot.worker import Shift, run_worker
from knowledge.database import Database


class Rows:
    """Rows whose sweep fails in a way that nobody has thought of, each time."""

    def __init__(self) -> None:
        self.swept = asyncio.Semaphore(0)

    async def wake_overdue(self) -> int:
        self.swept.release()
        raise RuntimeError("quotes what somebody asked")


async def ended(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_a_sweep_that_fails_is_followed_by_the_next(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    rows = Rows()
    sweeping = asyncio.create_task(
        repeated(partial(sweep, rows, job_app(database), QUEUE), 0.01, "sweep")
    )
    async with asyncio.timeout(10):
        for _ in range(3):
            await rows.swept.acquire()
    await ended(sweeping)
    assert "RuntimeError" in caplog.text
    assert "quotes" not in caplog.text


async def test_a_worker_that_fails_starts_again(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(worker, "_RESTART_AFTER_S", 0.01)
    broken = iter([RuntimeError("quotes what somebody asked")])

    def opened(database: Database) -> object:
        for error in broken:
            raise error
        return job_app(database)

    # What fails lies deep in the queue's library, and nothing outside of it brings it about.
    monkeypatch.setattr(worker, "job_app", opened)

    async def run(_: str) -> None: ...

    rows = Rows()
    shift = Shift(QUEUE, "answer", run, rows, 1)
    with caplog.at_level(logging.ERROR, "bot.worker"):
        working = asyncio.create_task(run_worker(database, (shift,), grace_s=0, sweep_every_s=0.1))
        async with asyncio.timeout(30):
            await rows.swept.acquire()
        await ended(working)
    assert "RuntimeError" in caplog.text
    assert "quotes" not in caplog.text
