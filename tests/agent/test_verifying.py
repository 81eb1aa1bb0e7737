"""What a person vouched for, through the whole graph."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import text

from agent.agent import Agent
from agent.answers import Answer, Question
from agent.feedback.stale_answers import renew, stale_answers, withdraw
from agent.feedback.verified import NewAnswer, VerifiedAnswers, add
from agent.feedback.verified_vectors import encode_again
from knowledge.database import Database
from knowledge.documents import EVERYONE, Document, Reader
from knowledge.embedding.minilm import MiniLM
from knowledge.retrieval.search import Search
from knowledge.storage.ingest import Draft, ingest
from knowledge.storage.library import Library
from tests.agent.team import deps, team
from tests.fakes.letters import Letters

TEAM = "T0TEAM"
NEW = NewAnswer(
    TEAM,
    "How many days of leave do contractors get?",
    "None at all: <!channel> see [the FAQ](https://faq.example/leave).",
    "U2",
    "Ada <!here>",
    by_admin=True,
    quoted=False,
    audience=(EVERYONE,),
)


async def verified(database: Database, encoder: MiniLM, new: NewAnswer = NEW) -> int:
    vector = (await encoder.encode([new.question]))[0] if encoder.covers(new.question) else None
    async with database.engine.begin() as connection:
        return await add(connection, new, encoder, vector)


async def ask(
    database: Database,
    encoder: MiniLM,
    question: str,
    principals: Sequence[str] = (EVERYONE,),
    workspace: str = TEAM,
) -> Answer:
    search = await team(database, encoder)
    agent = Agent(replace(deps(search, encoder), verified=VerifiedAnswers(database, encoder)))
    return await agent.ask(Question(question, Reader(tuple(principals)), workspace=workspace))


async def test_a_verified_answer_goes_before_the_documents(
    database: Database, encoder: MiniLM
) -> None:
    number = await verified(database, encoder)
    answer = await ask(database, encoder, "how many leave days do contractors have?")
    assert (answer.route, answer.model, answer.abstained) == ("domain", f"verified:{number}", False)
    assert answer.text == "None at all:  see [the FAQ](https://faq.example/leave)."
    assert answer.reason.en.startswith("Verified by Ada on 20")
    assert answer.confidence > 0.88


async def test_a_chinese_one_is_known_by_its_characters(
    database: Database, encoder: MiniLM
) -> None:
    new = replace(NEW, question="外包同事有几天年假？", answer="没有。", author_name="小林")
    number = await verified(database, encoder, new)
    answer = await ask(database, encoder, "外包同事的年假有多少天")
    assert (answer.model, answer.text) == (f"verified:{number}", "没有。")
    assert answer.reason.zh.startswith("由小林于20")
    assert "verified" not in (await ask(database, encoder, "正式员工有几天年假？")).model


@pytest.mark.parametrize(
    ("question", "principals", "workspace"),
    [
        ("How many days of leave do employees get?", (EVERYONE,), TEAM),
        (NEW.question, (EVERYONE,), "T0OTHER"),
        (NEW.question, (EVERYONE, "channel:C2"), TEAM),
        ("Which document says how many days of leave contractors get?", ("channel:C1",), TEAM),
        (
            'What does "Annual leave" say: how many days of leave do contractors get?',
            ("channel:C1",),
            TEAM,
        ),
    ],
)
async def test_it_is_not_for_other_questions_places_or_people(
    database: Database,
    encoder: MiniLM,
    question: str,
    principals: Sequence[str],
    workspace: str,
) -> None:
    await verified(database, encoder, replace(NEW, audience=("channel:C1",)))
    answer = await ask(database, encoder, question, principals, workspace)
    assert not answer.model.startswith("verified:")


async def test_a_changed_document_ends_it_until_somebody_says_that_it_holds(
    database: Database, encoder: MiniLM
) -> None:
    await team(database, encoder)
    query = text("SELECT id FROM document WHERE source = 'leave'")
    async with database.engine.connect() as connection:
        document = int(await connection.scalar(query) or 0)
    new = replace(NEW, documents=(document,), versions=(1,))
    number = await verified(database, encoder, new)
    assert (await ask(database, encoder, NEW.question)).model == f"verified:{number}"
    assert await stale_answers(database, TEAM) == ()

    changed = Document(
        "leave",
        "https://handbook.example/leave",
        "Annual leave",
        "Contractors get 3 days of leave.",
    )
    await ingest([Draft(changed, "t", (EVERYONE,), "2")], Library(database, encoder), encoder)
    search = deps(Search(database, encoder), encoder)
    agent = Agent(replace(search, verified=VerifiedAnswers(database, encoder)))
    answer = await agent.ask(Question(NEW.question, workspace=TEAM))
    assert answer.route == "knowledge"
    assert "a document it rests on has changed since" in answer.reason.en
    (stale,) = await stale_answers(database, TEAM)
    assert (stale.id, stale.author, stale.documents) == (number, "U2", (document,))

    assert not await renew(database, "T0OTHER", number, "U3", "Bo")
    assert await renew(database, TEAM, number, "U3", "Bo")
    answer = await agent.ask(Question(NEW.question, workspace=TEAM))
    assert answer.model == f"verified:{number}"
    assert "Bo" in answer.reason.en
    assert await withdraw(database, TEAM, number)
    assert (await agent.ask(Question(NEW.question, workspace=TEAM))).route == "knowledge"


async def test_what_holds_now_is_for_the_documents_unless_it_rests_on_them(
    database: Database, encoder: MiniLM
) -> None:
    question = "How many days of leave do contractors currently get?"
    await verified(database, encoder, replace(NEW, question=question))
    answer = await ask(database, encoder, question)
    assert answer.route == "knowledge"
    async with database.engine.connect() as connection:
        number = await connection.scalar(text("SELECT id FROM document WHERE source = 'leave'"))
    resting = replace(NEW, question=question, documents=(int(number or 0),), versions=(1,))
    made = await verified(database, encoder, resting)
    assert (await ask(database, encoder, question)).model == f"verified:{made}"


async def test_the_newest_of_the_same_question_replaces_the_others(
    database: Database, encoder: MiniLM
) -> None:
    await verified(database, encoder)
    newest = await verified(database, encoder, replace(NEW, question=NEW.question.upper()))
    assert (await ask(database, encoder, NEW.question)).model == f"verified:{newest}"
    async with database.engine.connect() as connection:
        live = await connection.scalar(
            text("SELECT count(*) FROM verified_answer WHERE state = 'live'")
        )
    assert live == 1


async def test_another_encoder_finds_it_once_its_question_is_encoded_again(
    database: Database, encoder: MiniLM
) -> None:
    old = Letters("old")
    chinese = replace(NEW, question="外包同事有几天年假？")
    async with database.engine.begin() as connection:
        number = await add(connection, NEW, old, (await old.encode([NEW.question]))[0])
        await add(connection, chinese, old, (await old.encode([chinese.question]))[0])
    reworded = "how many leave days do contractors have?"
    assert "verified" not in (await ask(database, encoder, reworded)).model
    assert await encode_again(database, encoder) == 2
    assert (await ask(database, encoder, reworded)).model == f"verified:{number}"
    assert await encode_again(database, encoder) == 0
