from datetime import UTC, datetime
from pathlib import Path

import pytest

from knowledge.database import Database
from knowledge.reviewing.review import Review, review
from knowledge.storage.library import Library
from knowledge.uploading.upload import upload
from tests.fakes.letters import Letters

LETTERS = Letters()
NOW = datetime(2026, 6, 1, tzinfo=UTC)
LEAVE = "# Leave\n\nEmployees get 27 days of annual leave."
LONG = " ".join(f"Rule {chr(97 + n)} is about the {chr(97 + n) * 5} of the lab." for n in range(20))


async def reviewed(
    database: Database, cited: dict[int, int] | None = None, owner: str | None = None
) -> Review:
    return await review(database.engine, cited or {}, NOW, collection="default", owner=owner)


@pytest.fixture
async def library(database: Database, tmp_path: Path) -> Library:
    texts = {
        "a": f"---\nupdated: 2020-01-01\n---\n{LEAVE} {LONG}",
        "b": "# Handbook\n\nWelcome. Employees get 25 days of annual leave.\n",
        "c": f"{LEAVE} {LONG} Visitors are welcome.",
        "d": f"{LEAVE} {LONG}".upper(),
    }
    library = Library(database, LETTERS)
    for name, text in texts.items():
        path = tmp_path / f"{name}.md"
        path.write_text(text)
        await upload(
            [path],
            library=library,
            encoder=LETTERS,
            owner="ada@example.org" if name == "b" else None,
            expires_at=datetime(2024, 1, 31, tzinfo=UTC) if name == "b" else None,
        )
    return library


async def test_what_is_said_twice_or_differently_or_long_ago_is_listed(
    database: Database, library: Library
) -> None:
    ids = {Path(one.uri).stem: one.id for one in await library.documents()}
    found = await reviewed(database, {ids["a"]: 5, ids["b"]: 9})
    twice, nearly = found.duplicates
    assert (twice.document.id, twice.other.id, twice.indexed) == (ids["d"], ids["a"], False)
    assert (nearly.document.id, nearly.other.id, nearly.indexed) == (ids["a"], ids["c"], True)
    assert 0.8 <= nearly.similarity <= 1
    assert {(one.document.id, one.other.id) for one in found.conflicts} == {
        (ids["a"], ids["b"]),
        (ids["b"], ids["c"]),
    }
    assert found.conflicts[0].says == "Employees get 27 days of annual leave."
    assert found.conflicts[0].other_says == "Employees get 25 days of annual leave."
    assert [(one.document.id, one.since.year) for one in found.expired] == [(ids["b"], 2024)]
    assert [(one.document.id, one.cited) for one in found.unchanged] == [(ids["a"], 5)]


async def test_an_owner_sees_their_own(database: Database, library: Library) -> None:
    found = await reviewed(database, owner="ada@example.org")
    assert found.duplicates == ()
    assert len(found.conflicts) == 2
    assert len(found.expired) == 1
    assert await reviewed(database, owner="nobody") == Review((), (), (), ())
    await library.remove([one.id for one in await library.documents()])
    assert await reviewed(database, {1: 3}) == Review((), (), (), ())
