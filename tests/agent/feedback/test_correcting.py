import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import select, text

from agent.feedback.consent import grant, withdraw
from agent.feedback.correcting import Corrected, Correction, correct
from agent.feedback.handovers import Handover, handover, settle
from agent.feedback.verified import cases
from agent.tables import pair
from agent.tuning.stored_pairs import current_state
from knowledge.database import Database
from knowledge.documents import EVERYONE
from knowledge.embedding.minilm import MiniLM
from knowledge.errors import InvalidInput
from knowledge.questions.question_set import listed
from tests.agent.feedback.given import TEAM, asked, handed_over
from tests.agent.team import team

QUESTION = "Do contractors get any paid leave?"
RIGHT = "Contractors get no paid annual leave; they invoice the days they work."


def by(one: Handover, *, admin: bool = True, question: str = QUESTION) -> Correction:
    return Correction(one.id, question, RIGHT, "U2", "Ada", by_admin=admin)


async def _pairs(database: Database) -> list[tuple[str, str, list[str], str]]:
    columns = (pair.c.question, current_state(), pair.c.audience, pair.c.origin)
    async with database.engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(select(*columns))]


async def _resting_on(database: Database, uri: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    query = text("SELECT id, version FROM document WHERE source = :source")
    async with database.engine.connect() as connection:
        number, version = (await connection.execute(query, {"source": uri})).one()
    return (number,), (version,)


async def test_a_correction_is_an_answer_a_test_and_a_pair_at_once(
    database: Database, encoder: MiniLM
) -> None:
    await team(database, encoder)
    documents, versions = await _resting_on(database, "leave")
    mention = await asked(database)
    one = await handed_over(database, mention, documents=documents, versions=versions)
    done = await correct(database, encoder, by(one), one)
    assert done is not None
    assert (done.author, done.approved, done.new) == ("U2", True, True)
    assert await cases(database) == [(QUESTION, RIGHT)]
    assert await _pairs(database) == [(QUESTION, "approved", [EVERYONE], "correction")]
    (tested,) = await listed(database)
    assert (tested.question, tested.document_id, tested.answer) == (QUESTION, documents[0], RIGHT)
    found = await handover(database, one.id)
    assert found is not None
    assert (found.state, found.resolution, found.resolved_by) == ("answered", RIGHT, "U2")


async def test_of_several_who_correct_at_once_one_counts(
    database: Database, encoder: MiniLM
) -> None:
    one = await handed_over(database, await asked(database))
    given = [replace(by(one), author=f"U{number}") for number in range(5)]
    done = await asyncio.gather(*(correct(database, encoder, each, one) for each in given))
    made = [found for found in done if found is not None and found.new]
    assert len(made) == 1
    assert {found and found.author for found in done} == {made[0].author}
    assert len(await cases(database)) == len(await _pairs(database)) == 1


async def test_what_somebody_called_right_is_not_corrected(
    database: Database, encoder: MiniLM
) -> None:
    one = await handed_over(database, await asked(database))
    async with database.engine.begin() as connection:
        await settle(connection, one.id, "U3", "right")
    assert await correct(database, encoder, by(one), one) is None
    assert await cases(database) == []


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({"admin"}, "approved"),
        ({"admin", "quotes"}, "candidate"),
        (set(), "candidate"),
        ({"consented"}, "approved"),
        ({"admin", "quotes", "consented"}, "approved"),
    ],
)
async def test_without_consent_only_an_admins_own_words_are_taught(
    database: Database, encoder: MiniLM, facts: set[str], state: str
) -> None:
    mention = await asked(database)
    if "consented" in facts:
        await grant(database, TEAM, "U9")
    one = await handed_over(database, mention)
    question = mention.text.upper() if "quotes" in facts else QUESTION
    given = by(one, admin="admin" in facts, question=question)
    done = await correct(database, encoder, given, one)
    assert isinstance(done, Corrected)
    assert [found[1] for found in await _pairs(database)] == [state]
    assert done.approved == (state == "approved")
    assert len(await cases(database)) == 1


async def test_withdrawn_consent_takes_back_what_rested_on_it(
    database: Database, encoder: MiniLM
) -> None:
    await grant(database, TEAM, "U9")
    for number, admin in enumerate((True, False)):
        mention = await asked(database, ts=f"170000000{number}.1")
        one = await handed_over(database, mention)
        question = f"{QUESTION} ({'admin' if admin else 'expert'})"
        await correct(database, encoder, by(one, admin=admin, question=question), one)
    assert await withdraw(database, "T0OTHER", "U9") == 0
    assert await withdraw(database, TEAM, "U9") == 1
    assert {(found[0], found[1]) for found in await _pairs(database)} == {
        (f"{QUESTION} (admin)", "approved"),
        (f"{QUESTION} (expert)", "candidate"),
    }
    assert await withdraw(database, TEAM, "U9") == 0


async def test_the_audience_is_never_wider_than_the_hand_overs(
    database: Database, encoder: MiniLM
) -> None:
    await team(database, encoder)
    documents, versions = await _resting_on(database, "board")
    one = await handed_over(
        database,
        await asked(database),
        audience=("channel:CBOARD",),
        documents=documents,
        versions=versions,
    )
    await correct(database, encoder, by(one), one)
    assert [found[2] for found in await _pairs(database)] == [["channel:CBOARD"]]
    async with database.engine.connect() as connection:
        kept = await connection.scalar(text("SELECT audience FROM verified_answer"))
    assert kept == ["channel:CBOARD"]


async def test_a_text_that_cannot_be_a_pair_changes_nothing(
    database: Database, encoder: MiniLM
) -> None:
    one = await handed_over(database, await asked(database))
    with pytest.raises(InvalidInput, match="must be a text that is not empty"):
        await correct(database, encoder, replace(by(one), answer="  "), one)
    found = await handover(database, one.id)
    assert found is not None
    assert found.state == "open"
