"""The worker: runs answers and errands until it is told to stop, then hands back what it holds.

Beside them it encodes staged documents, one job at a time, from a queue of their own.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from procrastinate.exceptions import ConnectorException
from psycopg import Error as PsycopgError

from bot.jobs.ingest import INGEST, INGEST_QUEUE, IngestJob, JobQueue, attend
from bot.jobs.queue import job_app
from bot.jobs.repeating import repeating
from bot.jobs.sweep import Wakes, sweep
from bot.jobs.traces import trace
from knowledge.database import Database

logger = logging.getLogger(__name__)

_RESTART_AFTER_S = 2.0


@dataclass(frozen=True, slots=True)
class Shift:
    """One queue's work: its task's name, what runs for each wake-up, and how many at a time.

    ``rows`` is where lost wake-ups are found again.
    """

    queue: str
    task: str
    run: Callable[[str], Awaitable[None]]
    rows: Wakes
    concurrency: int


async def run_worker(
    database: Database,
    shifts: Sequence[Shift],
    *,
    grace_s: float = 15.0,
    sweep_every_s: float = 3.0,
    ingest: IngestJob | None = None,
) -> None:
    """Work until cancelled, and take part in uploads where ``ingest`` is given.

    Cancelling drains: no further job is taken, the running ones get ``grace_s`` seconds to
    finish, and what is left then is handed back to its table for another worker. Without the
    database it waits for it to come back.
    """
    while True:
        working = [_work(database, shift, grace_s, sweep_every_s) for shift in shifts]
        if ingest is not None:
            working.append(_take_part(database, ingest, sweep_every_s))
        try:
            await _all(working)
        except (ConnectorException, PsycopgError, OSError) as error:
            logger.warning(
                "the worker lost the database (%s), it tries again", type(error).__name__
            )
        except Exception as error:  # noqa: BLE001 - else the process lives on and answers nobody
            name, where = type(error).__name__, trace(error)
            logger.error("the worker failed (%s), it starts again\n%s", name, where)  # noqa: TRY400
        await asyncio.sleep(_RESTART_AFTER_S)


async def _work(database: Database, shift: Shift, grace_s: float, sweep_every_s: float) -> None:
    """Work for as long as the queue can be reached."""
    jobs = job_app(database)
    jobs.task(name=shift.task, queue=shift.queue)(_guarded(shift.run))
    swept = partial(sweep, shift.rows, jobs, shift.queue)
    async with jobs.open_async(), repeating(swept, sweep_every_s, "sweep"):
        await jobs.run_worker_async(
            queues=[shift.queue],
            concurrency=shift.concurrency,
            install_signal_handlers=False,
            # A notification that comes while the queue is being read is not seen.
            fetch_job_polling_interval=1.0,
            shutdown_graceful_timeout=grace_s,
            # The tables keep the history, a job is only a wake-up.
            delete_jobs="always",
        )


async def _all(workers: Sequence[Coroutine[Any, Any, None]]) -> None:
    """Run until one ends, which is when it has lost the database; cancelled, all drain at once."""
    tasks = [asyncio.create_task(worker) for worker in workers]
    try:
        ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in ended:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _take_part(database: Database, ingest: IngestJob, attend_every_s: float) -> None:
    """Work on uploads; told to stop, what is not yet stored goes to another worker at once."""
    jobs = job_app(database)
    jobs.task(name=INGEST, queue=INGEST_QUEUE)(ingest.run)
    attended = partial(attend, ingest, JobQueue(database), jobs)
    async with jobs.open_async(), repeating(attended, attend_every_s, "look at uploads"):
        await jobs.run_worker_async(
            queues=[INGEST_QUEUE],
            concurrency=1,
            install_signal_handlers=False,
            fetch_job_polling_interval=1.0,
            shutdown_graceful_timeout=0.0,
            delete_jobs="always",
        )


def _guarded(run: Callable[[str], Awaitable[None]]) -> Callable[[str], Awaitable[None]]:
    """A job that fails is no loss, its row is swept; its error's text may quote the question."""

    async def guarded(lane: str) -> None:
        try:
            await run(lane)
        except Exception as error:  # noqa: BLE001 - whatever it is, the lease runs out
            name = type(error).__name__
            logger.error("lane %s was not worked off: %s", lane, name)  # noqa: TRY400 - as above

    return guarded
