import math
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import psycopg
import pytest
from pgvector import HalfVector
from sqlalchemy import text

from knowledge.bm25 import K1, B
from knowledge.database import Database, open_database
from knowledge.documents import EVERYONE, Passage, Query, Reader
from knowledge.errors import EncoderMismatch
from knowledge.retrieval.scoring import query_text, query_weights
from knowledge.retrieval.search import Search
from knowledge.retrieval.search_sql import many
from knowledge.storage.library import Library
from knowledge.terms import index_terms
from tests.fakes.letters import Letters
from tests.knowledge.preparing import prepare

LETTERS = Letters()
ALL = Reader()

TEXTS = {
    "moon": "The moon pulls the tides twice a day\n\nSpring tides follow the full moon",
    "bread": "Bread needs flour, water, salt and time\n\nA sourdough starter is flour and water",
    "tax": "The tax return is due in July\n\nReturn shipments of flour are free of tax",
    "zh": "职业碗防守截锋领先于全队同时还有三次\n\n防守端锋拿下五次擒杀",
    "code": "call client.reset_password(user_id)\n\nThe password is reset by mail",
}
QUERIES = [
    Query("When are spring tides?"),
    Query("flour and water"),
    Query("how to return flour", ("is there a tax on flour?", "and on salt?")),
    Query("防守截锋"),
    Query("reset_password"),
    Query("nothing of the kind"),
    Query("the of and"),
]
BOTH = pytest.mark.parametrize("exact_up_to", [1_000, 0], ids=["few", "many"])


async def fill(
    database: Database, audiences: Mapping[str, tuple[str, ...]] = MappingProxyType({})
) -> Library:
    """The texts above, settled so that a vector index is there; ``audiences`` by source."""
    library = Library(database, LETTERS, exact_up_to=0)
    await library.put(
        [
            await prepare(LETTERS, source, body, audiences.get(source, (EVERYONE,)))
            for source, body in TEXTS.items()
        ]
    )
    await library.settle()
    return library


def sources(passages: Sequence[Passage]) -> list[str]:
    return [passage.title for passage in passages]


class Reference:
    """The same scores in memory, from the stored chunks and the books' formulas."""

    def __init__(self, rows: Sequence[tuple[int, str, str]]) -> None:
        self.ids = [number for number, _, _ in rows]
        self.texts = [f"{title}\n{content}" for _, title, content in rows]
        self.counts = [Counter(index_terms(content)) for content in self.texts]
        self.average = sum(count.total() for count in self.counts) / len(rows)

    def bm25(self, query: Query) -> dict[int, float]:
        scores: dict[int, float] = {}
        for number, counts in zip(self.ids, self.counts, strict=True):
            norm = K1 * (1 - B + B * counts.total() / self.average)
            scores[number] = sum(
                weight * self.idf(term) * counts[term] * (K1 + 1) / (counts[term] + norm)
                for term, weight in query_weights(query).items()
            )
        return scores

    def idf(self, term: str) -> float:
        having = sum(term in counts for counts in self.counts)
        return math.log(1 + (len(self.ids) - having + 0.5) / (having + 0.5))

    async def cosines(self, query: Query) -> dict[int, float | None]:
        if not LETTERS.covers(query_text(query)):
            return dict.fromkeys(self.ids)
        asked = (await LETTERS.encode([query_text(query)]))[0]
        vectors = await LETTERS.encode(self.texts)
        return {
            number: float(vector @ asked) if LETTERS.covers(content) else None
            for number, content, vector in zip(self.ids, self.texts, vectors, strict=True)
        }


async def reference(database: Database) -> Reference:
    query = (
        "SELECT chunk.id, title, chunk.text FROM chunk JOIN document ON document.id = document_id"
    )
    async with database.engine.connect() as connection:
        rows = await connection.execute(text(query))
        return Reference([(row[0], row[1], row[2]) for row in rows])


