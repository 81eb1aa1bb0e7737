import asyncio
import random

import pytest
from sqlalchemy import text

from knowledge.bm25 import impacts
from knowledge.database import Database
from knowledge.errors import EncoderMismatch, InvalidInput
from knowledge.schemas import scratch_schema
from knowledge.storage import postings
from knowledge.storage.library import Library
from tests.fakes.letters import Letters
from tests.knowledge.preparing import prepare
from tests.knowledge.wholeness import POSTING, assert_counted

LETTERS = Letters()
WORDS = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa")

POSTINGS = f"""
    SELECT source, position, term.text, impact FROM {POSTING} AS posting
    JOIN term ON term.id = term_id JOIN chunk ON chunk.id = chunk_id
    JOIN document ON document.id = document_id
"""  # noqa: S608 - constants only
FREQUENCIES = "SELECT text, document_frequency FROM term"
TOTALS = "SELECT chunks, length, impact_average FROM corpus"
VECTORS = """
    SELECT source, position, encoder, CAST(vector AS text) FROM embedding
    JOIN chunk ON chunk.id = chunk_id JOIN document ON document.id = document_id
"""


@pytest.fixture
def library(database: Database) -> Library:
    return Library(database, LETTERS)


async def rows(database: Database, query: str) -> list[tuple[object, ...]]:
    async with database.engine.connect() as connection:
        return sorted(tuple(row) for row in await connection.execute(text(query)))


async def index_of(database: Database) -> list[list[tuple[object, ...]]]:
    """The whole index by what it says, not by its ids, with all impacts made anew."""
    async with database.engine.begin() as connection:
        await postings.refresh_impacts(connection)
    return [await rows(database, query) for query in (POSTINGS, FREQUENCIES, TOTALS, VECTORS)]


async def put(library: Library, **texts: str) -> None:
    await library.put([await prepare(LETTERS, source, body) for source, body in texts.items()])


def random_text(chance: random.Random) -> str:
    paragraphs = chance.randint(1, 4)
    return "\n\n".join(
        " ".join(chance.choices(WORDS, k=chance.randint(1, 30))) for _ in range(paragraphs)
    )


