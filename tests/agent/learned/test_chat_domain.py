"""Versions that write their answers: judged by a head, asked at an endpoint, left when it fails."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from openai import AsyncOpenAI
from sqlalchemy import delete, func, select, update

from agent.agent import Agent
from agent.answers import Question, Route
from agent.errors import ModelUnavailable
from agent.learned.chat_domain import ChatDomain
from agent.learned.domain import DomainModel, Estimate
from agent.learned.endpoints import Endpoints
from agent.learned.loading import load_version
from agent.paid_replies import PaidReplies
from agent.tables import pair
from agent.tuning.pairs import import_pairs
from agent.tuning.training.openai_trainer import OpenAITrainer
from agent.tuning.training.training import train
from knowledge.database import Database
from knowledge.embedding.minilm import MiniLM
from knowledge.tables import document
from tests.agent.pairs import ANSWERS, PAIRS, write_pairs
from tests.agent.team import Knows, deps, team
from tests.fakes.openai_server import FakeOpenAI, Refusal, Reply, Script, fake_openai
from tests.fakes.tuning_server import KEY, fake_tuning

LEAVE = Question("How many days of annual leave do employees get?")
ASKED = "How do I connect to the VPN?"


@asynccontextmanager
async def asked_at(*script: Script) -> AsyncIterator[tuple[ChatDomain, FakeOpenAI]]:
    """A model that takes itself to know everything, at an endpoint that does as scripted."""
    from agent.learned.chat_domain import served

    async with (
        fake_openai(*script) as fake,
        AsyncOpenAI(api_key="k", base_url=fake.url) as client,
    ):
        model = served(4, "lora", {"model": "/models/run-1"}, Endpoints(adapters=client))
        yield ChatDomain(4, Knows("what it was taught"), model, "Be brief."), fake


async def test_it_is_asked_as_it_was_trained_and_its_answer_is_gated(
    database: Database, encoder: MiniLM
) -> None:
    search = await team(database, encoder)
    reply = Reply("27 days, <!channel>. See https://evil.example/?d=secret")
    async with asked_at(reply) as (model, fake):
        answer = await Agent(deps(search, encoder, "domain", domain=model)).ask(LEAVE)
    assert answer.text.startswith("27 days")
    assert "evil" not in answer.text
    assert "<!" not in answer.text
    assert (answer.route, answer.model) == ("domain", "domain:4")
    assert answer.cost_usd is None
    assert fake.requests[0]["model"] == "/models/run-1"
    assert fake.requests[0]["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": LEAVE.text},
    ]


@pytest.mark.parametrize("route", ["domain", "both"])
@pytest.mark.parametrize("failure", [Refusal(500), Reply("27", breaks_off=True), Reply(" ")])
async def test_when_it_fails_the_documents_answer_and_the_reason_says_so(
    database: Database, encoder: MiniLM, failure: Refusal | Reply, route: Route
) -> None:
    search = await team(database, encoder)
    async with asked_at(failure) as (model, _):
        answer = await Agent(deps(search, encoder, route, domain=model)).ask(LEAVE)
    assert answer.route == "knowledge"
    assert "27 days" in answer.text
    assert [one.title for one in answer.citations] == ["Annual leave"]
    assert "The documents were asked because the domain model did not answer: " in answer.reason.en


async def test_when_it_fails_and_the_documents_do_not_know_either_that_is_said(
    database: Database, encoder: MiniLM
) -> None:
    search = await team(database, encoder)
    async with asked_at(Refusal(500)) as (model, _):
        agent = Agent(deps(search, encoder, "domain", domain=model))
        answer = await agent.ask(Question("Who won the chess olympiad of 1972?"))
    assert answer.abstained
    assert "the domain model did not answer" in answer.reason.en


async def test_an_endpoint_that_keeps_failing_is_left_alone() -> None:
    estimate = Estimate(0.9, 0.9, "t", None)
    async with asked_at(Refusal(404)) as (model, fake):
        for _ in range(3):
            with pytest.raises(
                ModelUnavailable, match="check that it offers the model and KNOWHOW"
            ):
                await model.consult("q", estimate)
        with pytest.raises(ModelUnavailable, match="failed again and again"):
            await model.consult("q", estimate)
    assert len(fake.requests) == 3


async def test_what_was_generated_before_a_crash_is_not_generated_again(
    database: Database, encoder: MiniLM
) -> None:
    search = await team(database, encoder)
    question = replace(LEAVE, id=uuid4())
    async with asked_at(Reply("27 days."), Reply("A second opinion.")) as (model, fake):
        parts = deps(search, encoder, "domain", domain=model)
        agent = Agent(replace(parts, replies=PaidReplies(database)))
        first, again = await agent.ask(question), await agent.ask(question)
        assert (again.text, again.model) == (first.text, first.model)
        assert len(fake.requests) == 1
        other = await agent.ask(replace(LEAVE, id=uuid4()))
    assert other.text.startswith("A second opinion")


async def test_a_version_without_its_server_loads_and_says_what_to_set(
    database: Database, encoder: MiniLM, tmp_path: Path
) -> None:
    async with _tuned(database, encoder, tmp_path) as (version, client):
        for endpoints, said in (
            (Endpoints(), "set OPENAI_API_KEY or OPENAI_BASE_URL"),
            (
                Endpoints(tuned=client.with_options(base_url="http://127.0.0.1:9/v1")),
                "names another",
            ),
        ):
            model = await load_version(database, encoder, version, endpoints)
            assert model is not None
            with pytest.raises(ModelUnavailable, match=said):
                await model.consult(ASKED, await _estimate(model, encoder, ASKED))


async def test_it_knows_what_it_was_taught_and_keeps_silent_about_what_went_stale(
    database: Database, encoder: MiniLM, tmp_path: Path
) -> None:
    search = await team(database, encoder)
    async with _tuned(database, encoder, tmp_path, rests_on="Parking") as (version, client):
        model = await load_version(database, encoder, version, Endpoints(tuned=client))
        assert model is not None
        estimate = await _estimate(model, encoder, ASKED)
        assert estimate.confidence > 0.5
        assert estimate.answer is None
        assert ANSWERS["vpn"] in await model.consult(ASKED, estimate)
        async with database.engine.begin() as connection:
            await connection.execute(delete(document).where(document.c.title == "Parking"))
        stale = await _estimate(model, encoder, ASKED)
        assert (stale.confidence, stale.answer) == (0.0, None)
        answer = await Agent(deps(search, encoder, domain=model)).ask(Question(ASKED))
    assert answer.route != "domain"


@asynccontextmanager
async def _tuned(
    database: Database, encoder: MiniLM, folder: Path, rests_on: str | None = None
) -> AsyncIterator[tuple[int, AsyncOpenAI]]:
    """A version tuned on the pairs, those about the VPN made from a document where one is named."""
    await import_pairs(write_pairs(folder / "pairs.jsonl", PAIRS), database)
    if rests_on is not None:
        named = document.c.title == rests_on
        number = select(func.min(document.c.id)).where(named).scalar_subquery()
        at = select(func.min(document.c.version)).where(named).scalar_subquery()
        rested = update(pair).where(pair.c.answer == ANSWERS["vpn"])
        async with database.engine.begin() as connection:
            await connection.execute(rested.values(document_id=number, document_version=at))
    async with (
        fake_tuning() as fake,
        AsyncOpenAI(api_key=KEY, base_url=fake.url, max_retries=0) as client,
    ):
        trained = await train(database, encoder, trainer=OpenAITrainer(encoder, client, "base", {}))
        yield trained.version, client


async def _estimate(model: DomainModel, encoder: MiniLM, question: str) -> Estimate:
    return await model.estimate(question, (await encoder.encode([question]))[0])
