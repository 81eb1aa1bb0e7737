import asyncio
from collections.abc import Awaitable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import pytest
from sqlalchemy import text

from knowledge.database import Database
from knowledge.embedding.minilm import MiniLM
from knowledge.errors import InvalidInput
from knowledge.sources import Placement, Root, Skipped, Source, sources
from knowledge.storage.library import Library
from knowledge.storage.restore import restore
from knowledge.uploading.survey import Read
from knowledge.uploading.upload import UploadReport, upload
from knowledge.uploading.upload_progress import Standing
from tests.knowledge.wholeness import assert_whole


@pytest.fixture
def library(database: Database, encoder: MiniLM) -> Library:
    return Library(database, encoder)


class Run(Protocol):
    """An upload with the test's library and the real encoder."""

    def __call__(self, *paths: Path, **options: Any) -> Awaitable[UploadReport]: ...


@pytest.fixture
def run(library: Library, encoder: MiniLM) -> Run:
    def uploaded(*paths: Path, **options: Any) -> Awaitable[UploadReport]:
        return upload(paths, library=library, encoder=encoder, **options)

    return uploaded


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    return folder


async def stored(database: Database) -> dict[str, list[str]]:
    """The chunks' texts in order, by their document's source."""
    query = (
        "SELECT d.source, array_agg(c.text ORDER BY c.position) AS texts FROM document d "
        "JOIN chunk c ON c.document_id = d.id GROUP BY d.source"
    )
    async with database.engine.connect() as connection:
        return {row.source: row.texts for row in await connection.execute(text(query))}


def counts(report: UploadReport) -> tuple[int, int, int, int, int]:
    failed = len(report.failed)
    return report.added, report.updated, report.unchanged, report.removed, failed


async def test_only_the_difference_is_written(
    folder: Path,
    run: Run,
    database: Database,
) -> None:
    for name in ("a", "b", "c"):
        (folder / f"{name}.md").write_text(f"# {name}\n\nAbout {name}.")
    steps: list[Standing] = []
    first = await run(folder, watch=steps.append)
    assert counts(first) == (3, 0, 0, 0, 0)
    assert first.chunks == 3
    assert steps[-1] == Standing(done=3, total=3, stored=3, chunks=3)
    (folder / "b.md").write_text("# b\n\nChanged.")
    (folder / "d.md").write_text("New.")
    second = await run(folder)
    assert counts(second) == (1, 1, 2, 0, 0)
    assert second.chunks == 2
    assert (await stored(database))[str(folder / "b.md")] == ["Changed."]
    assert counts(await run(folder)) == (0, 0, 4, 0, 0)


async def test_the_report_has_exactly_the_fixed_names(folder: Path, run: Run) -> None:
    (folder / "bad.md").write_text("<!-- hidden -->")
    report = (await run(folder)).as_json()
    assert report.pop("seconds") >= 0
    assert report == {
        "added": 0,
        "updated": 0,
        "unchanged": 0,
        "removed": 0,
        "failed": [{"uri": str(folder / "bad.md"), "reason": "it has no text"}],
        "empty": [],
        "chunks": 0,
    }


async def test_one_documents_failure_does_not_stop_the_rest(
    folder: Path,
    run: Run,
    database: Database,
) -> None:
    (folder / "1.md").write_text("Good.")
    (folder / "2.md").write_bytes(b"\x00\x01binary")
    (folder / "3.html").write_text("<div>" * 50_000)
    (folder / "4.pdf").write_bytes(b"%PDF")
    (folder / "5.txt").write_text("x" * 1_000_000)
    (folder / "6.md").write_text("Also good.")
    report = await run(folder)
    assert [Path(failure.uri).name for failure in report.failed] == ["2.md", "3.html", "4.pdf"]
    assert {Path(source).name for source in await stored(database)} == {"1.md", "5.txt", "6.md"}


