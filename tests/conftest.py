"""One embedded Postgres for the whole run; every test that asks gets its own migrated database."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from knowledge.database import Database, open_database
from knowledge.embedded import embedded_server
from knowledge.embedding.minilm import MiniLM

_numbers = itertools.count()


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A KNOWHOW_HOME that the whole run shares: the encoder's graph is built once."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def server_url(home: Path) -> Iterator[str]:
    """The embedded server, with a migrated template database to clone."""
    with asyncio.Runner() as runner:
        server = embedded_server(home)
        url = runner.run(server.__aenter__())
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                # What a crash of the machine would lose is no loss here.
                connection.execute("ALTER SYSTEM SET fsync = off")
                connection.execute("SELECT pg_reload_conf()")
                connection.execute("CREATE DATABASE template")
            runner.run(_migrate(_named(url, "template"), home))
            yield url
        finally:
            runner.run(server.__aexit__(None, None, None))


@pytest.fixture
def database_url(server_url: str) -> Iterator[str]:
    """A fresh migrated database of this test alone."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template".encode())
        yield _named(server_url, name)
        # A thousand of them are many gigabytes, and each replica would copy all.
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
async def database(database_url: str, home: Path) -> AsyncIterator[Database]:
    """An open database of this test alone."""
    async with open_database(database_url, home) as opened:
        yield opened


@pytest.fixture(scope="session")
def encoder(home: Path) -> MiniLM:
    """The real embedded encoder, its graph built once for the run."""
    return MiniLM(home / "encoders")


async def _migrate(url: str, home: Path) -> None:
    async with open_database(url, home):
        pass


def _named(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)
