"""Other schemas beside the main one: a workspace's among many, and scratch ones to evaluate in."""

import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

import knowledge.upload_tables  # noqa: F401  a scratch schema has its tables as well
from knowledge.database import Database, open_engine
from knowledge.engine import SEES, conninfo
from knowledge.tables import metadata


@asynccontextmanager
async def named_schema(database: Database, name: str) -> AsyncIterator[Database]:
    """Another schema of the same database, whether or not it exists yet."""
    async with open_engine(database.engine.url, name) as named:
        yield named


def beside(database: Database, schema: str) -> Database:
    """Another schema of the same database, over the same pool: open as many as there are.

    A connection that saw another schema before is told at its checkout, with one more statement.
    """
    engine = seeing(database.engine, schema)
    own = conninfo(engine.url, schema, database.idle)
    return replace(database, engine=engine, conninfo=own, schema=schema)


def seeing(engine: AsyncEngine, schema: str) -> AsyncEngine:
    """The engine with its pool, for connections that see this schema."""
    return engine.execution_options(**{SEES: schema})


def workspace_schema(main: Database, team: str) -> Database:
    """The schema of one workspace among many (its Slack ID), whether or not it exists yet."""
    return beside(main, f"{main.schema}_{team.lower()}")


async def workspace_schemas(main: Database) -> tuple[Database, ...]:
    """The schemas of all workspaces that there are."""
    named = text("SELECT nspname FROM pg_namespace WHERE nspname ~ :like ORDER BY nspname")
    async with main.engine.connect() as connection:
        found = await connection.scalars(named, {"like": f"^{main.schema}_t[a-z0-9]+$"})
        return tuple(beside(main, name) for name in found)


async def schema_sizes(main: Database) -> dict[str, int]:
    """Bytes that each schema takes, indexes included."""
    sized = text("""
        SELECT nspname, sum(pg_total_relation_size(pg_class.oid))
        FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE relkind = 'r' AND starts_with(nspname, :prefix) GROUP BY nspname
    """)
    async with main.engine.connect() as connection:
        found = await connection.execute(sized, {"prefix": f"{main.schema}_"})
        return {name: int(size) for name, size in found}


@asynccontextmanager
async def scratch_schema(database: Database) -> AsyncIterator[Database]:
    """An empty copy of the schema beside the live one, dropped at the end: for evaluations."""
    name = f"knowhow_scratch_{os.getpid()}_{hashlib.sha256(os.urandom(8)).hexdigest()[:8]}"
    async with named_schema(database, name) as scratch:
        try:
            async with scratch.engine.begin() as connection:
                await connection.execute(text(f'CREATE SCHEMA "{name}"'))
                await connection.run_sync(metadata.create_all)
            yield scratch
        finally:
            await drop(scratch)


async def drop(database: Database) -> None:
    """Delete the schema with all that is in it."""
    async with database.engine.begin() as connection:
        await connection.execute(text(f'DROP SCHEMA IF EXISTS "{database.schema}" CASCADE'))
