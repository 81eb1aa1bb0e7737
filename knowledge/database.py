"""The database: connect, check that it can serve, bring its schema to head."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Connection, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from knowledge.embedded import embedded_server
from knowledge.engine import conninfo, make_engine
from knowledge.errors import DatabaseError

if TYPE_CHECKING:
    import psycopg

SCHEMA = "knowhow"
HEAD = "0014"
"""The newest migration, written here so that a start need not load Alembic; a test compares."""

IDLE = timedelta(minutes=5)
_OLDEST_PGVECTOR = (0, 8)


@dataclass(frozen=True, slots=True)
class Database:
    """An engine whose connections see one schema, and the conninfo for libraries with own pools."""

    engine: AsyncEngine
    conninfo: str
    schema: str
    idle: timedelta
    """How long a process that is frozen within a transaction keeps its locks from the others."""

    @property
    def autocommit(self) -> AsyncEngine:
        """The engine for statements that are each a transaction of their own.

        One alone needs a third of the round trips, and its locks are held by nobody who is frozen.
        """
        return self.engine.execution_options(isolation_level="AUTOCOMMIT")


@asynccontextmanager
async def open_database(
    url: str | None, home: Path, idle: timedelta = IDLE
) -> AsyncIterator[Database]:
    """Open the Postgres at ``url``, or the embedded one under ``home``, ready to be used.

    An embedded or an empty database is migrated to head; one that is behind is refused with the
    command that mends it, because migrating a shared server is an admin's decision.

    Raises DatabaseError with what is wrong and what to do.
    """
    async with _server(url, home) as address, open_engine(address, SCHEMA, idle) as database:
        await _check_server(database, address)
        revision = await current_revision(database)
        if revision is None or (revision != HEAD and url is None):
            await migrate(database)
            # The pool's connections made before the extension do not know its types.
            await database.engine.dispose()
        elif revision != HEAD:
            raise DatabaseError(
                f"the database's schema is at {revision}, this version needs {HEAD}: "
                "run `knowhow migrate`"
            )
        yield database


@asynccontextmanager
async def open_for_migration(url: str | None, home: Path) -> AsyncIterator[Database]:
    """As `open_database`, whatever revision the schema is at."""
    async with _server(url, home) as address, open_engine(address, SCHEMA) as database:
        await _check_server(database, address)
        yield database


async def current_revision(database: Database) -> str | None:
    """The schema's revision; None when there is no schema yet."""
    async with database.engine.connect() as connection:
        present = await connection.scalar(text("SELECT to_regclass('alembic_version')"))
        if present is None:
            return None
        revision = await connection.scalar(text("SELECT version_num FROM alembic_version"))
        return None if revision is None else str(revision)


async def answers(database: Database) -> bool:
    """Whether the database can be reached now."""
    try:
        async with database.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except (DBAPIError, OSError):
        return False
    return True


async def migrate(database: Database) -> None:
    """Bring the schema to head; safe when several processes try at once."""
    async with database.engine.begin() as connection:
        # Two processes that create a schema or an extension at once would both fail.
        await connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('knowhow migrate'))"))
        await connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{database.schema}"'))
        await connection.run_sync(_upgrade)


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "migrations:")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def raw_connection(connection: AsyncConnection) -> "psycopg.AsyncConnection[Any]":
    """The psycopg connection under a SQLAlchemy one, in the same transaction: COPY, jobs."""
    raw = await connection.get_raw_connection()
    return cast("psycopg.AsyncConnection[Any]", raw.driver_connection)


@asynccontextmanager
async def _server(url: str | None, home: Path) -> AsyncIterator[URL]:
    if url is None:
        async with embedded_server(home) as embedded:
            yield make_url(embedded)
        return
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise DatabaseError(
            "KNOWHOW_DATABASE_URL is not a database URL: use postgresql://user:password@host/name"
        ) from error
    if not address.drivername.startswith("postgresql"):
        raise DatabaseError(
            f"KNOWHOW_DATABASE_URL names {address.drivername!r}: only postgresql://… can be used"
        )
    yield address


@asynccontextmanager
async def open_engine(address: URL, schema: str, idle: timedelta = IDLE) -> AsyncIterator[Database]:
    """Connections that see one schema, whether or not anything is there."""
    engine = make_engine(address, schema, idle)
    try:
        yield Database(engine, conninfo(address, schema, idle), schema, idle)
    finally:
        await engine.dispose()


async def _check_server(database: Database, address: URL) -> None:
    where = address.render_as_string(hide_password=True)
    try:
        async with database.engine.connect() as connection:
            found = await connection.scalar(
                text("SELECT default_version FROM pg_available_extensions WHERE name = 'vector'")
            )
            installed = await connection.scalar(
                text("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
            )
    except (OperationalError, OSError, TimeoutError) as error:
        cause = str(getattr(error, "orig", error)).strip().splitlines()[0]
        raise DatabaseError(
            f"no database at {where}: {cause}; check KNOWHOW_DATABASE_URL and that it runs"
        ) from error
    version = installed or found
    oldest = ".".join(map(str, _OLDEST_PGVECTOR))
    if version is None:
        raise DatabaseError(f"the server at {where} lacks pgvector: install {oldest} or newer")
    if tuple(int(part) for part in str(version).split(".")[:2]) < _OLDEST_PGVECTOR:
        raise DatabaseError(
            f"the server at {where} has pgvector {version}: Knowhow needs {oldest} or newer "
            "(ALTER EXTENSION vector UPDATE after installing it)"
        )
