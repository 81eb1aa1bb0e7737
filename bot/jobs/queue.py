"""The job queue: procrastinate, in the same database and in the same transactions."""

from uuid import UUID

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.leasing import Enqueue
from knowledge.database import Database, raw_connection

QUEUE, ANSWER = "answers", "answer"
ERRANDS, ERRAND = "errands", "errand"
"""Queues and the names of their tasks, each with one argument: ``lane``."""

_WAITING = text("SELECT 1 FROM procrastinate_jobs WHERE queueing_lock = :lock AND status = 'todo'")


def job_app(database: Database) -> App:
    """An app of our database; to enqueue within a transaction it need not be opened."""
    return App(connector=PsycopgConnector(conninfo=database.conninfo, min_size=1, max_size=4))


def enqueue_answers(app: App) -> Enqueue:
    """What the ledger calls to wake a worker up."""
    return _enqueue(app, QUEUE, ANSWER)


def enqueue_errands(app: App) -> Enqueue:
    """What `Errands` calls to wake a worker up."""
    return _enqueue(app, ERRANDS, ERRAND)


def _enqueue(app: App, queue: str, task: str) -> Enqueue:
    async def enqueue(connection: AsyncConnection, row: UUID, lane: str, priority: int) -> None:
        lock = str(row)
        if await connection.scalar(_WAITING, {"lock": lock}):
            return
        job = app.configure_task(
            task,
            queue=queue,
            queueing_lock=lock,
            priority=priority,
            connection=await raw_connection(connection),
        )
        try:
            async with connection.begin_nested():
                await job.defer_async(lane=lane)
        except AlreadyEnqueued:
            pass  # by another process, since we looked

    return enqueue
