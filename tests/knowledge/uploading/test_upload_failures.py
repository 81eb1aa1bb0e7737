from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy import text

from knowledge.database import Database
from knowledge.embedding.minilm import MiniLM
from knowledge.storage.library import Library
from knowledge.uploading.upload import UploadReport, upload
from knowledge.uploading.upload_failures import kept_failures, retries


async def retried(library: Library, encoder: MiniLM) -> list[UploadReport]:
    return [
        await upload(
            [Path(one.path)],
            library=library,
            encoder=encoder,
            only=one.only,
            **asdict(one.filing),
        )
        for one in await retries(library.engine, "ada")
    ]


async def test_what_failed_is_tried_alone_with_its_own_settings(
    tmp_path: Path, database: Database, encoder: MiniLM
) -> None:
    library = Library(database, encoder)
    for name in ("good", "bad", "worse"):
        (tmp_path / f"{name}.md").write_text("Text." if name == "good" else "<!-- hidden -->")
    options: dict[str, Any] = {"collection": "people", "audience": ("channel:C1",), "owner": "U7"}
    await upload([tmp_path], library=library, encoder=encoder, **options)
    kept = await kept_failures(database.engine)
    assert [(Path(one.uri).name, one.collection, one.reason) for one in kept] == [
        ("bad.md", "people", "it has no text"),
        ("worse.md", "people", "it has no text"),
    ]
    (tmp_path / "bad.md").write_text("Better.")
    (tmp_path / "good.md").write_text("Changed, and none of the retry's business.")
    (report,) = await retried(library, encoder)
    assert (report.added, report.updated, report.unchanged, len(report.failed)) == (1, 0, 0, 1)
    stored = {Path(one.source).name: one for one in await library.documents()}
    assert stored.keys() == {"bad.md", "good.md"}
    assert (stored["bad.md"].collection, stored["bad.md"].audience) == ("people", ("channel:C1",))
    assert [Path(one.uri).name for one in await kept_failures(database.engine)] == ["worse.md"]
    (tmp_path / "worse.md").unlink()
    (report,) = await retried(library, encoder)
    assert report.failed == ()
    assert await kept_failures(database.engine) == []
    assert await retried(library, encoder) == []


async def test_what_the_database_refuses_is_kept_too_and_goes_with_its_document(
    tmp_path: Path, database: Database, encoder: MiniLM
) -> None:
    library = Library(database, encoder)
    (tmp_path / "a.md").write_text("# Fine\n\nText.")
    await upload([tmp_path], library=library, encoder=encoder)
    async with database.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE document ADD CHECK (title <> 'Forbidden')"))
    (tmp_path / "a.md").write_text("# Forbidden\n\nText.")
    await upload([tmp_path], library=library, encoder=encoder)
    (kept,) = await kept_failures(database.engine)
    assert kept.reason.startswith("the database refuses its content")
    await library.remove([one.id for one in await library.documents()])
    assert await kept_failures(database.engine) == []


async def test_a_folder_that_could_not_be_opened_is_retried_whole(
    tmp_path: Path, database: Database, encoder: MiniLM
) -> None:
    library = Library(database, encoder)
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text('{"_id": "1", "text": "One."}\n{"_id": "2", "te\n')
    await upload([tmp_path], library=library, encoder=encoder)
    corpus.write_text('{"_id": "1", "text": "One."}\n{"_id": "2", "text": "Two."}\n')
    (report,) = await retried(library, encoder)
    assert (report.added, report.unchanged, report.failed) == (1, 1, ())
    assert await kept_failures(database.engine) == []
