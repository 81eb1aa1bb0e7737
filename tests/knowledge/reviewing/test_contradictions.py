"""The contradictions of a library, kept while it stays as it is: on a real database."""

import asyncio

import pytest

from knowledge.database import Database
from knowledge.documents import ATTACHED
from knowledge.reviewing import contradictions as module
from knowledge.reviewing.contradictions import Contradictions
from knowledge.storage.library import Library
from tests.fakes.letters import Letters
from tests.knowledge.preparing import prepare

LETTERS = Letters()
CLAIM = "The kitchen of the office closes at {} every working day."


async def put(database: Database, name: str, hour: int, collection: str = "c") -> None:
    one = await prepare(LETTERS, name, CLAIM.format(hour), collection=collection)
    await Library(database, LETTERS).put([one])


async def test_they_are_looked_for_once_until_a_document_changes(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BATCH", 1)
    for name, hour in (("a", 17), ("b", 18), ("c", 18)):
        await put(database, name, hour)
    await put(database, "d", 19, collection=ATTACHED)
    library = Contradictions(database.engine)
    known = await library.known(20)
    assert known.current
    (found, other) = known.conflicts
    said = {found.one.sentence, found.other.sentence, other.one.sentence, other.other.sentence}
    assert said == {CLAIM.format(17), CLAIM.format(18)}
    assert set(known.versions.values()) == {1}
    assert (await library.known(0)).conflicts == known.conflicts

    await put(database, "a", 18)
    monkeypatch.setattr(library, "_not_before", 0.0)
    changed = await library.known(20)
    assert changed.current
    assert changed.conflicts == ()


async def test_who_does_not_wait_gets_what_is_known_by_now(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(database, "a", 17)
    library = Contradictions(database.engine)
    assert (await library.known(20)).current
    await put(database, "b", 18)
    assert not (await library.known(0)).current  # it rests after the last look
    monkeypatch.setattr(library, "_not_before", 0.0)
    assert not (await library.known(0)).current  # it has begun
    for known in await asyncio.gather(*(library.known(20) for _ in range(3))):
        assert known.current
        assert len(known.conflicts) == 1