async def test_a_document_that_fails_later_keeps_its_stored_version(
    folder: Path,
    run: Run,
    database: Database,
) -> None:
    (folder / "a.md").write_text("Good.")
    await run(folder)
    (folder / "a.md").write_bytes(b"\x00")
    report = await run(folder, prune=True)
    assert counts(report) == (0, 0, 0, 0, 1)
    assert await stored(database) == {str(folder / "a.md"): ["Good."]}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.md", b""),
        ("a.md", b" \r\n\t"),
        ("a.md", b"---\ntitle: Later\n---\n\n"),
        ("a.txt", b"\xef\xbb\xbf\n"),
        ("a.html", b""),
        ("a.py", b"\n"),
        ("a.ipynb", b""),
    ],
)
async def test_an_empty_file_is_told_apart_from_a_failure(
    folder: Path, run: Run, database: Database, name: str, data: bytes
) -> None:
    (folder / name).write_bytes(data)
    for dry_run in (True, False):
        report = await run(folder / name, dry_run=dry_run)
        assert counts(report) == (0, 0, 0, 0, 0)
        assert report.as_json()["empty"] == [str(folder / name)]
    assert await stored(database) == {}


@pytest.mark.parametrize("name", ["a.pdf", "a.docx", "a.pptx", "a.xlsx"])
async def test_a_binary_file_without_a_byte_is_damaged(folder: Path, run: Run, name: str) -> None:
    (folder / name).touch()
    report = await run(folder)
    assert ([Path(one.uri).name for one in report.failed], report.empty) == ([name], ())


async def test_a_document_that_is_emptied_is_not_found_but_can_be_restored(
    folder: Path, run: Run, database: Database, encoder: MiniLM
) -> None:
    (folder / "a.md").write_text("# Wi-Fi\n\nThe password is swordfish.")
    (folder / "b.md").write_text("# Wi-Fi\n\nThe password is swordfish.")
    (folder / "c.md").write_text("Something else.")
    assert len((await run(folder)).repeats) == 1
    for name in ("a", "b"):
        (folder / f"{name}.md").write_text("\n")
    rehearsed = await run(folder, dry_run=True)
    assert [(one.change, one.lines_removed) for one in rehearsed.changes or ()] == [
        ("updated", 2)
    ] * 2
    report = await run(folder)
    assert counts(report) == (0, 2, 1, 0, 0)
    assert report.empty == (str(folder / "a.md"), str(folder / "b.md"))
    assert report.repeats == ()
    assert await stored(database) == {str(folder / "c.md"): ["Something else."]}
    await assert_whole(database)
    assert counts(await run(folder, prune=True)) == (0, 0, 3, 0, 0)
    library = Library(database, encoder)
    (number,) = await library.ids("default", [str(folder / "a.md")])
    await restore(number, 1, database, encoder)
    assert len(await stored(database)) == 2


async def test_a_document_that_the_database_refuses_is_named_and_the_rest_stored(
    folder: Path,
    run: Run,
    database: Database,
) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE document ADD CHECK (title <> 'Forbidden')"))
    for name in ("Fine", "Forbidden", "Good"):
        (folder / f"{name}.md").write_text(f"# {name}\n\nText.")
    report = await run(folder)
    assert counts(report) == (2, 0, 0, 0, 1)
    assert report.failed[0].reason.startswith("the database refuses its content: ")
    assert len(await stored(database)) == 2


async def test_a_changed_audience_is_a_change(
    folder: Path,
    run: Run,
    database: Database,
) -> None:
    (folder / "a.md").write_text("Secret plan.")
    await run(folder)
    report = await run(folder, audience=("channel:C1",))
    assert counts(report) == (0, 1, 0, 0, 0)
    async with database.engine.connect() as connection:
        query = (
            "SELECT d.audience, s.audience FROM document d JOIN chunk c ON c.document_id = d.id "
            "JOIN scope s ON s.id = c.scope_id"
        )
        row = (await connection.execute(text(query))).one()
        assert tuple(row) == (["channel:C1"], ["channel:C1"])


async def test_the_same_file_named_twice_counts_once(folder: Path, run: Run) -> None:
    (folder / "a.md").write_text("Text.")
    paths = [folder, folder / "a.md", folder]
    report = await run(*paths)
    assert counts(report) == (1, 0, 0, 0, 0)


