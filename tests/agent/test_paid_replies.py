"""A model's reply is paid for once, even when the worker that asked dies before using it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import uuid4

import pytest
from openai import AsyncOpenAI
from sqlalchemy import text

from agent.agent import Agent
from agent.answers import Question
from agent.conversation import open_memory
from agent.events import Delta
from agent.ledger import Ledger
from agent.models import ChatModel, Prices
from agent.paid_replies import PaidReplies
from bot.jobs.queue import enqueue_answers, job_app
from knowledge.database import Database
from knowledge.embedding.minilm import MiniLM
from tests.agent.ledgers import a_mention
from tests.agent.team import deps, team
from tests.fakes.openai_server import FakeOpenAI, Refusal, Reply, fake_openai

FIRST = Question("How many days of annual leave do employees get?", thread="t", id=uuid4())
FOLLOWUP = Question("And for contractors?", thread="t", id=uuid4())


@pytest.fixture
async def model() -> AsyncIterator[FakeOpenAI]:
    async with fake_openai(Reply("You get 27 days [1].")) as fake:
        yield fake


@pytest.fixture
async def agents(
    database: Database, encoder: MiniLM, model: FakeOpenAI
) -> AsyncIterator[tuple[Agent, Agent]]:
    """Of two processes: all that they share is the database."""
    search = await team(database, encoder)
    async with (
        AsyncOpenAI(api_key="k", base_url=model.url) as client,
        open_memory(database) as one,
        open_memory(database) as other,
    ):
        chat = ChatModel(client, "small", Prices(1.0, 10.0))
        parts = replace(deps(search, encoder, chat=chat), replies=PaidReplies(database))
        yield Agent(parts, one), Agent(parts, other)


async def test_asked_again_after_a_crash_the_model_is_not(
    agents: tuple[Agent, Agent], model: FakeOpenAI
) -> None:
    died, resumes = agents
    first = await died.ask(FIRST)
    again = await resumes.ask(FIRST)
    assert len(model.requests) == 1
    assert (again.text, again.cost_usd, again.model) == (first.text, first.cost_usd, first.model)
    texts = [e.text async for e in resumes.stream(FIRST) if isinstance(e, Delta)]
    assert "".join(texts) == first.text


async def test_a_follow_up_asked_again_is_rewritten_once_and_does_not_follow_itself(
    agents: tuple[Agent, Agent], model: FakeOpenAI
) -> None:
    died, resumes = agents
    await died.ask(FIRST)
    model.script = [Reply("What leave do contractors get?"), Reply("None [1].")]
    first = await died.ask(FOLLOWUP)
    again = await resumes.ask(FOLLOWUP)
    assert len(model.requests) == 3
    assert again.question == first.question == "What leave do contractors get?"


async def test_another_question_with_the_same_words_is_paid_for(
    agents: tuple[Agent, Agent], model: FakeOpenAI
) -> None:
    for _ in range(2):
        await agents[0].ask(replace(FIRST, id=uuid4()))
    assert len(model.requests) == 2


async def test_a_failure_is_not_kept(agents: tuple[Agent, Agent], model: FakeOpenAI) -> None:
    model.script = [Refusal(401), Reply("You get 27 days [1].")]
    assert (await agents[0].ask(FIRST)).model == "extractive"
    assert (await agents[1].ask(FIRST)).model == "small"


async def test_a_reply_that_cannot_be_kept_is_used_all_the_same(
    agents: tuple[Agent, Agent], model: FakeOpenAI, database: Database
) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE paid_reply ADD CHECK (text = '')"))
    assert (await agents[0].ask(FIRST)).model == "small"
    assert len(model.requests) == 1


async def test_nothing_is_kept_of_a_closed_question(
    agents: tuple[Agent, Agent], database: Database
) -> None:
    ledger = Ledger(database, enqueue_answers(job_app(database)))
    mention = a_mention()
    await ledger.accept(mention)
    claim = await ledger.claim(mention.lane)
    assert claim is not None
    answer = await agents[0].ask(replace(FIRST, id=mention.id))
    count = text("SELECT count(*) FROM paid_reply")
    async with database.engine.connect() as connection:
        assert await connection.scalar(count) == 1
    await ledger.decide(claim, answer)
    await ledger.finish(claim, "1.0")
    async with database.engine.connect() as connection:
        assert await connection.scalar(count) == 0
