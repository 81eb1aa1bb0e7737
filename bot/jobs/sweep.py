"""The sweep: finds what was accepted and nobody works on, and wakes a worker up for it."""

import logging
from contextlib import suppress
from typing import Protocol

from procrastinate import App
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status

logger = logging.getLogger(__name__)

_DEAD_AFTER_S = 60
"""A worker's heartbeat comes every ten seconds."""


class Wakes(Protocol):
    """The ledger or the errands, as the sweep sees them."""

    async def wake_overdue(self) -> int:
        """Enqueue what nobody works on; how many rows that is."""
        ...


async def sweep(rows: Wakes, jobs: App, queue: str) -> int:
    """One sweep; returns how many rows it found unattended."""
    woken = await rows.wake_overdue()
    if woken:
        logger.info("%d %s wait for a worker", woken, queue)
    for job in await jobs.job_manager.get_stalled_jobs(
        queue=queue, seconds_since_heartbeat=_DEAD_AFTER_S
    ):
        # What a killed worker leaves behind; its question is the ledger's business.
        with suppress(ConnectorException):
            await jobs.job_manager.finish_job(job, status=Status.FAILED, delete_job=True)
    return woken
