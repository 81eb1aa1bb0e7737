import asyncio
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from langgraph.checkpoint.postgres.base import MIGRATIONS
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

import agent.feedback_tables
import agent.finding_tables
import agent.flow_tables
import agent.tables
import agent.workspace_tables
import knowledge.upload_tables
from knowledge.database import (
    HEAD,
    Database,
    current_revision,
    migrate,
    open_database,
    open_engine,
    raw_connection,
)
from knowledge.errors import DatabaseError
from knowledge.schemas import beside, drop, scratch_schema
from knowledge.tables import metadata


async def test_the_migrated_schema_is_the_declared_one(database: Database) -> None:
    assert agent.tables.pair.metadata is metadata
    assert agent.flow_tables.heard.metadata is metadata
    assert agent.workspace_tables.mention.metadata is metadata
    assert agent.finding_tables.settled_finding.metadata is metadata
    assert agent.feedback_tables.vote.metadata is metadata
    assert knowledge.upload_tables.staged.metadata is metadata

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"include_name": _is_ours})
        return list(compare_metadata(context, metadata))

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    foreign = ("procrastinate", "checkpoint", "alembic", "idx_procrastinate", "slack_")
    return kind != "table" or not str(name).startswith(foreign)


def test_the_head_written_down_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", "migrations:")
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


async def test_the_checkpoint_tables_are_at_the_librarys_version(database: Database) -> None:
    async with database.engine.connect() as connection:
        version = await connection.scalar(text("SELECT max(v) FROM checkpoint_migrations"))
    assert version == len(MIGRATIONS) - 1


async def test_migrating_twice_changes_nothing(database: Database) -> None:
    await migrate(database)


async def test_a_schema_that_is_behind_is_refused_with_the_command(
    database: Database, database_url: str, home: Path
) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    with pytest.raises(DatabaseError, match="run `knowhow migrate`"):
        async with open_database(database_url, home):
            pass


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("not a url", "is not a database URL"),
        ("mysql://localhost/x", "only postgresql"),
        ("postgresql://nobody@127.0.0.1:1/x", "no database at postgresql://nobody@127.0.0.1:1/x"),
    ],
)
async def test_a_wrong_url_gets_one_clear_line(url: str, complaint: str, home: Path) -> None:
    with pytest.raises(DatabaseError, match=complaint) as caught:
        async with open_database(url, home):
            pass
    assert "\n" not in str(caught.value)


async def test_a_password_never_reaches_the_message(home: Path) -> None:
    with pytest.raises(DatabaseError) as caught:
        async with open_database("postgresql://me:hunter2@127.0.0.1:1/x", home):
            pass
    assert "hunter2" not in str(caught.value)


async def test_a_scratch_schema_is_empty_and_goes(database: Database) -> None:
    async with scratch_schema(database) as scratch, scratch.engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM document")) == 0
        name = scratch.schema
    async with database.engine.connect() as connection:
        found = await connection.scalar(
            text("SELECT 1 FROM pg_namespace WHERE nspname = :name"), {"name": name}
        )
    assert found is None


async def _seen(database: Database) -> str:
    async with database.engine.connect() as connection:
        return str(await connection.scalar(text("SELECT current_schema()")))


async def test_schemas_beside_each_other_share_connections_and_nothing_else(
    database: Database,
) -> None:
    first, second = beside(database, "knowhow_t1"), beside(database, "knowhow_t2")
    for one in (first, second):
        await migrate(one)
        assert await current_revision(one) == HEAD
    insert = text("INSERT INTO workspace (team) VALUES (:team)")
    for _ in range(2):
        for one in (database, first, second):
            assert await _seen(one) == one.schema
    async with first.engine.begin() as connection:
        await connection.execute(insert, {"team": "T1"})
    for one, count in ((database, 0), (first, 1), (second, 0)):
        async with one.engine.connect() as connection:
            assert await connection.scalar(text("SELECT count(*) FROM workspace")) == count
    assert first.engine.pool is database.engine.pool
    await drop(first)
    assert await current_revision(first) is None
    assert await current_revision(second) == HEAD


async def test_a_connection_that_was_rolled_back_still_sees_its_schema(database: Database) -> None:
    other = beside(database, "knowhow_t1")
    await migrate(other)
    for _ in range(2):
        async with other.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
            await connection.rollback()
        assert await _seen(other) == "knowhow_t1"
        assert await _seen(database) == database.schema


async def test_every_connection_notices_a_network_that_has_gone(database: Database) -> None:
    own = make_url(database.conninfo).update_query_dict({"connect_timeout": "3"})
    async with open_engine(own, database.schema) as slower:
        for conninfo in (database.conninfo, slower.conninfo):
            driver = await psycopg.AsyncConnection.connect(conninfo)
            async with driver:
                assert driver.info.get_parameters()["tcp_user_timeout"] == "30000"
        async with slower.engine.connect() as connection:
            given = (await raw_connection(connection)).info.get_parameters()
    assert (given["tcp_user_timeout"], given["keepalives_idle"]) == ("30000", "15")
    assert given["connect_timeout"] == "3"


async def test_who_is_frozen_within_a_transaction_keeps_its_locks_for_so_long(
    database: Database,
) -> None:
    address = database.engine.url
    take = text("INSERT INTO workspace (team) VALUES ('T1')")
    async with open_engine(address, database.schema, timedelta(seconds=1)) as on_duty:
        for one in (on_duty, beside(on_duty, database.schema)):
            driver = await psycopg.AsyncConnection.connect(one.conninfo)
            async with driver, driver.cursor() as cursor:
                await cursor.execute("SHOW idle_in_transaction_session_timeout")
                assert await cursor.fetchone() == ("1s",)
        async with on_duty.engine.connect() as frozen:
            await frozen.execute(take)
            async with asyncio.timeout(10), database.engine.begin() as other:
                await other.execute(take)
            with pytest.raises(SQLAlchemyError):
                await frozen.commit()


async def test_connections_that_died_in_the_pool_are_replaced(database: Database) -> None:
    kill = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    async with open_engine(database.engine.url, database.schema) as idle:
        for _ in range(2):
            several = [await idle.autocommit.connect() for _ in range(3)]
            for one in several:
                assert await one.scalar(text("SELECT 1")) == 1
            for one in several:
                await one.close()
            async with database.engine.connect() as connection:
                await connection.execute(kill)
            await asyncio.sleep(1.2)  # what was used just now is not asked whether it stands


async def test_autocommit_writes_without_a_transaction(database: Database) -> None:
    async with database.autocommit.connect() as connection:
        await connection.execute(text("INSERT INTO workspace (team) VALUES ('T1')"))
        async with database.engine.connect() as other:
            assert await other.scalar(text("SELECT count(*) FROM workspace")) == 1
    async with database.engine.connect() as connection:  # the same one is a transaction's again
        await connection.execute(text("DELETE FROM workspace"))
    async with database.engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM workspace")) == 1