async def test_a_dry_run_counts_and_writes_nothing(
    folder: Path,
    run: Run,
    database: Database,
) -> None:
    for name in ("a", "b"):
        (folder / f"{name}.md").write_text("Text.")
    await run(folder)
    before = await stored(database)
    (folder / "a.md").write_text("Changed.")
    (folder / "b.md").unlink()
    (folder / "c.md").write_text("New.")
    (folder / "d.md").write_text("<!-- hidden -->")
    rehearsal = await run(folder, dry_run=True, prune=True)
    assert counts(rehearsal) == (1, 1, 0, 1, 1)
    assert rehearsal.chunks == 2
    assert await stored(database) == before
    done = await run(folder, prune=True)
    assert counts(done) == counts(rehearsal)


async def test_prune_removes_what_has_gone_below_the_path_and_nothing_else(
    folder: Path, run: Run, library: Library, database: Database
) -> None:
    other = folder.parent / "docs-of-others"
    other.mkdir()
    kept = {folder / "kept.md", other / "gone.md", folder.parent / "docs.md"}
    for path in {*kept, folder / "gone.md"}:
        path.write_text("Text.")
    await run(folder, other, folder.parent / "docs.md")
    await run(folder, collection="second")
    (folder / "gone.md").unlink()
    (other / "gone.md").unlink()
    without = await run(folder)
    assert without.removed == 0
    # A file whose name begins like another's is not below it.
    await run(folder / "kept.md", prune=True)
    report = await run(folder, prune=True)
    assert counts(report) == (0, 0, 1, 1, 0)
    assert set(await library.hashes("default")) == set(map(str, kept))
    assert str(folder / "gone.md") in await library.hashes("second")
    assert str(folder / "gone.md") in await stored(database)


async def test_a_path_that_cannot_be_read_to_its_end_is_not_pruned(
    folder: Path, run: Run, library: Library
) -> None:
    corpus = folder / "corpus.jsonl"
    corpus.write_text('{"_id": "1", "text": "One."}\n{"_id": "2", "text": "Two."}\n')
    await run(folder)
    corpus.write_text('{"_id": "1", "text": "One."}\n{"_id": "2", "te\n')
    report = await run(folder, prune=True)
    assert counts(report) == (0, 0, 1, 0, 2)
    assert [failure.uri for failure in report.failed] == [f"{corpus} line 2", str(corpus)]
    assert report.failed[1].reason == "not pruned: not all of it could be read"
    assert len(await library.hashes("default")) == 2


async def test_a_folder_that_lost_everything_is_not_pruned(folder: Path, run: Run) -> None:
    (folder / "a.md").write_text("Text.")
    await run(folder)
    (folder / "a.md").unlink()
    report = await run(folder, prune=True)
    assert report.removed == 0
    assert report.failed[0].reason.startswith("not pruned: nothing is there")


async def test_a_path_that_does_not_exist_stops_before_anything_is_written(
    folder: Path,
    run: Run,
    database: Database,
) -> None:
    (folder / "a.md").write_text("Text.")
    with pytest.raises(InvalidInput, match="there is no file or folder"):
        await run(folder, folder / "nowhere")
    assert await stored(database) == {}


async def test_what_a_document_says_of_itself_is_stored(
    folder: Path,
    run: Run,
    database: Database,
) -> None:
    (folder / "a.md").write_text(
        "---\ntitle: Leave\nurl: https://wiki.example/leave\nupdated: 2024-02-03\n"
        'owner: {team: "People\\0"}\n---\nTwenty days.'
    )
    (folder / "b.md").write_text("没有英文的中文文档。")
    await run(folder)
    async with database.engine.connect() as connection:
        query = "SELECT title, uri, source_updated_at::date::text, metadata->'owner' FROM document"
        row = (await connection.execute(text(query + " ORDER BY source"))).first()
        embedded = await connection.scalars(
            text(
                "SELECT e.vector IS NOT NULL FROM embedding e JOIN chunk c ON c.id = e.chunk_id "
                "JOIN document d ON d.id = c.document_id ORDER BY d.source"
            )
        )
        assert row is not None
        assert tuple(row) == (
            "Leave",
            "https://wiki.example/leave",
            "2024-02-03",
            {"team": "People"},
        )
        assert list(embedded) == [True, False]


