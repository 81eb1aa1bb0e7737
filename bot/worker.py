"""The worker: runs answer jobs until it is told to stop, then hands back what it holds."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from procrastinate import App
from procrastinate.exceptions import ConnectorException
from psycopg import Error as PsycopgError

from agent.ledger import Ledger
from bot.jobs.queue import ANSWER, QUEUE, job_app
from bot.jobs.sweep import sweep_forever
from knowledge.database import Database

logger = logging.getLogger(__name__)

_RESTART_AFTER_S = 2.0


async def run_worker(
    database: Database,
    ledger: Ledger,
    answer: Callable[[str], Awaitable[None]],
    *,
    concurrency: int,
    grace_s: float = 20.0,
    sweep_every_s: float = 5.0,
) -> None:
    """Answer until cancelled.

    Cancelling drains: no further job is taken, the running ones get ``grace_s`` seconds to
    finish, and what is left then is handed back to the ledger for another worker. Without the
    database it waits for it to come back.
    """
    while True:
        jobs = job_app(database)
        jobs.task(name=ANSWER, queue=QUEUE)(_guarded(answer))
        try:
            await _work(jobs, ledger, concurrency, grace_s, sweep_every_s)
        except (ConnectorException, PsycopgError, OSError) as error:
            logger.warning(
                "the worker lost the database (%s), it tries again", type(error).__name__
            )
        await asyncio.sleep(_RESTART_AFTER_S)


async def _work(
    jobs: App, ledger: Ledger, concurrency: int, grace_s: float, sweep_every_s: float
) -> None:
    """Work for as long as the queue can be reached."""
    async with jobs.open_async():
        sweeping = asyncio.create_task(sweep_forever(ledger, jobs, sweep_every_s))
        try:
            await jobs.run_worker_async(
                queues=[QUEUE],
                concurrency=concurrency,
                install_signal_handlers=False,
                # A notification that comes while the queue is being read is not seen.
                fetch_job_polling_interval=1.0,
                shutdown_graceful_timeout=grace_s,
                # The ledger keeps the history, a job is only a wake-up.
                delete_jobs="always",
            )
        finally:
            sweeping.cancel()
            await asyncio.wait({sweeping})


def _guarded(answer: Callable[[str], Awaitable[None]]) -> Callable[[str], Awaitable[None]]:
    """A job that fails is no loss, its row is swept; its error's text may quote the question."""

    async def guarded(lane: str) -> None:
        try:
            await answer(lane)
        except Exception as error:  # noqa: BLE001 - whatever it is, the lease runs out
            name = type(error).__name__
            logger.error("lane %s was not worked off: %s", lane, name)  # noqa: TRY400 - as above

    return guarded