@BOTH
@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.text)
async def test_scores_are_those_computed_in_memory(
    database: Database, query: Query, exact_up_to: int
) -> None:
    await fill(database)
    expected = await reference(database)
    lexical, dense = expected.bm25(query), await expected.cosines(query)
    found = await Search(database, LETTERS, exact_up_to).find(query, ALL, k=100)
    covers = LETTERS.covers(query_text(query))
    assert {one.chunk_id for one in found.passages} == {
        number
        for number in expected.ids
        if lexical[number] > 0 or (covers and dense[number] is not None)
    }
    for one in found.passages:
        assert one.lexical == pytest.approx(lexical[one.chunk_id], abs=2e-3)
        assert one.dense == pytest.approx(dense[one.chunk_id], abs=2e-3)
    assert [one.score for one in found.passages] == sorted(
        (one.score for one in found.passages), reverse=True
    )


@BOTH
async def test_signals_compare_with_what_the_query_could_reach(
    database: Database, exact_up_to: int
) -> None:
    await fill(database)
    expected = await reference(database)
    query = Query("spring tides on Mars")
    found = await Search(database, LETTERS, exact_up_to).find(query, ALL)
    known, unknown = expected.idf("spring") + expected.idf("tide"), expected.idf("mar")
    assert found.signals.coverage == pytest.approx(known / (known + unknown))
    best = max(expected.bm25(query).values())
    assert found.signals.lexical == pytest.approx(best / (known + unknown) / (K1 + 1), abs=1e-3)
    cosines = sorted((one.dense or 0 for one in found.passages), reverse=True)
    assert found.signals.dense == cosines[0]
    assert set(found.timings_ms) == {"encode", "search"}


@BOTH
async def test_a_query_in_another_script_is_lexical_alone(
    database: Database, exact_up_to: int
) -> None:
    await fill(database)
    found = await Search(database, LETTERS, exact_up_to).find(Query("防守截锋"), ALL)
    assert sources(found.passages) == ["zh", "zh"]
    assert found.passages[0].position == 0
    assert found.passages[0].dense is None
    assert found.signals.dense is None


@BOTH
async def test_nobody_is_given_what_he_may_not_see(database: Database, exact_up_to: int) -> None:
    await fill(
        database,
        audiences={
            "moon": ("channel:C1",),
            "bread": ("user:U1",),
            "tax": ("user:U1", "channel:C2"),
        },
    )
    search = Search(database, LETTERS, exact_up_to)
    public = {"zh", "code"}
    for reader, seen in (
        (Reader(), set()),
        (Reader.of_channel("C1"), {"moon"}),
        (Reader.of_channel("C2"), {"tax"}),
        (Reader.of_person("U1"), {"bread", "tax"}),
        (Reader.of_person("U2", ["C1", "C2"]), {"moon", "tax"}),
        (Reader.of_person("U3"), set()),
    ):
        for query in QUERIES[:3]:
            found = await search.find(query, reader, k=100)
            assert set(sources(found.passages)) <= seen | public
        found = await search.find(Query("moon tides, bread, tax"), reader, k=100)
        assert set(sources(found.passages)) - public == seen
    assert (await search.find(QUERIES[0], Reader(()), k=100)).passages == ()


@BOTH
async def test_only_the_collections_asked_for_are_searched(
    database: Database, exact_up_to: int
) -> None:
    library = await fill(database)
    await library.put([await prepare(LETTERS, "other", "Spring tides", collection="sea")])
    search = Search(database, LETTERS, exact_up_to)
    found = await search.find(QUERIES[0], ALL, collections=["sea"])
    assert sources(found.passages) == ["other"]
    assert (await search.find(QUERIES[0], ALL, collections=[])).passages == ()