@pytest.mark.parametrize("seed", range(3))
async def test_the_index_after_many_changes_is_that_of_a_fresh_build(
    database: Database, library: Library, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - test data
    held: dict[str, str] = {}
    for _ in range(12):
        if held and chance.random() < 0.3:
            gone = chance.sample(sorted(held), k=min(2, len(held)))
            assert await library.remove(await library.ids("default", gone)) == len(gone)
            held = {source: body for source, body in held.items() if source not in gone}
        else:
            sources = chance.sample(["a", "b", "c", "d", "e", "f"], k=3)
            changed = {source: random_text(chance) for source in sources}
            await put(library, **changed)
            held |= changed
    async with scratch_schema(database) as fresh:
        await put(Library(fresh, LETTERS), **held)
        assert await index_of(database) == await index_of(fresh)


async def test_postings_stay_in_few_whole_blocks(database: Database, library: Library) -> None:
    blocks = "SELECT count(*) FROM posting_block JOIN term ON term.id = term_id WHERE text = 'all'"
    many = "\n\n".join(f"all w{number}" for number in range(300))
    await put(library, many=many)
    ((count,),) = await rows(database, blocks)
    assert count == 2
    for number in range(40):
        await put(library, **{f"one{number}": f"all of {number}"})
    await assert_counted(database)
    ((count,),) = await rows(database, blocks)
    assert isinstance(count, int)
    assert count <= 2 + 6  # as 40 has binary digits
    await put(library, many=many.replace("w1", "v1"), one7="none")
    await assert_counted(database)
    await library.remove(await library.ids("default", ["many", "one3", "one39"]))
    await assert_counted(database)
    async with database.engine.begin() as connection:
        await postings.refresh_impacts(connection)
    await assert_counted(database)
    await library.remove([one.id for one in await library.documents()])
    assert await rows(database, "SELECT term_id FROM posting_block") == []


async def test_impacts_in_sql_are_those_of_the_formula(
    database: Database, library: Library
) -> None:
    await put(library, a="one one two", b="two three " * 40, c="four")
    for query in ("SELECT 1", "refresh"):
        if query == "refresh":
            async with database.engine.begin() as connection:
                await postings.refresh_impacts(connection)
        (average,) = (await rows(database, "SELECT impact_average FROM corpus"))[0]
        assert isinstance(average, float)
        async with database.engine.connect() as connection:
            stored = (
                await connection.execute(
                    text("SELECT frequencies, length, impacts FROM chunk ORDER BY id")
                )
            ).all()
        for frequencies, length, written in stored:
            assert written == impacts(frequencies, length, average).tolist()


async def test_impacts_follow_the_average_length(database: Database, library: Library) -> None:
    await put(library, a="short")
    await put(library, b="word " * 50, c="word " * 60)
    averages = "SELECT length / chunks::float8, impact_average FROM corpus"
    ((now, made_with),) = await rows(database, averages)
    assert isinstance(now, float)
    assert made_with == pytest.approx(now, rel=0.1)


async def test_writers_at_once_neither_deadlock_nor_lose_counts(database: Database) -> None:
    async def write(number: int) -> None:
        chance = random.Random(number)  # noqa: S311 - test data
        for step in range(4):
            await put(Library(database, LETTERS), **{f"d{number}-{step % 3}": random_text(chance)})

    await asyncio.gather(*(write(number) for number in range(4)))
    recount = """
        SELECT term.text, count(*) FROM chunk, unnest(terms) AS held (id)
        JOIN term ON term.id = held.id GROUP BY term.text
    """
    assert await rows(database, FREQUENCIES) == await rows(database, recount)
    ((chunks, length, _),) = await rows(database, TOTALS)
    assert [(chunks, length)] == await rows(database, "SELECT count(*), sum(length) FROM chunk")


async def test_a_refused_document_leaves_nothing_of_its_batch(
    database: Database, library: Library
) -> None:
    await put(library, a="kept")
    before = await index_of(database)
    good, bad = await prepare(LETTERS, "b", "fine"), await prepare(LETTERS, "c", "nul \0 inside")
    with pytest.raises(Exception, match=r"0x00|NUL"):
        await library.put([good, bad])
    assert await index_of(database) == before


async def test_a_replaced_document_keeps_its_id_and_its_history(library: Library) -> None:
    await put(library, a="first")
    (number,) = await library.ids("default", ["a"])
    await put(library, a="second\n\nmore")
    assert await library.ids("default", ["a", "unknown"]) == [number]
    (listed,) = await library.documents()
    assert (listed.version, listed.chunks, listed.uri) == (2, 2, "https://docs.example/a")
    assert (await library.show(number)).text == "second\n\nmore"
    assert [one.version for one in await library.history(number)] == [2, 1]


async def test_the_last_of_two_documents_with_one_source_is_kept(library: Library) -> None:
    await library.put([await prepare(LETTERS, "a", body) for body in ("first", "last")])
    (number,) = await library.ids("default", ["a"])
    assert (await library.show(number)).text == "last"


async def test_collections_are_apart(library: Library) -> None:
    for collection in ("x", "y"):
        await library.put([await prepare(LETTERS, "a", collection, collection=collection)])
    assert len(await library.documents()) == 2
    assert [one.collection for one in await library.documents("x")] == ["x"]
    assert (await library.hashes("x")).keys() == {"a"}
    assert await library.hashes("z") == {}


async def test_what_is_not_there_is_named(library: Library) -> None:
    with pytest.raises(InvalidInput, match="no document 7"):
        await library.show(7)
    with pytest.raises(InvalidInput, match="no document 7"):
        await library.history(7)
    assert await library.remove([7]) == 0


async def test_vectors_of_two_encoders_are_not_mixed(database: Database, library: Library) -> None:
    await put(library, a="text")
    other = Library(database, Letters("other"))
    with pytest.raises(EncoderMismatch, match=r"encoded with letters, not other.*knowhow reindex"):
        await other.check_encoder()
    with pytest.raises(EncoderMismatch):
        await put(other, b="text")
    await library.remove(await library.ids("default", ["a"]))
    await put(other, b="an empty library takes any encoder")
    await other.check_encoder()


async def test_a_chunk_in_another_script_has_no_vector(
    database: Database, library: Library
) -> None:
    await put(library, a="English\n\n职业碗防守截锋领先于全队同时还有三次")
    vectors = await rows(
        database, "SELECT position, vector IS NULL FROM embedding JOIN chunk ON id = chunk_id"
    )
    assert vectors == [(0, False), (1, True)]


async def test_settling_above_the_threshold_makes_a_vector_index(database: Database) -> None:
    library = Library(database, LETTERS, exact_up_to=1)
    await put(library, a="one")
    await library.settle()
    indexes = "SELECT indexdef FROM pg_indexes WHERE indexdef LIKE '%hnsw%'"
    assert await rows(database, indexes) == []
    await put(library, b="two")
    await library.settle()
    await library.settle()
    ((definition,),) = await rows(database, indexes)
    assert "halfvec_ip_ops" in str(definition)
