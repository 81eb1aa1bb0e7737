"""Searches on a real streaming replica: near enough, behind, gone."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from sqlalchemy import event, text
from sqlalchemy.engine import make_url

from knowledge.database import Database, open_database
from knowledge.documents import EVERYONE, Query, Reader
from knowledge.errors import DatabaseError
from knowledge.replicas import Replicas, open_replicas
from knowledge.retrieval.search import Search
from knowledge.storage.library import Library
from tests.fakes.letters import Letters
from tests.fakes.replica import replica_of
from tests.knowledge.preparing import prepare

LETTERS = Letters()
READER = Reader((EVERYONE,))
QUERY = Query("spring tides")


@pytest.fixture(autouse=True)
def _always_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knowledge.replicas._BELIEVED_FOR_S", 0.0)
    monkeypatch.setattr("knowledge.replicas._LEFT_OUT_FOR_S", 0.0)


@pytest.fixture
async def library(database: Database) -> Library:
    library = Library(database, LETTERS)
    await library.put([await prepare(LETTERS, "tides", "Spring tides come at new moon.")])
    return library


@pytest.fixture
async def replica_url(library: Library) -> AsyncIterator[str]:
    database_url = library.engine.url.render_as_string(hide_password=False)
    with replica_of(database_url) as url:
        yield url


async def caught_up(database: Database, replica: Database) -> None:
    async with database.engine.connect() as connection:
        written = await connection.scalar(text("SELECT pg_current_wal_lsn()::text"))
    behind = text("SELECT pg_last_wal_replay_lsn() < CAST(:lsn AS pg_lsn)")
    async with asyncio.timeout(20), replica.engine.connect() as connection:
        while await connection.scalar(behind, {"lsn": written}):
            await asyncio.sleep(0.02)


async def test_a_search_reads_the_replica_and_shows_what_the_primary_has(
    database: Database, library: Library, replica_url: str, home: Path
) -> None:
    async with (
        open_replicas(database, [replica_url], 60.0) as replicas,
        open_database(replica_url, home) as replica,
    ):
        await until(replicas, serves=True)
        engine = await replicas.pick()
        assert engine is not None
        statements: list[str] = []
        event.listen(
            engine.sync_engine,
            "before_cursor_execute",
            lambda _c, _cursor, statement, *_: statements.append(statement),
        )
        search = Search(database, LETTERS, replicas=replicas)
        await caught_up(database, replica)
        found = await search.find(QUERY, READER)
        assert [one.title for one in found.passages] == ["tides"]
        assert any("chunk" in one for one in statements), statements

        async with replica.engine.connect() as connection:
            await connection.execute(text("SELECT pg_wal_replay_pause()"))
        try:
            (document,) = await library.documents()
            await library.remove([document.id])
            assert (await search.find(QUERY, READER)).passages == ()
        finally:
            async with replica.engine.connect() as connection:
                await connection.execute(text("SELECT pg_wal_replay_resume()"))


async def test_a_replica_that_is_too_far_behind_is_left_out_until_it_caught_up(
    database: Database, library: Library, replica_url: str, home: Path
) -> None:
    async with (
        open_replicas(database, [replica_url], 0.3) as replicas,
        open_database(replica_url, home) as replica,
    ):
        async with replica.engine.connect() as connection:
            await connection.execute(text("SELECT pg_wal_replay_pause()"))
        await library.put([await prepare(LETTERS, "neap", "Neap tides come at half moon.")])
        await until(replicas, serves=False)
        found = await Search(database, LETTERS, replicas=replicas).find(Query("neap tides"), READER)
        assert {one.title for one in found.passages} == {"tides", "neap"}
        async with replica.engine.connect() as connection:
            await connection.execute(text("SELECT pg_wal_replay_resume()"))
        await until(replicas, serves=True)


@pytest.mark.usefixtures("library")
async def test_without_a_replica_the_primary_serves(database: Database) -> None:
    nowhere = "postgresql://postgres@127.0.0.1:9/postgres"
    async with open_replicas(database, [nowhere], 5.0) as replicas:
        found = await Search(database, LETTERS, replicas=replicas).find(QUERY, READER)
    assert len(found.passages) == 1


async def test_a_replica_that_hangs_is_not_waited_for(
    database: Database, library: Library, replica_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    del library
    monkeypatch.setattr("knowledge.replicas._PATIENCE_S", 0.5)
    async with open_replicas(database, [replica_url], 5.0) as replicas:
        monkeypatch.setattr("knowledge.replicas._BELIEVED_FOR_S", 60.0)
        await until(replicas, serves=True)
        search = Search(database, LETTERS, replicas=replicas)
        assert (await search.find(QUERY, READER)).passages
        with frozen(replica_url):
            async with asyncio.timeout(60):
                assert (await search.find(QUERY, READER)).passages
                assert await replicas.pick() is None
        await until(replicas, serves=True)


async def test_what_is_no_database_is_said_in_one_line(database: Database) -> None:
    with pytest.raises(DatabaseError, match="KNOWHOW_REPLICA_URLS"):
        async with open_replicas(database, ["nonsense"], 5.0):
            pass


@contextmanager
def frozen(url: str) -> Iterator[None]:
    """A server whose processes are there and do nothing."""
    folder = Path(str(make_url(url).query["host"])) / "data"
    main = psutil.Process(int((folder / "postmaster.pid").read_text().split()[0]))
    processes = [main, *main.children(recursive=True)]
    for one in processes:
        one.suspend()
    try:
        yield
    finally:
        for one in processes:
            one.resume()


async def until(replicas: Replicas, *, serves: bool) -> None:
    async with asyncio.timeout(20):
        while (await replicas.pick() is not None) is not serves:
            await asyncio.sleep(0.05)
