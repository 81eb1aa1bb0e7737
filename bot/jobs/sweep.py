"""The sweep: finds accepted questions that nobody works on, and wakes a worker up for them."""

import asyncio
import logging
from contextlib import suppress

from procrastinate import App
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status
from sqlalchemy.exc import SQLAlchemyError

from agent.ledger import Ledger
from bot.jobs.queue import QUEUE

logger = logging.getLogger(__name__)

_DEAD_AFTER_S = 60
"""A worker's heartbeat comes every ten seconds."""


async def sweep_forever(ledger: Ledger, jobs: App, every_s: float) -> None:
    """Sweep until cancelled. Any number of processes may: it only ever adds wake-ups."""
    while True:
        try:
            await sweep(ledger, jobs)
        except (SQLAlchemyError, ConnectorException, OSError) as error:
            logger.warning("no sweep this time: %s", type(error).__name__)
        await asyncio.sleep(every_s)


async def sweep(ledger: Ledger, jobs: App) -> int:
    """One sweep; returns how many rows it found unattended."""
    woken = await ledger.wake_overdue()
    if woken:
        logger.info("%d questions wait for a worker", woken)
    for job in await jobs.job_manager.get_stalled_jobs(
        queue=QUEUE, seconds_since_heartbeat=_DEAD_AFTER_S
    ):
        # What a killed worker leaves behind; its question is the ledger's business.
        with suppress(ConnectorException):
            await jobs.job_manager.finish_job(job, status=Status.FAILED, delete_job=True)
    return woken
