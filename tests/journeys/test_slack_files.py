"""Files that come with a message: described, answered from, and forgotten after a day."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import text

from agent.agent import Agent
from agent.answers import Answer, Question
from knowledge.database import Database
from knowledge.documents import ATTACHED
from knowledge.embedding.minilm import MiniLM
from knowledge.storage.attached import forget_attached
from knowledge.storage.library import Library
from tests.agent.team import deps, team
from tests.fakes.running import running_bot
from tests.fakes.scripted_agent import ScriptedAgent, plain_answer
from tests.fakes.slack_server import FakeSlack
from tests.journeys.places import Json, attach, knowhow, send

HARBOUR = b"""# Harbour rules

## Mooring

Yachts moor at pier nineteen and pay eleven crowns a night.

## Fishing

Nobody fishes from the ferry landing.
"""


def with_file(slack: FakeSlack, words: str, channel: str = "D1", **fields: str) -> Json:
    """The event of a message with the harbour's rules."""
    files = [attach(slack, "harbour.md", HARBOUR)]
    message = slack.say(channel, words, subtype="file_share", files=files, **fields)
    return slack.event(message, channel)


async def attached_count(database: Database) -> int:
    asked = text("SELECT count(*) FROM document WHERE collection = :attached")
    async with database.engine.connect() as connection:
        return int(await connection.scalar(asked, {"attached": ATTACHED}) or 0)


async def later(database: Database, hours: int) -> None:
    """So much time passes for the documents."""
    passed = text("UPDATE document SET updated_at = updated_at - make_interval(hours => :hours)")
    async with database.engine.begin() as connection:
        await connection.execute(passed, {"hours": hours})


@pytest.mark.parametrize("socket", [False, True])
async def test_a_file_alone_is_described(
    slack: FakeSlack, database: Database, encoder: MiniLM, *, socket: bool
) -> None:
    agent = ScriptedAgent()
    async with running_bot(slack, database, agent, encoder=encoder, socket=socket) as bot:
        await send(slack, bot, with_file(slack, ""), socket=socket)
        await slack.until(lambda: slack.answers("D1"))
    (answer,) = slack.answers("D1")
    assert "I have read `harbour.md`" in answer["text"]
    for part in ("Harbour rules", "Mooring", "Fishing"):
        assert part in answer["text"]
    assert agent.asked == []


async def test_the_agent_answers_from_the_file_in_its_conversation_alone(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    agent = Agent(deps(await team(database, encoder), encoder, "knowledge"))
    question = "What do yachts pay a night?"
    async with running_bot(slack, database, agent, encoder=encoder) as bot:
        event = with_file(slack, question)
        await send(slack, bot, event)
        await slack.until(lambda: slack.answers("D1"))
        thread = event["event"]["ts"]
        more = slack.say("D1", "At which pier do yachts moor?", thread_ts=thread)
        await send(slack, bot, slack.event(more, "D1"))
        await slack.until(lambda: len(slack.answers("D1")) == 2)
        await send(slack, bot, slack.event(slack.say("D2", question, user="U2"), "D2"))
        await slack.until(lambda: slack.answers("D2"))
        assert "harbour" not in await send(slack, bot, knowhow(slack, "documents"))
    first, second = slack.answers("D1")
    assert "eleven crowns" in first["text"]
    assert "attached: harbour.md" in first["text"]
    assert "pier nineteen" in second["text"]
    (elsewhere,) = slack.answers("D2")
    assert "crowns" not in str(elsewhere)
    assert "harbour" not in str(elsewhere)


async def test_a_day_later_the_file_is_forgotten(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    async with running_bot(slack, database, ScriptedAgent(), encoder=encoder) as bot:
        await send(slack, bot, with_file(slack, ""))
        await slack.until(lambda: slack.answers("D1"))
        await later(database, hours=23)
        assert await forget_attached(Library(database, encoder)) == 0
        await later(database, hours=2)
        async with asyncio.timeout(20):  # the worker's own sweep does it
            while await attached_count(database):
                await asyncio.sleep(0.1)


async def test_an_outsider_hears_that_only_public_documents_were_searched_beside_the_file(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    slack.people["U1"] = {"is_restricted": True}

    async def script(question: Question) -> Answer:
        given = plain_answer(f"I don't know: {question.text}", route="none", abstained=True)
        return replace(given, citations=())

    agent = ScriptedAgent(script)
    async with running_bot(slack, database, agent, encoder=encoder) as bot:
        await send(slack, bot, with_file(slack, "Who owns the ferry?"))
        await slack.until(lambda: slack.answers("D1"))
    (question,) = agent.asked
    assert question.reader.principals[0] == "public"
    assert "everyone" not in question.reader.principals
    assert "You are a guest here" in slack.answers("D1")[0]["text"]
