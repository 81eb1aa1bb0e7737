"""Uploads that the workers encode: each document is stored once, whoever dies in between."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import text

from agent.mentions import Mention
from bot.jobs.ingest import IngestJob, JobQueue, attend
from bot.jobs.queue import job_app
from bot.slack.service import open_slack
from bot.worker import run_worker
from knowledge.database import Database
from knowledge.documents import Document
from knowledge.embedding.minilm import MiniLM
from knowledge.errors import EncoderError
from knowledge.storage.ingest import Draft
from knowledge.storage.library import Library
from knowledge.uploading import staging
from knowledge.uploading.queued_upload import Pace
from knowledge.uploading.staged_drafts import draft_as_json, draft_of
from knowledge.uploading.staged_work import work_off
from knowledge.uploading.upload import UploadReport, upload
from tests.fakes.running import connection
from tests.fakes.scripted_agent import ScriptedAgent
from tests.fakes.slack_server import FakeSlack
from tests.fakes.slack_state import BOT_USER
from tests.knowledge.wholeness import assert_whole

SMALL = Pace(from_documents=8, batch=4, backlog=16, poll_s=0.05, stall_s=60)


@pytest.fixture
def library(database: Database, encoder: MiniLM) -> Library:
    return Library(database, encoder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, "first")
    return tmp_path


def write(folder: Path, edition: str, count: int = 20) -> None:
    for number in range(count):
        body = f"The {edition} edition says this of number {number}. " * 40
        (folder / f"{number:02}.md").write_text(f"# Number {number}\n\n{body}")


def draft(name: str, words: str, digest: str = "h") -> Draft:
    return Draft(Document(name, name, name, words), "default", ("everyone",), digest)


@asynccontextmanager
async def worker(database: Database, library: Library, encoder: MiniLM) -> AsyncIterator[None]:
    """A worker that takes part in uploads, beside the block."""
    task = asyncio.create_task(
        run_worker(database, (), sweep_every_s=0.5, ingest=IngestJob(library, encoder))
    )
    try:
        while not await JobQueue(database).has_workers():
            await asyncio.sleep(0.02)
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def seem_alive(database: Database) -> None:
    """A worker that was killed a moment ago still has a fresh heartbeat."""
    async with database.engine.begin() as opened:
        await opened.execute(text("INSERT INTO procrastinate_workers DEFAULT VALUES"))


async def stage(database: Database, *drafts: Draft) -> None:
    async with database.engine.begin() as opened:
        await staging.stage(opened, uuid4(), "minilm", drafts)


async def expire(database: Database) -> None:
    """As time does to the lease of a worker that is gone."""
    async with database.engine.begin() as opened:
        await opened.execute(text("UPDATE staged SET lease_until = now() - interval '1 s'"))


async def scalar(database: Database, query: str) -> object:
    async with database.engine.connect() as opened:
        return await opened.scalar(text(query))


async def over_queue(
    folder: Path, database: Database, library: Library, encoder: MiniLM, pace: Pace = SMALL
) -> UploadReport:
    return await upload(
        [folder], library=library, encoder=encoder, queue=JobQueue(database), pace=pace
    )


async def test_workers_encode_an_upload_and_its_report_is_the_same(
    folder: Path, database: Database, library: Library, encoder: MiniLM
) -> None:
    async with database.engine.begin() as opened:
        await opened.execute(text("ALTER TABLE document ADD CHECK (title <> 'Forbidden')"))
    (folder / "07.md").write_text("# Forbidden\n\nText.")
    (folder / "08.md").write_text("<!-- later -->")
    async with worker(database, library, encoder):
        report = await over_queue(folder, database, library, encoder)
        assert (report.added, report.updated, report.unchanged) == (18, 0, 0)
        assert report.chunks == await scalar(database, "SELECT chunks FROM corpus")
        reasons = {Path(one.uri).name: one.reason for one in report.failed}
        assert reasons["08.md"] == "it has no text"
        assert reasons["07.md"].startswith("the database refuses its content")
        await assert_whole(database)
        write(folder, "second", 10)
        again = await over_queue(folder, database, library, encoder)
        assert (again.added, again.updated, again.unchanged) == (2, 8, 10)
    assert await scalar(database, "SELECT max(version) FROM document") == 2
    assert await scalar(database, "SELECT count(*) FROM staged") == 0
    await assert_whole(database)


async def test_a_few_documents_are_not_worth_a_queue(
    folder: Path, database: Database, library: Library, encoder: MiniLM
) -> None:
    await seem_alive(database)
    report = await over_queue(folder, database, library, encoder, Pace(from_documents=21))
    assert report.added == 20
    assert await scalar(database, "SELECT count(*) FROM procrastinate_jobs") == 0


async def test_an_upload_whose_workers_have_died_does_it_itself(
    folder: Path, database: Database, library: Library, encoder: MiniLM
) -> None:
    await seem_alive(database)
    alone = Pace(from_documents=8, batch=4, backlog=12, poll_s=0.02, stall_s=0.1)
    report = await over_queue(folder, database, library, encoder, alone)
    assert report.added == 20
    await assert_whole(database)


async def test_what_a_dead_worker_held_is_stored_once(
    database: Database, library: Library, encoder: MiniLM
) -> None:
    await stage(database, draft("a", "Text of a."), draft("b", "Text of b."))
    frozen = await staging.claim(database.engine, "minilm")
    assert frozen is not None
    assert len(frozen.drafts) == 2
    assert await work_off(library, encoder) == 0
    await expire(database)
    # Died over, they are taken one by one.
    assert await work_off(library, encoder) == 1
    assert await work_off(library, encoder) == 1
    # It wakes up, and may no longer close them.
    async with database.engine.begin() as opened:
        assert await staging.close_done(opened, frozen, dict.fromkeys(frozen.drafts, 1)) == set()
    assert await scalar(database, "SELECT sum(version) FROM document") == 2
    await assert_whole(database)


async def test_work_that_outlasts_its_lease_keeps_it(
    database: Database, library: Library, encoder: MiniLM
) -> None:
    short = timedelta(seconds=0.3)

    class Slow(MiniLM):
        others = 0

        async def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
            for _ in range(8):
                await asyncio.sleep(0.1)
                self.others += await work_off(library, encoder)
            return await super().encode(texts)

    slow = Slow(encoder._cache)
    await stage(database, draft("a", "Text of a."))
    assert await work_off(Library(database, slow), slow, lease=short) == 1
    assert slow.others == 0
    assert await scalar(database, "SELECT version FROM document") == 1


async def test_what_kills_its_workers_is_given_up(
    database: Database, library: Library, encoder: MiniLM
) -> None:
    await stage(database, draft("a", "Poison."), draft("b", "Food."))
    for _ in range(5):
        claim = await staging.claim(database.engine, "minilm")
        assert claim is not None
        await expire(database)
        if len(claim.drafts) == 2:
            # The second is taken alone now, and is well.
            async with database.engine.begin() as opened:
                await opened.execute(text("UPDATE staged SET attempts = 0 WHERE source = 'b'"))
    await work_off(library, encoder)
    await work_off(library, encoder)
    query = "SELECT string_agg(source || ' ' || state, ', ' ORDER BY source) FROM staged"
    assert await scalar(database, query) == "a failed, b done"


async def test_an_encoder_that_fails_gives_the_documents_back(
    database: Database, library: Library, encoder: MiniLM
) -> None:
    class Broken(MiniLM):
        async def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
            raise EncoderError(f"the endpoint did not answer for {len(texts)} texts")

    broken = Broken(encoder._cache)
    await stage(database, draft("a", "Text of a."))
    with pytest.raises(EncoderError):
        await work_off(Library(database, broken), broken)
    await IngestJob(Library(database, broken), broken).run()  # a job says so in the log alone
    await expire(database)
    assert await work_off(library, encoder) == 1


async def test_an_older_upload_does_not_undo_a_newer_one(
    tmp_path: Path, database: Database, library: Library, encoder: MiniLM
) -> None:
    path = tmp_path / "a.md"
    await stage(database, draft(str(path), "Old text.", "old"))
    held = await staging.claim(database.engine, "minilm")
    assert held is not None
    path.write_text("New text.")
    await upload([path], library=library, encoder=encoder)
    await expire(database)
    assert await work_off(library, encoder) == 0
    assert await scalar(database, "SELECT text FROM chunk") == "New text."
    async with database.engine.begin() as opened:
        assert await staging.close_done(opened, held, dict.fromkeys(held.drafts, 1)) == set()


async def test_a_removed_document_does_not_come_back_from_the_queue(
    tmp_path: Path, database: Database, library: Library, encoder: MiniLM
) -> None:
    path = tmp_path / "a.md"
    path.write_text("Text.")
    await upload([path], library=library, encoder=encoder)
    await stage(database, draft(str(path), "More secret text."))
    await library.remove([one.id for one in await library.documents()])
    assert await work_off(library, encoder) == 0
    assert await scalar(database, "SELECT count(*) FROM document") == 0
    assert await scalar(database, "SELECT count(draft) FROM staged") == 0


async def test_what_a_vanished_upload_left_is_swept_by_a_later_one(
    folder: Path, database: Database, library: Library, encoder: MiniLM
) -> None:
    await stage(database, draft("old", "Text."), draft("new", "Text."))
    async with database.engine.begin() as opened:
        age = "UPDATE staged SET created_at = now() - interval '25 h' WHERE source = 'old'"
        await opened.execute(text(age))
    await upload([folder], library=library, encoder=encoder)
    assert await scalar(database, "SELECT string_agg(source, ',') FROM staged") == "new"


async def test_a_stopped_upload_takes_back_what_waits(
    folder: Path, database: Database, library: Library, encoder: MiniLM
) -> None:
    await seem_alive(database)
    running = asyncio.create_task(over_queue(folder, database, library, encoder))
    while await scalar(database, "SELECT count(*) FROM staged") != 16:
        await asyncio.sleep(0.02)
    held = await staging.claim(database.engine, "minilm")
    assert held is not None
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await scalar(database, "SELECT count(*) FROM staged") == 0
    async with database.engine.begin() as opened:
        assert await staging.close_done(opened, held, dict.fromkeys(held.drafts, 1)) == set()


async def test_documents_whose_jobs_are_lost_are_seen_to(
    database: Database, library: Library, encoder: MiniLM
) -> None:
    await stage(database, *(draft(str(number), "Text.") for number in range(20)))
    jobs = job_app(database)
    async with jobs.open_async():
        for _ in range(2):
            await attend(IngestJob(library, encoder), JobQueue(database), jobs)
    assert await scalar(database, "SELECT count(*) FROM procrastinate_jobs") == 2
    async with worker(database, library, encoder):
        while await scalar(database, "SELECT count(*) FROM document") != 20:
            await asyncio.sleep(0.02)


async def test_a_question_does_not_wait_for_an_upload(
    slack: FakeSlack, folder: Path, database: Database, library: Library, encoder: MiniLM
) -> None:
    write(folder, "long", 100)
    async with open_slack(connection(slack), database) as service:
        task = asyncio.create_task(
            run_worker(
                database,
                service.shifts(ScriptedAgent(), library, 1),
                ingest=IngestJob(library, encoder),
            )
        )
        while not await JobQueue(database).has_workers():
            await asyncio.sleep(0.02)
        uploading = asyncio.create_task(over_queue(folder, database, library, encoder))
        while not await scalar(database, "SELECT count(*) FROM staged WHERE lease IS NOT NULL"):
            await asyncio.sleep(0.01)
        said = slack.say("C1", f"<@{BOT_USER}> how many days?")
        asked = Mention("Ev1", "mention", "T1", "C1", said["ts"], said["ts"], "U7", "how many?")
        assert await service.ledger.accept(asked)
        await slack.until(lambda: bool(slack.answers("C1")))
        assert not uploading.done()
        assert (await uploading).added == 100
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def test_a_draft_comes_back_from_the_queue_as_it_went() -> None:
    went = Draft(
        Document(
            "/a.md",
            "https://a.example",
            "标题",
            "Text — “quoted”",
            {"tags": ["x"]},
            datetime(2026, 1, 2, tzinfo=UTC),
            {"Page 1": "page=1"},
        ),
        "people",
        ("channel:C1", "group:S1"),
        "hash",
        "U7",
        datetime(2027, 1, 31, tzinfo=UTC),
        "ada",
        placed=True,
    )
    assert draft_of(draft_as_json(went)) == went