def placing(**placements: Placement) -> Read:
    """The sources below a root, placed by the name of their file as a folder's settings would."""

    def read(root: Root) -> Iterator[Source | Skipped]:
        for source in sources(root):
            assert isinstance(source, Source)
            name = Path(source.identity).stem
            yield replace(source, placement=placements.get(name, Placement()))

    return read


async def test_a_folders_settings_go_over_the_uploads(
    folder: Path, run: Run, database: Database
) -> None:
    for name in ("a", "b"):
        (folder / f"{name}.md").write_text("Text.")
    soon = datetime(2027, 1, 31, tzinfo=UTC)
    placed = placing(a=Placement("people", ("group:S1",), "U7", soon))
    options = {"read": placed, "owner": "U1", "author": "ada"}
    assert counts(await run(folder, **options)) == (2, 0, 0, 0, 0)
    query = (
        "SELECT d.collection, d.audience, owner, expires_at, author FROM document d "
        "JOIN document_version ON document_id = d.id ORDER BY d.source"
    )
    async with database.engine.connect() as connection:
        rows = [tuple(row) for row in await connection.execute(text(query))]
    assert rows == [
        ("people", ["group:S1"], "U7", soon, "ada"),
        ("default", ["everyone"], "U1", None, "ada"),
    ]
    assert counts(await run(folder, **options)) == (0, 0, 2, 0, 0)
    # Another owner or date is a change, though no byte of the file is.
    moved = placing(a=Placement("people", ("group:S1",), "U7", soon.replace(year=2028)))
    assert counts(await run(folder, **{**options, "read": moved})) == (0, 1, 1, 0, 0)


async def test_a_document_that_its_folder_moves_leaves_its_old_collection(
    folder: Path, run: Run, library: Library
) -> None:
    for name in ("a", "b"):
        (folder / f"{name}.md").write_text("Text.")
    await run(folder)
    await run(folder / "b.md", collection="second")
    people = placing(a=Placement("people"))
    rehearsed = await run(folder, read=people, dry_run=True)
    assert counts(rehearsed) == (0, 1, 1, 0, 0)
    assert rehearsed.changes is not None
    assert rehearsed.changes[0].fields == {"collection": ("default", "people")}
    assert counts(await run(folder, read=people)) == (0, 1, 1, 0, 0)

    async def where() -> list[tuple[str, str]]:
        listed = await library.documents()
        return [(one.collection, Path(one.source).stem) for one in listed]

    both = [("default", "b"), ("second", "b")]
    assert await where() == [both[0], ("people", "a"), both[1]]
    # What a crash left of the move goes with the next upload, changed or not.
    await run(folder / "a.md")
    assert await where() == [("default", "a"), *both]
    await run(folder, read=people)
    # Without the settings it comes back, and goes from where they had put it.
    assert counts(await run(folder)) == (0, 1, 1, 0, 0)
    assert await where() == [("default", "a"), *both]
    # Gone, it is pruned from where its folder had put it.
    await run(folder, read=people)
    (folder / "a.md").unlink()
    assert counts(await run(folder, prune=True)) == (0, 0, 1, 1, 0)
    assert await where() == both


async def test_a_document_that_cannot_be_read_stays_where_it_was(
    folder: Path, run: Run, library: Library
) -> None:
    (folder / "a.md").write_text("Text.")
    await run(folder)
    (folder / "a.md").write_bytes(b"\0")
    people = placing(a=Placement("people"))
    assert counts(await run(folder, read=people)) == (0, 0, 0, 0, 1)
    assert [one.collection for one in await library.documents()] == ["default"]


async def test_two_uploads_of_one_folder_at_once_store_each_document_once(
    folder: Path, run: Run, library: Library, database: Database
) -> None:
    for number in range(30):
        (folder / f"{number}.md").write_text(f"# {number}\n\n" + f"About {number}. " * 200)
    first, second = await asyncio.gather(run(folder), run(folder))
    assert first.failed == second.failed == ()
    assert [one.version for one in await library.documents()] == [1] * 30
    await assert_whole(database)
    assert counts(await run(folder)) == (0, 0, 30, 0, 0)
