"""Audiences: who may see what is for whom, in Python and in SQL alike; outsiders above all."""

from itertools import product

import pytest
from sqlalchemy import select

from knowledge.database import Database
from knowledge.documents import Query, Reader, common, covers, parse_audience
from knowledge.errors import InvalidInput
from knowledge.retrieval.search import Search
from knowledge.storage import scopes
from knowledge.storage.library import Library
from knowledge.tables import scope
from tests.fakes.letters import Letters
from tests.knowledge.preparing import prepare

AUDIENCES = [parse_audience(text) for text in ("everyone", "public", "channel:C1", "user:U1")] + [
    ("channel:C1", "user:U1")
]


@pytest.mark.parametrize(
    ("text", "audience"),
    [
        ("public", ("everyone", "public")),
        ("channel:C1,public,everyone", ("everyone", "public")),
        ("everyone, user:U1", ("everyone",)),
    ],
)
def test_what_outsiders_may_see_the_team_may_see_too(text: str, audience: tuple[str, ...]) -> None:
    assert parse_audience(text) == audience


def test_an_audience_that_nobody_holds_is_refused() -> None:
    with pytest.raises(InvalidInput, match="public"):
        parse_audience("outsiders")


def test_whoever_is_covered_sees_it_and_nobody_else_is() -> None:
    readers = [
        Reader.of_outsiders(),
        Reader(),
        Reader.of_channel("C1"),
        Reader.of_person("U1"),
        Reader.of_person("U1", ["C1"]),
        Reader.of_person("U2"),
    ]

    def seen(audience: tuple[str, ...]) -> set[int]:
        return {n for n, one in enumerate(readers) if set(one.principals) & set(audience)}

    for one, other in product(AUDIENCES, AUDIENCES):
        assert covers(one, other) == (seen(other) <= seen(one)), (one, other)
        assert seen(common(one, other)) <= seen(one) & seen(other), (one, other)


async def test_sql_says_the_same(database: Database) -> None:
    async with database.engine.begin() as connection:
        for one in AUDIENCES:
            await connection.execute(
                scope.insert().values(collection="c", audience=list(one), chunks=1)
            )
        for one, other in product(AUDIENCES, AUDIENCES):
            query = select(scopes.covers(scope.c.audience, other))
            said = await connection.scalar(query.where(scope.c.audience == one))
            assert said == covers(one, other), (one, other)


async def test_outsiders_find_what_is_public_and_nothing_else(database: Database) -> None:
    letters = Letters()
    library = Library(database, letters)
    kept = {"a": "everyone", "b": "public", "c": "channel:C1"}
    await library.put(
        [await prepare(letters, name, "tides", parse_audience(to)) for name, to in kept.items()]
    )
    search = Search(database, letters)

    async def found(reader: Reader) -> set[str]:
        return {one.uri for one in (await search.find(Query("tides"), reader)).passages}

    assert len(await found(Reader())) == 2
    assert len(await found(Reader.of_outsiders())) == 1
    assert await found(Reader.of_outsiders()) < await found(Reader())
    (public,) = (await search.find(Query("tides"), Reader.of_outsiders())).passages
    assert not public.restricted


async def test_the_collections_are_those_that_hold_something(database: Database) -> None:
    letters = Letters()
    assert await scopes.collections(database.engine) == ()
    await Library(database, letters).put(
        [await prepare(letters, name, "x", collection=name) for name in ("b", "a")]
    )
    assert await scopes.collections(database.engine) == ("a", "b")
