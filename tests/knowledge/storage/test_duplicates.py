from pathlib import Path

import pytest
from sqlalchemy import text

from knowledge.database import Database
from knowledge.documents import Query, Reader
from knowledge.retrieval.search import Search
from knowledge.storage.library import Library
from knowledge.storage.restore import restore
from knowledge.uploading.upload import UploadReport, upload
from tests.fakes.letters import Letters

LETTERS = Letters()
LEAVE = "# Leave\n\nEmployees get 27 days of leave a year. Five days may be carried over.\n"
SHOUTED = "# Leave\n\nEMPLOYEES get 27 days of leave a year; five days may be carried over!\n"
OTHER = "# Leave\n\nEmployees get 25 days of leave a year. Five days may be carried over.\n"

STANDING = """
    SELECT document.source, original.source, (SELECT count(*) FROM chunk WHERE
    chunk.document_id = document.id), document.version FROM document
    LEFT JOIN document AS original ON original.id = document.duplicate_of ORDER BY document.source
"""


class Team:
    """A folder, its library and what is found there."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.folder = folder
        self.library = Library(database, LETTERS)

    async def upload(self, **texts: str | None) -> UploadReport:
        for name, content in texts.items():
            path = self.folder / f"{name}.md"
            path.write_text(content) if content else path.unlink()
        return await upload([self.folder], library=self.library, encoder=LETTERS, prune=True)

    async def standing(self) -> dict[str, tuple[str | None, int, int]]:
        """By name: which document stands for it, its chunks, its version."""
        async with self.database.engine.connect() as connection:
            rows = (await connection.execute(text(STANDING))).all()
        return {
            Path(source).stem: (original and Path(original).stem, chunks, version)
            for source, original, chunks, version in rows
        }

    async def found(self, question: str, reader: Reader | None = None) -> set[str]:
        search = Search(self.database, LETTERS)
        found = await search.find(Query(question), reader or Reader())
        return {Path(one.uri).stem for one in found.passages}


@pytest.fixture
def team(database: Database, tmp_path: Path) -> Team:
    return Team(database, tmp_path)


async def test_a_document_that_says_nothing_new_is_found_through_the_other(team: Team) -> None:
    report = await team.upload(a=LEAVE, b=SHOUTED, c=OTHER)
    assert report.added == 3
    assert [(Path(one.uri).stem, Path(one.original).stem) for one in report.repeats] == [("b", "a")]
    assert report.as_json()["duplicates"][0]["uri"].endswith("b.md")
    assert await team.standing() == {"a": (None, 1, 1), "b": ("a", 0, 1), "c": (None, 1, 1)}
    assert await team.found("days of leave") == {"a", "c"}

    again = await team.upload()
    assert (again.unchanged, again.repeats) == (3, ())


async def test_what_is_stored_already_stands_for_what_comes_later(team: Team) -> None:
    await team.upload(a=LEAVE)
    await team.upload(b=SHOUTED, c=LEAVE)
    assert await team.standing() == {"a": (None, 1, 1), "b": ("a", 0, 1), "c": ("a", 0, 1)}


@pytest.mark.parametrize("changed", [None, "# Leave\n\nThere is none.\n"])
async def test_what_another_stood_for_is_indexed_when_that_changes_or_goes(
    team: Team, changed: str | None
) -> None:
    await team.upload(a=LEAVE, b=SHOUTED, c=LEAVE)
    await team.upload(a=changed)
    standing = await team.standing()
    assert standing["b"] == (None, 1, 1)
    assert standing["c"] == ("b", 0, 1)
    assert "b" in await team.found("days of leave")


async def test_an_upload_completes_what_a_killed_one_left_unindexed(team: Team) -> None:
    await team.upload(a=LEAVE, b=SHOUTED)
    await team.library.remove(await team.library.ids("default", [str(team.folder / "a.md")]))
    assert (await team.standing())["b"] == (None, 0, 1)
    await team.upload(a=None, z="# Pay\n\nPay comes on the last working day.\n")
    assert (await team.standing())["b"] == (None, 1, 1)


async def test_a_duplicate_that_comes_to_say_more_is_indexed(team: Team) -> None:
    await team.upload(a=LEAVE, b=SHOUTED)
    await team.upload(b=OTHER)
    assert await team.standing() == {"a": (None, 1, 1), "b": (None, 1, 2)}
    await restore((await team.library.documents())[1].id, 1, team.database, LETTERS)
    assert await team.standing() == {"a": (None, 1, 1), "b": ("a", 0, 3)}


async def test_nobody_loses_sight_of_a_document_through_its_duplicate(
    team: Team, tmp_path: Path
) -> None:
    """One for a channel cannot stand for one that everyone may see; the other way it can."""
    public, private = tmp_path / "public.md", tmp_path / "private.md"
    public.write_text(LEAVE)
    private.write_text(LEAVE)

    async def put(path: Path, *audience: str, collection: str = "default") -> None:
        await upload(
            [path],
            library=team.library,
            encoder=LETTERS,
            audience=audience,
            collection=collection,
        )

    await put(private, "channel:C1", "channel:C2")
    await put(public, "everyone")
    assert await team.standing() == {"private": (None, 1, 1), "public": (None, 1, 1)}
    assert await team.found("leave") == {"public"}

    await put(private, "channel:C2")
    assert (await team.standing())["private"] == ("public", 0, 2)
    await put(public, "channel:C1")
    assert await team.standing() == {"private": (None, 1, 2), "public": (None, 1, 2)}
    assert await team.found("leave", Reader.of_channel("C2")) == {"private"}

    await put(private, "channel:C1", collection="other")
    assert (await team.standing())["private"][0] is None


async def test_many_copies_need_one_original(team: Team) -> None:
    copies = {f"copy{number:02}": LEAVE for number in range(40)}
    report = await team.upload(**copies)
    assert len(report.repeats) == 39
    assert len(await team.found("leave")) == 1
