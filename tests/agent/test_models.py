"""The chat model against an endpoint that behaves, misbehaves and breaks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from openai import AsyncOpenAI

from agent.breaker import Breaker
from agent.errors import ModelUnavailable
from agent.model_failures import FALLBACK
from agent.models import ChatModel, Deadlines, Message, Prices
from tests.fakes.openai_server import Hang, Refusal, Reply, Script, fake_openai

ASKED = [Message("user", "How many days?")]
SHORT = Deadlines(first_s=1.5, whole_s=2.0)


@asynccontextmanager
async def model(
    url: str, prices: Prices | None = None, deadlines: Deadlines | None = None
) -> AsyncIterator[ChatModel]:
    async with AsyncOpenAI(api_key="sk-secret", base_url=url) as client:
        yield ChatModel(client, "small", prices, deadlines)


async def test_a_reply_arrives_in_pieces_and_costs_what_its_tokens_cost() -> None:
    heard: list[str] = []
    async with (
        fake_openai(Reply("Thirty days [1].", 1000, 100)) as fake,
        model(fake.url, Prices(2.0, 10.0)) as chat,
    ):
        completion = await chat.complete(ASKED, heard.append)
    assert completion.text == "".join(heard) == "Thirty days [1]."
    assert len(heard) > 1
    assert completion.cost_usd == pytest.approx(0.003)
    assert fake.requests[0]["model"] == "small"
    assert fake.keys == ["Bearer sk-secret"]


async def test_without_prices_the_cost_is_unknown() -> None:
    async with fake_openai() as fake, model(fake.url) as chat:
        assert (await chat.complete(ASKED)).cost_usd is None


async def test_a_server_that_refuses_the_usage_option_is_asked_without_it_from_then_on() -> None:
    async with fake_openai() as fake, model(fake.url, Prices(1, 1)) as chat:
        fake.knows_stream_options = False
        first, second = await chat.complete(ASKED), await chat.complete(ASKED)
    assert (first.text, first.cost_usd) == (second.text, None) == ("ok", None)
    assert ["stream_options" in request for request in fake.requests] == [True, False, False]


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_request_refused_before_its_first_byte_is_repeated_once(status: int) -> None:
    async with fake_openai(Refusal(status), Reply("ok")) as fake, model(fake.url) as chat:
        assert (await chat.complete(ASKED)).text == "ok"
    assert len(fake.requests) == 2


@pytest.mark.parametrize(
    ("step", "requests", "says"),
    [
        (Refusal(401, "Incorrect API key provided: sk-sec***"), 1, "check OPENAI_API_KEY"),
        (Refusal(404), 1, "check KNOWHOW_CHAT_MODEL"),
        (Refusal(429), 2, "no quota left"),
        (Refusal(500), 2, "status 500"),
        (Hang(), 1, "did not answer in time"),
        (Hang("Thirty"), 1, "did not answer in time"),
        (Reply("Thirty", breaks_off=True), 1, "cannot be reached"),
        (Reply("  "), 1, "empty reply"),
    ],
)
async def test_a_failure_is_one_line_that_names_the_endpoint_and_the_remedy(
    step: Refusal | Hang | Reply, requests: int, says: str
) -> None:
    async with fake_openai(step) as fake, model(fake.url, deadlines=SHORT) as chat:
        with pytest.raises(ModelUnavailable) as raised:
            await chat.complete(ASKED)
    message = str(raised.value)
    assert says in message
    assert "small at 127.0.0.1" in message
    assert "sk-" not in message
    assert "\n" not in message
    assert len(fake.requests) == requests


async def test_an_endpoint_that_is_not_there_is_named() -> None:
    async with model("http://127.0.0.1:9/v1") as chat:
        with pytest.raises(ModelUnavailable, match="cannot be reached: check OPENAI_BASE_URL"):
            await chat.complete(ASKED)


async def test_a_reply_without_end_is_cut_off() -> None:
    async with fake_openai(Reply("word " * 10_000)) as fake, model(fake.url) as chat:
        completion = await chat.complete(ASKED)
    assert 12_000 <= len(completion.text) < 12_100


@asynccontextmanager
async def chain(first: str, second: str, breaker: Breaker) -> AsyncIterator[ChatModel]:
    async with (
        AsyncOpenAI(api_key="k", base_url=first) as one,
        AsyncOpenAI(api_key="k", base_url=second) as two,
    ):
        spare = ChatModel(two, "spare", Prices(1, 1), named=FALLBACK)
        yield ChatModel(one, "small", Prices(1, 1), SHORT, breaker=breaker, fallback=spare)


@pytest.mark.parametrize("failure", [Refusal(500), Refusal(401), Hang(), Reply("")])
async def test_the_second_endpoint_answers_while_the_first_fails(failure: Script) -> None:
    async with (
        fake_openai(failure) as first,
        fake_openai() as second,
        chain(first.url, second.url, Breaker()) as chat,
    ):
        completion = await chat.complete(ASKED)
    assert (completion.text, completion.model) == ("ok", "spare")
    assert "small" in str(completion.instead)
    assert completion.cost_usd is None


async def test_a_reply_that_was_heard_is_not_begun_again_elsewhere() -> None:
    heard: list[str] = []
    async with (
        fake_openai(Reply("Thirty", breaks_off=True)) as first,
        fake_openai() as second,
        chain(first.url, second.url, Breaker()) as chat,
    ):
        with pytest.raises(ModelUnavailable, match="small"):
            await chat.complete(ASKED, heard.append)
    assert second.requests == []


async def test_an_endpoint_that_keeps_failing_is_not_asked_and_costs_nothing() -> None:
    async with (
        fake_openai(Refusal(503)) as first,
        fake_openai() as second,
        chain(first.url, second.url, Breaker(failures=2)) as chat,
    ):
        for _ in range(2):
            await chat.complete(ASKED)
        asked = len(first.requests)
        completion = await chat.complete(ASKED)
    assert len(first.requests) == asked
    assert "left alone" in str(completion.instead)
    assert completion.cost_usd == pytest.approx(110 / 1e6)


async def test_requests_that_are_refused_for_their_own_sake_do_not_open_the_breaker() -> None:
    breaker = Breaker(failures=1)
    async with (
        fake_openai(Refusal(400)) as first,
        fake_openai() as second,
        chain(first.url, second.url, breaker) as chat,
    ):
        await chat.complete(ASKED)
    assert breaker.admits()


async def test_when_both_fail_the_first_ones_failure_is_told() -> None:
    async with (
        fake_openai(Refusal(503)) as first,
        fake_openai(Refusal(401)) as second,
        chain(first.url, second.url, Breaker()) as chat,
    ):
        with pytest.raises(ModelUnavailable, match="status 503"):
            await chat.complete(ASKED)
