"""The job queue: procrastinate, in the same database and in the same transactions."""

from dataclasses import dataclass
from uuid import UUID

from procrastinate import App, PsycopgConnector
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.leasing import Enqueue
from knowledge.database import Database, raw_connection

QUEUE, ANSWER = "answers", "answer"
ERRANDS, ERRAND = "errands", "errand"
"""Queues and the names of their tasks, each with one argument: ``lane``."""

_APART = "|"

_ALONE = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:lock, 0))")
_WAITING = text("SELECT 1 FROM procrastinate_jobs WHERE queueing_lock = :lock AND status = 'todo'")


def job_app(database: Database) -> App:
    """An app of our database; to enqueue within a transaction it need not be opened."""
    return App(connector=PsycopgConnector(conninfo=database.conninfo, min_size=1, max_size=4))


@dataclass(frozen=True, slots=True)
class WakeUps:
    """What the ledger and `Errands` call to wake a worker up."""

    answers: Enqueue
    errands: Enqueue


def enqueue_answers(app: App) -> Enqueue:
    """What the ledger calls to wake a worker up."""
    return _enqueue(app, QUEUE, ANSWER)


def enqueue_errands(app: App) -> Enqueue:
    """What `Errands` calls to wake a worker up."""
    return _enqueue(app, ERRANDS, ERRAND)


def wake_ups(app: App) -> WakeUps:
    """Wake-ups in the schema of the rows that they are for."""
    return WakeUps(enqueue_answers(app), enqueue_errands(app))


def wake_ups_of(team: str, app: App, main: Database, own: Database) -> WakeUps:
    """Wake-ups of one workspace among many, in the main schema, where workers look.

    They are still added in the transaction of the rows, which are in the workspace's own schema;
    `team_and_lane` reads them.
    """
    see = text("SELECT set_config('search_path', :path, true)")

    def there(enqueue: Enqueue) -> Enqueue:
        async def elsewhere(
            connection: AsyncConnection,
            row: UUID,
            lane: str,
            priority: int = 0,
            *,
            new: bool = False,
        ) -> None:
            await connection.execute(see, {"path": f"{main.schema}, public"})
            await enqueue(connection, row, f"{team}{_APART}{lane}", priority, new=new)
            await connection.execute(see, {"path": f"{own.schema}, public"})

        return elsewhere

    mine = wake_ups(app)
    return WakeUps(there(mine.answers), there(mine.errands))


def team_and_lane(wake_up: str) -> tuple[str, str]:
    """Whose wake-up it is, and which of its lanes it is for."""
    team, _, lane = wake_up.partition(_APART)
    return team, lane


FORGET = text(
    "DELETE FROM procrastinate_jobs WHERE status <> 'doing' "
    "AND starts_with(args->>'lane', :team || '|')"
)
"""Deletes what would wake workers for one workspace of many; what runs ends by itself."""


def _enqueue(app: App, queue: str, task: str) -> Enqueue:
    async def enqueue(
        connection: AsyncConnection, row: UUID, lane: str, priority: int = 0, *, new: bool = False
    ) -> None:
        if not (new or await _is_missing(connection, row)):
            return
        job = app.configure_task(
            task,
            queue=queue,
            queueing_lock=str(row),
            priority=priority,
            connection=await raw_connection(connection),
        )
        await job.defer_async(lane=lane)

    return enqueue


async def _is_missing(connection: AsyncConnection, row: UUID) -> bool:
    # Whoever adds the same at this moment may be frozen, and the queue's index would wait for
    # them: the sweep, and with it all that is overdue. If they fail, the next sweep sees it.
    lock = {"lock": str(row)}
    alone = await connection.scalar(_ALONE, lock)
    return bool(alone) and not await connection.scalar(_WAITING, lock)
