"""kill -9 at fifty random points: every document is whole, and the next upload completes it."""

import asyncio
import random
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import text

from knowledge.database import Database
from knowledge.embedding.minilm import MiniLM
from knowledge.storage.library import Library
from knowledge.uploading.staged_work import work_off
from knowledge.uploading.upload import upload
from tests.knowledge.wholeness import assert_whole

_DOCUMENTS = 12
_ROOT = Path(__file__).parent.parent.parent

Child = asyncio.subprocess.Process
Spawn = Callable[[str], Coroutine[Any, Any, Child]]


def write(folder: Path, edition: int) -> None:
    sentences = f"This is edition {edition} of it. " * 20
    for number in range(_DOCUMENTS):
        parts = [f"## Part {part}\n\n{sentences}" for part in range(3)]
        (folder / f"{number:02}.md").write_text("\n\n".join(parts))


async def editions(database: Database) -> list[int]:
    """Of each document; fails unless all chunks of one say the same."""
    query = (
        "SELECT array_agg(DISTINCT substring(c.text FROM 'edition ([0-9]+)')) AS said, count(*) "
        "FROM document d JOIN chunk c ON c.document_id = d.id GROUP BY d.id"
    )
    async with database.engine.connect() as connection:
        rows = (await connection.execute(text(query))).all()
    for said, chunks in rows:
        assert len(said) == 1, said
        assert chunks == 3
    return [int(said) for (said,), _ in rows]


@asynccontextmanager
async def warm(spawn: Spawn, kinds: Sequence[Sequence[str]]) -> AsyncIterator[Any]:
    """The children of each round, ready while those of the round before are still at work."""
    coming = asyncio.create_task(together(spawn, kinds[0]))

    async def rounds() -> AsyncIterator[list[Child]]:
        nonlocal coming
        for following in (*kinds[1:], ()):
            children = await coming
            coming = asyncio.create_task(together(spawn, following))
            yield children

    try:
        yield rounds()
    finally:
        for child in await coming:
            await kill(child)


async def together(spawn: Spawn, kinds: Sequence[str]) -> list[Child]:
    return list(await asyncio.gather(*map(spawn, kinds)))


def spawning(database_url: str, home: Path, folder: Path) -> Spawn:
    async def spawn(what: str) -> Child:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.journeys.uploading_child"),
            *(what, database_url, str(home), str(folder)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=_ROOT,
        )
        assert child.stdout is not None
        assert await child.stdout.readline() == b"ready\n"
        return child

    return spawn


def go(child: Child) -> None:
    assert child.stdin is not None
    child.stdin.write(b"go\n")


async def kill(child: Child) -> None:
    if child.returncode is None:
        child.kill()
    await child.wait()


async def test_thirty_killed_uploads_leave_every_document_whole(
    tmp_path: Path, encoder: MiniLM, database: Database, database_url: str, home: Path
) -> None:
    library = Library(database, encoder)
    spawn = spawning(database_url, home, tmp_path)
    write(tmp_path, 0)
    await upload([tmp_path], library=library, encoder=encoder)
    chance = random.Random(7)  # noqa: S311 - not a secret
    cut_off = 0
    async with warm(spawn, [["local", "local"]] * 15) as rounds:
        edition = 0
        async for children in rounds:
            edition += 1
            write(tmp_path, edition)
            for child in children:  # two uploads of one folder at once
                go(child)
            for child in children:
                await progress(database, edition, chance.randrange(_DOCUMENTS))
                await asyncio.sleep(chance.uniform(0, 0.05))
                await kill(child)
                await assert_whole(database)
                said = await editions(database)
                assert len(said) == _DOCUMENTS
                cut_off += 0 < said.count(edition) < _DOCUMENTS
    # Otherwise the kills hit nothing.
    assert cut_off >= 3
    report = await upload([tmp_path], library=library, encoder=encoder)
    assert report.failed == ()
    assert await editions(database) == [edition] * _DOCUMENTS
    await assert_whole(database)


async def test_twenty_killed_workers_and_uploads_lose_and_double_nothing(
    tmp_path: Path, encoder: MiniLM, database: Database, database_url: str, home: Path
) -> None:
    library = Library(database, encoder)
    spawn = spawning(database_url, home, tmp_path)
    chance = random.Random(8)  # noqa: S311 - not a secret
    cut_off = 0
    async with warm(spawn, [["worker", "queued"]] * 10) as rounds:
        edition = 0
        async for worker, uploading in rounds:
            edition += 1
            write(tmp_path, edition)
            go(worker)
            while not await heartbeat(database):
                await asyncio.sleep(0.01)
            go(uploading)
            victims = [worker, uploading]
            chance.shuffle(victims)
            for victim in victims:
                await progress(database, edition, chance.randrange(_DOCUMENTS))
                await kill(victim)
                await assert_whole(database)
                said = await editions(database)
                cut_off += 0 < said.count(edition) < _DOCUMENTS
            await forget_heartbeats(database)
    assert cut_off >= 3
    report = await upload([tmp_path], library=library, encoder=encoder)
    assert report.failed == ()
    assert await editions(database) == [edition] * _DOCUMENTS
    # What killed uploads have left in the queue is of no account any more.
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE staged SET lease_until = NULL"))
    while await work_off(library, encoder):
        pass
    assert await editions(database) == [edition] * _DOCUMENTS
    await assert_whole(database)


async def test_an_upload_goes_on_when_its_only_worker_is_killed(
    tmp_path: Path, database: Database, database_url: str, home: Path
) -> None:
    spawn = spawning(database_url, home, tmp_path)
    write(tmp_path, 1)
    worker, uploading = await together(spawn, ["worker", "queued"])
    try:
        go(worker)
        while not await heartbeat(database):
            await asyncio.sleep(0.01)
        go(uploading)
        while not await leased(database):
            await asyncio.sleep(0.01)
        await kill(worker)
        async with database.engine.begin() as connection:  # not to wait for half a minute
            await connection.execute(text("UPDATE staged SET lease_until = now()"))
        assert await asyncio.wait_for(uploading.wait(), 60) == 0
    finally:
        await kill(worker)
        await kill(uploading)
    assert await editions(database) == [1] * _DOCUMENTS
    await assert_whole(database)
    async with database.engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM staged")) == 0
        assert await connection.scalar(text("SELECT max(version) FROM document")) == 1


async def progress(database: Database, edition: int, documents: int) -> None:
    """Wait until so many are of the edition, or for ten seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(10):
            while (await editions(database)).count(edition) < documents:
                await asyncio.sleep(0.01)


async def heartbeat(database: Database) -> bool:
    """Whether the worker has said that it is alive."""
    async with database.engine.connect() as connection:
        query = "SELECT count(*) >= 1 FROM procrastinate_workers"
        return bool(await connection.scalar(text(query)))


async def forget_heartbeats(database: Database) -> None:
    """As time does to those of a killed worker."""
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE procrastinate_jobs SET worker_id = NULL"))
        await connection.execute(text("DELETE FROM procrastinate_workers"))


async def leased(database: Database) -> bool:
    """Whether a worker has taken staged documents."""
    async with database.engine.connect() as connection:
        query = "SELECT EXISTS (SELECT FROM staged WHERE lease IS NOT NULL)"
        return bool(await connection.scalar(text(query)))
