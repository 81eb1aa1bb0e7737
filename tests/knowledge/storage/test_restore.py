import pytest

from knowledge.database import Database
from knowledge.documents import Query, Reader
from knowledge.errors import InvalidInput
from knowledge.retrieval.search import Search
from knowledge.storage.library import Library
from knowledge.storage.restore import restore
from tests.fakes.letters import Letters
from tests.knowledge.preparing import prepare

LETTERS = Letters()


async def test_a_restored_version_is_found_again_by_those_who_may_see_it_now(
    database: Database,
) -> None:
    library = Library(database, LETTERS)
    await library.put([await prepare(LETTERS, "wifi", "The network is Lobby")])
    await library.put([await prepare(LETTERS, "wifi", "The network is Atrium", ("channel:C1",))])
    (listed,) = await library.documents()
    assert await restore(listed.id, 1, database, LETTERS, "ada") == 3
    search = Search(database, LETTERS)
    insider = await search.find(Query("network"), Reader.of_channel("C1"))
    assert [one.text for one in insider.passages] == ["The network is Lobby"]
    assert not (await search.find(Query("network"), Reader())).passages
    versions = await library.history(listed.id)
    assert [(one.version, one.author) for one in versions] == [(3, "ada"), (2, ""), (1, "")]


async def test_a_version_that_is_not_there_is_named(database: Database) -> None:
    library = Library(database, LETTERS)
    await library.put([await prepare(LETTERS, "wifi", "The network is Lobby")])
    (listed,) = await library.documents()
    with pytest.raises(InvalidInput, match="has no version 7"):
        await restore(listed.id, 7, database, LETTERS)
    with pytest.raises(InvalidInput, match="is the newest already"):
        await restore(listed.id, 1, database, LETTERS)
