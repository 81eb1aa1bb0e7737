"""The third leg: what the question set says of a chunk, found like a question of a person."""

import pytest
from sqlalchemy import update

from knowledge import tables
from knowledge.database import Database
from knowledge.documents import EVERYONE, Query, Reader
from knowledge.retrieval.blending import Blend, Weights
from knowledge.retrieval.search import Search
from knowledge.storage.library import Library
from tests.fakes.letters import Letters
from tests.knowledge.asking import add_questions
from tests.knowledge.preparing import prepare

LETTERS = Letters()
BOTH = pytest.mark.parametrize("exact_up_to", [1_000, 0], ids=["few", "many"])
ASKED = {
    "bread": "which rises overnight in a cold room",
    "tax": "what must be sent by midsummer",
    "zh": "谁在第一场比赛里受伤",
}
TEXTS = {
    "bread": "A starter is flour and water",
    "tax": "The return is due in July",
    "zh": "防守端锋拿下五次擒杀",
    "moon": "The moon pulls the tides",
}


async def fill(database: Database, blend: Blend, hidden: str = "") -> None:
    library = Library(database, LETTERS, exact_up_to=0)
    await library.put(
        [
            await prepare(LETTERS, name, text, ("channel:C1",) if name == hidden else (EVERYONE,))
            for name, text in TEXTS.items()
        ]
    )
    await library.settle()
    await add_questions(database, LETTERS, {asked: name for name, asked in ASKED.items()})
    async with database.engine.begin() as connection:
        await connection.execute(
            update(tables.corpus).values(blend=blend.as_json(), questions_used=blend.asks_questions)
        )


QUESTIONS_ALONE = Blend({script: Weights(0, 0, 1) for script in ("latin", "cjk")})


@BOTH
async def test_a_chunk_is_found_by_the_question_it_answers(
    database: Database, exact_up_to: int
) -> None:
    await fill(database, QUESTIONS_ALONE)
    found = await Search(database, LETTERS, exact_up_to).find(Query(ASKED["tax"]), Reader())
    assert found.passages[0].title == "tax"
    assert found.passages[0].score == pytest.approx(1.0)


async def test_without_a_vector_the_terms_in_common_decide(database: Database) -> None:
    await fill(database, QUESTIONS_ALONE)
    found = await Search(database, LETTERS).find(Query("第一场比赛里谁受伤了"), Reader())
    assert found.passages[0].title == "zh"


@BOTH
async def test_the_leg_is_off_until_the_weights_want_it(
    database: Database, exact_up_to: int
) -> None:
    await fill(database, Blend())
    search = Search(database, LETTERS, exact_up_to)
    query = Query(ASKED["tax"])
    plain = {one.title: one.score for one in (await search.find(query, Reader())).passages}
    assert plain["tax"] < 0.6  # no word of it stands there: half a score at most, from its meaning
    candidates = await search.candidates(query, Reader())
    assert max(one.questions or 0 for one in candidates) == pytest.approx(1.0, abs=0.01)


@BOTH
async def test_a_question_of_a_hidden_document_finds_nothing(
    database: Database, exact_up_to: int
) -> None:
    await fill(database, QUESTIONS_ALONE, hidden="tax")
    search = Search(database, LETTERS, exact_up_to)
    titles = [one.title for one in (await search.find(Query(ASKED["tax"]), Reader())).passages]
    assert "tax" not in titles
    insider = await search.find(Query(ASKED["tax"]), Reader.of_channel("C1"))
    assert insider.passages[0].title == "tax"


@BOTH
async def test_a_question_left_out_does_not_find_itself(
    database: Database, exact_up_to: int
) -> None:
    await fill(database, Blend())
    search = Search(database, LETTERS, exact_up_to)
    ids = await add_questions(database, LETTERS, {"when is the form to be posted": "tax"})
    (number,) = ids.values()
    query = Query("when is the form to be posted")
    with_it = await search.candidates(query, Reader())
    without = await search.candidates(query, Reader(), excluding=number)
    assert max(one.questions or 0 for one in with_it) == pytest.approx(1.0, abs=0.01)
    assert max(one.questions or 0 for one in without) < 0.95
