"""The job: encode and store documents that an upload has parsed and staged.

A job is a wake-up: it takes some staged documents, whatever upload they are of. It runs in a queue
of its own, one at a time in a process, so that no question waits for an upload's documents.
"""

import logging
from contextlib import suppress

from procrastinate import App
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.jobs.queue import job_app
from knowledge.database import Database, raw_connection
from knowledge.embedding import Encoder
from knowledge.errors import DatabaseError, KnowledgeError
from knowledge.storage.library import Library
from knowledge.uploading.staged_work import work_off
from knowledge.uploading.staging import unattended

logger = logging.getLogger(__name__)

INGEST_QUEUE = "documents"
INGEST = "ingest"
"""The name of the task, without arguments."""

_PRIORITY = -10
_FRESH_S = 30
"""A worker's heartbeat comes every ten seconds."""

_DOCUMENTS_A_JOB = 16

_ALIVE = text("""
    SELECT EXISTS (
        SELECT FROM procrastinate_workers
        WHERE last_heartbeat > now() - make_interval(secs => :seconds)
    )
""")

_WAITING = text(
    "SELECT count(*) FROM procrastinate_jobs WHERE queue_name = :queue AND status = 'todo'"
)


class JobQueue:
    """The workers as an upload sees them: `knowledge.uploading.queued_upload.WorkQueue`."""

    def __init__(self, database: Database) -> None:
        self._engine = database.engine
        self._app = job_app(database)

    async def has_workers(self) -> bool:
        """Whether one has said within half a minute that it is alive."""
        async with self._engine.connect() as connection:
            return bool(await connection.scalar(_ALIVE, {"seconds": _FRESH_S}))

    async def wake(self, connection: AsyncConnection, jobs: int) -> None:
        """Add jobs in the connection's transaction."""
        task = self._app.configure_task(
            INGEST,
            queue=INGEST_QUEUE,
            priority=_PRIORITY,
            connection=await raw_connection(connection),
        )
        try:
            await task.batch_defer_async(*({} for _ in range(jobs)))
        except ConnectorException as error:
            raise DatabaseError(
                "the job queue takes nothing: `knowhow doctor` says why, `--local` does without it"
            ) from error


class IngestJob:
    """What a worker runs for each wake-up."""

    def __init__(self, library: Library, encoder: Encoder) -> None:
        self.library = library
        self.encoder = encoder

    async def run(self) -> None:
        """Store some staged documents; what fails is given back, and the upload sees to it."""
        try:
            count = await work_off(self.library, self.encoder)
        except KnowledgeError as error:
            logger.warning("staged documents were not stored: %s", error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the lease was given back
            name = type(error).__name__
            logger.error("staged documents were not stored: %s", name)  # noqa: TRY400 - may quote
        else:
            logger.debug("%d staged documents were worked off", count)


async def attend(job: IngestJob, queue: JobQueue, jobs: App) -> None:
    """One look: as many jobs as there is work for, and none that a dead worker holds."""
    for dead in await jobs.job_manager.get_stalled_jobs(
        queue=INGEST_QUEUE, seconds_since_heartbeat=_FRESH_S
    ):
        with suppress(ConnectorException):
            await jobs.job_manager.finish_job(dead, status=Status.FAILED, delete_job=True)
    async with job.library.engine.begin() as connection:
        free = await unattended(connection, job.encoder.name)
        waiting = int(await connection.scalar(_WAITING, {"queue": INGEST_QUEUE}) or 0)
        missing = -(-free // _DOCUMENTS_A_JOB) - waiting
        if missing > 0:
            await queue.wake(connection, missing)