@pytest.fixture
async def index_bound(database_url: str, home: Path) -> AsyncIterator[Database]:
    """A database whose planner takes the vector index, as it does by itself for many rows."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "DO $$ BEGIN EXECUTE format("
            "'ALTER DATABASE %I SET enable_sort = off', current_database()); END $$"
        )
    async with open_database(database_url, home) as opened:
        yield opened


async def test_the_vector_index_gives_a_rare_audience_all_it_may_see(
    index_bound: Database,
) -> None:
    library = Library(index_bound, LETTERS, exact_up_to=0)
    await library.put(
        [
            await prepare(
                LETTERS,
                f"{chr(97 + n % 26)}{chr(97 + n // 26 % 26)} {n}",
                "body",
                ("user:U1",) if n % 100 == 0 else (EVERYONE,),
            )
            for n in range(1500)
        ]
    )
    await library.settle()
    search = Search(index_bound, LETTERS, exact_up_to=0)
    found = await search.find(Query("zz"), Reader(("user:U1",)), k=100)
    assert len(found.passages) == 15
    exact = await Search(index_bound, LETTERS, exact_up_to=500).find(
        Query("zz"), Reader(("user:U1",)), k=100
    )
    assert exact.passages == found.passages
    async with index_bound.engine.connect() as connection:
        asked = {
            "principals": ["user:U1"],
            "collections": None,
            "terms": ["zz"],
            "weights": [1.0],
            "vector": HalfVector((await LETTERS.encode(["zz"]))[0]),
            "encoder": LETTERS.name,
            "leg": 100,
            "questions": None,
            "excluded": None,
            "lexical": [],
            "unread": [],
            "unread_weights": [],
        }
        statement = many(LETTERS.name, LETTERS.dimension).text
        plan = await connection.scalars(text(f"EXPLAIN {statement}"), asked)
        assert any("using ix_embedding_" in line for line in plan)


async def test_a_vector_given_is_used_instead_of_encoding(database: Database) -> None:
    await fill(database)
    search = Search(database, LETTERS)
    (vector,) = await LETTERS.encode(["bread"])
    own = await search.find(Query("bread"), ALL)
    given = await search.find(Query("zzzz"), ALL, vector=vector)
    assert own.signals.dense == given.signals.dense


async def test_an_empty_library_finds_nothing(database: Database) -> None:
    found = await Search(database, LETTERS).find(Query("anything"), ALL)
    assert found.passages == ()
    assert found.signals.dense is None


async def test_vectors_of_another_encoder_are_refused(database: Database) -> None:
    await fill(database)
    with pytest.raises(EncoderMismatch, match="knowhow reindex"):
        await Search(database, Letters("other")).find(Query("anything"), ALL)


async def test_equal_passages_come_in_the_order_they_were_stored(database: Database) -> None:
    library = Library(database, LETTERS)
    await library.put([await prepare(LETTERS, "same", "\n\n".join(["tides"] * 5))])
    found = await Search(database, LETTERS).find(Query("tides"), ALL)
    assert [passage.position for passage in found.passages] == [0, 1, 2, 3, 4]


WIDE = "# Sea\n\none\n\ntwo\n\ntides\n\nfour\n\nfive\n\n# Land\n\nhills"


async def test_a_passage_is_widened_by_its_neighbours_under_the_same_heading(
    database: Database,
) -> None:
    library = Library(database, LETTERS)
    await library.put([await prepare(LETTERS, "doc", WIDE)])
    search = Search(database, LETTERS)
    by_text = {one.text: one for one in (await search.find(Query("tides"), ALL)).passages}
    (widened,) = await search.widen([by_text["tides"]], ALL)
    assert widened.text == "two\n\ntides\n\nfour"
    assert widened.chunk_id == by_text["tides"].chunk_id
    (edge,) = await search.widen([by_text["five"]], ALL)
    assert edge.text == "four\n\nfive"


async def test_widened_passages_do_not_repeat_each_other(database: Database) -> None:
    library = Library(database, LETTERS)
    await library.put([await prepare(LETTERS, "doc", WIDE)])
    search = Search(database, LETTERS)
    by_text = {one.text: one for one in (await search.find(Query("tides"), ALL)).passages}
    widened = await search.widen([by_text[name] for name in ("tides", "four", "five")], ALL)
    assert [one.text for one in widened] == ["two\n\ntides\n\nfour", "five"]


async def test_widening_shows_only_what_the_reader_may_see(database: Database) -> None:
    library = Library(database, LETTERS)
    await library.put([await prepare(LETTERS, "doc", WIDE, ("user:U1",))])
    search = Search(database, LETTERS)
    found = await search.find(Query("tides"), Reader.of_person("U1"), k=1)
    (widened,) = await search.widen(found.passages, ALL)
    assert widened.text == found.passages[0].text
