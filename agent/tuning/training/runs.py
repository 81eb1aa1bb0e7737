"""Trainings as stored: begun once, gone on with after any interruption, ended once."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Integer,
    cast,
    column,
    desc,
    func,
    insert,
    literal_column,
    select,
    table,
    text,
    update,
)

from agent.errors import TrainingError
from agent.tables import domain_model, training_run
from agent.tuning.training.trainer import Say, Trainer, unheard
from knowledge.database import Database

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('knowhow training runs'))")
_HELD = func.hashtext("knowhow training run")
_held_now = (
    select(literal_column("1"))
    .select_from(table("pg_locks", column("locktype"), column("classid"), column("objid")))
    .where(
        column("locktype") == "advisory",
        cast(column("classid"), BigInteger) == cast(_HELD, BigInteger).op("&")(0xFFFFFFFF),
        cast(column("objid"), BigInteger) == training_run.c.id,
    )
    .correlate(training_run)
    .exists()
)
_LISTED: Any = select(*training_run.c, _held_now)


@dataclass(frozen=True, slots=True)
class Listed:
    """A training as ``tune runs`` shows it."""

    id: int
    backend: str
    dataset: int
    encoder: str
    settings: Mapping[str, Any]
    state: str
    progress: Mapping[str, Any]
    error: str | None
    version: int | None
    created_at: datetime
    updated_at: datetime
    held: bool
    """Whether a process is at it now."""

    @property
    def shown_state(self) -> str:
        """As stored; ``stopped`` where it is open and nobody is at it."""
        return "stopped" if self.state == "running" and not self.held else self.state


class Run:
    """The memory of one training, in its row."""

    def __init__(self, database: Database, row: Listed, say: Say = unheard) -> None:
        self.run = row.id
        self.encoder = row.encoder
        self._engine = database.engine
        self._remembered: dict[str, Any] = dict(row.progress)
        self._say = say

    @property
    def remembered(self) -> Mapping[str, Any]:
        """All that was remembered so far."""
        return self._remembered

    async def remember(self, **facts: Any) -> None:
        """Keep JSON values by name."""
        self._remembered.update(facts)
        await self._set(progress=self._remembered)

    async def wanted(self) -> bool:
        """Whether nobody has cancelled the training."""
        query = select(training_run.c.state).where(training_run.c.id == self.run)
        async with self._engine.connect() as connection:
            return await connection.scalar(query) != "cancelled"

    def say(self, line: str) -> None:
        """Tell the person who waits."""
        self._say(line)

    async def made(self) -> int | None:
        """The version that this training has already stored, before it was interrupted."""
        of_run = cast(domain_model.c.manifest["run"].astext, Integer) == self.run
        query = select(domain_model.c.version).where(of_run).limit(1)
        async with self._engine.connect() as connection:
            version: int | None = await connection.scalar(query)
        return version

    async def succeeded(self, version: int) -> None:
        """End it with what it made."""
        await self._set(state="succeeded", version=version, error=None)

    async def failed(self, error: TrainingError) -> None:
        """End it with the reason, unless it was cancelled meanwhile."""
        if await self.wanted():
            await self._set(state="failed", error=str(error))

    async def cancelled(self) -> None:
        """End it because a person said so."""
        await self._set(state="cancelled")

    async def _set(self, **columns: Any) -> None:
        changed = update(training_run).where(training_run.c.id == self.run)
        async with self._engine.begin() as connection:
            await connection.execute(changed.values(**columns, updated_at=func.now()))


async def runs(database: Database) -> list[Listed]:
    """Every training, newest first."""
    query = _LISTED.order_by(desc(training_run.c.id))
    async with database.engine.connect() as connection:
        return [Listed(*row) for row in await connection.execute(query)]


async def find_run(database: Database, number: int) -> Listed:
    """One training; TrainingError when there is none of that number."""
    query = _LISTED.where(training_run.c.id == number)
    async with database.engine.connect() as connection:
        row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise TrainingError(f"there is no training {number}: `knowhow tune runs` lists them")
    return Listed(*row)


async def cancel(
    database: Database, number: int, stop: Callable[[Run, Listed], Awaitable[None]]
) -> None:
    """End a training, after ``stop`` has ended what goes on outside; TrainingError when over."""
    listed = await find_run(database, number)
    if listed.state != "running":
        raise TrainingError(f"training {number} is over already: it has {listed.state}")
    run = Run(database, listed)
    await stop(run, listed)
    await run.cancelled()


async def unfinished(
    database: Database, trainer: Trainer, dataset: int, encoder: str
) -> Listed | None:
    """The open training that this one goes on with.

    Raises TrainingError when another one of the backend is open that has something to lose.
    """
    open_ = (training_run.c.backend == trainer.backend, training_run.c.state == "running")
    query = _LISTED.where(*open_).order_by(desc(training_run.c.id))
    async with database.engine.connect() as connection:
        found = [Listed(*row) for row in await connection.execute(query)]
    wanted = (dataset, encoder, dict(trainer.settings))
    for one in found:
        if (one.dataset, one.encoder, one.settings) == wanted:
            return one
    kept = next((one for one in found if one.progress), None)
    if kept is not None:
        raise TrainingError(
            f"training {kept.id} ({kept.backend}, dataset {kept.dataset}) is not finished and "
            f"differs from this one: go on with `--dataset {kept.dataset}` and its settings, or "
            f"end it with `knowhow tune cancel {kept.id}`"
        )
    return None


@asynccontextmanager
async def open_run(
    database: Database, trainer: Trainer, dataset: int, encoder: str, say: Say = unheard
) -> AsyncIterator[Run]:
    """The unfinished training of the same settings, or a new one, held until the block ends.

    Raises TrainingError when another process holds it, and as `unfinished` does.
    """
    async with database.engine.begin() as connection:
        await connection.execute(_ONE_AT_A_TIME)
        row = await unfinished(database, trainer, dataset, encoder)
        if row is None:
            # What is still open and kept nothing was killed, and there is nothing to go on with.
            lost = {"state": "failed", "error": "it was stopped before there was anything to keep"}
            left = (training_run.c.backend == trainer.backend, training_run.c.state == "running")
            await connection.execute(update(training_run).where(*left).values(lost))
            values = {
                "backend": trainer.backend,
                "dataset": dataset,
                "encoder": encoder,
                "settings": dict(trainer.settings),
            }
            added = insert(training_run).values(values).returning(*training_run.c)
            row = Listed(*(*(await connection.execute(added)).one(), False))
    async with _held(database, row.id):
        yield Run(database, row, say)


@asynccontextmanager
async def _held(database: Database, number: int) -> AsyncIterator[None]:
    """A lock that goes with the process, however it ends."""
    async with database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        got = await connection.scalar(select(func.pg_try_advisory_lock(_HELD, number)))
        if not got:
            raise TrainingError(
                f"training {number} is running in another process: wait for it, or end it with "
                f"`knowhow tune cancel {number}`"
            )
        try:
            yield
        finally:
            await connection.execute(select(func.pg_advisory_unlock(_HELD, number)))
