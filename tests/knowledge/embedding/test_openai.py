import asyncio
import json
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import numpy as np
import openai
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from knowledge.embedding import Encoder
from knowledge.embedding.openai import OpenAIEncoder
from knowledge.errors import EncoderError

_KEY = "sk-not-for-the-log"


class Endpoint:
    """An embeddings endpoint on a socket; a test may replace how it answers."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.answer: Callable[[dict[str, Any]], web.Response] = self.embeddings
        self.delay = 0.0
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        self.requests.append(await request.json())
        await asyncio.sleep(self.delay)
        return self.answer(self.requests[-1])

    @staticmethod
    def embeddings(body: dict[str, Any]) -> web.Response:
        """The vector of a text is (length, 1, 0), sent in reverse order."""
        data = [
            {"object": "embedding", "index": i, "embedding": [len(text), 1.0, 0.0]}
            for i, text in enumerate(body["input"])
        ]
        return web.json_response({"object": "list", "data": data[::-1], "model": body["model"]})


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    made = Endpoint()
    app = web.Application()
    app.router.add_post("/v1/embeddings", made.handle)
    async with TestServer(app) as server:
        made.url = str(server.make_url("/v1"))
        yield made


Connect = Callable[..., OpenAIEncoder]


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    clients: list[openai.AsyncOpenAI] = []

    def connected(url: str, *, timeout: float = 5) -> OpenAIEncoder:
        clients.append(openai.AsyncOpenAI(api_key=_KEY, base_url=url))
        return OpenAIEncoder(clients[-1], "text-embedding-3-small", timeout=timeout)

    yield connected
    for client in clients:
        await client.close()


async def _failure(of: Awaitable[object]) -> str:
    with pytest.raises(EncoderError) as raised:
        await of
    message = str(raised.value)
    assert "\n" not in message
    assert _KEY not in message
    return message


async def test_unit_vectors_in_order_and_in_batches(endpoint: Endpoint, connect: Connect) -> None:
    encoder: Encoder = connect(endpoint.url)
    texts = ["x" * n for n in range(1, 301)]
    vectors = await encoder.encode(texts)
    assert [len(request["input"]) for request in endpoint.requests] == [128, 128, 44]
    lengths = np.arange(1, 301, dtype=np.float32)
    expected = np.stack([lengths, np.ones(300), np.zeros(300)], axis=1)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(vectors, expected, atol=1e-6)
    assert vectors.dtype == np.float32
    assert encoder.name == "openai:text-embedding-3-small"
    assert {request["model"] for request in endpoint.requests} == {"text-embedding-3-small"}


async def test_the_dimension_is_learnt(endpoint: Endpoint, connect: Connect) -> None:
    encoder = connect(endpoint.url)
    with pytest.raises(EncoderError, match="not known"):
        _ = encoder.dimension
    await encoder.encode(["hello"])
    assert encoder.dimension == 3
    assert (await encoder.encode([])).shape == (0, 3)
    endpoint.answer = lambda _: _with([[1.0, 2.0]])
    assert "2 dimensions after 3" in await _failure(encoder.encode(["hello"]))


async def test_odd_texts_are_made_sendable(endpoint: Endpoint, connect: Connect) -> None:
    await connect(endpoint.url).encode(["", "\ud800", "x" * 100_000])
    assert endpoint.requests[0]["input"] == [" ", "?", "x" * 8_000]


async def test_covers_every_script(endpoint: Endpoint, connect: Connect) -> None:
    assert connect(endpoint.url).covers("怎么重置密码？")


@pytest.mark.parametrize(
    ("status", "advice", "attempts"),
    [
        (401, "check the API key (401)", 1),
        (403, "check what the API key may use (403)", 1),
        (404, "check the address and the model's name (404)", 1),
        (400, "too long (400)", 1),
        (429, "try again later (429)", 3),
        (500, "(500)", 3),
    ],
)
async def test_refusals_say_what_to_do(
    endpoint: Endpoint, connect: Connect, status: int, advice: str, attempts: int
) -> None:
    error = {"error": {"message": "the text\nis too long"}}
    endpoint.answer = lambda _: web.json_response(
        error, status=status, headers={"retry-after-ms": "1"}
    )
    message = await _failure(connect(endpoint.url).encode(["hello"]))
    assert message.startswith(f"{endpoint.url}/ (embeddings of text-embedding-3-small)")
    assert advice in message
    assert len(endpoint.requests) == attempts


async def test_nobody_listens(connect: Connect) -> None:
    url = f"http://user:password@127.0.0.1:{unused_port()}/v1"
    message = await _failure(connect(url).encode(["hello"]))
    assert "cannot be reached" in message
    assert "password" not in message


async def test_no_answer_in_time(endpoint: Endpoint, connect: Connect) -> None:
    endpoint.delay = 0.5
    message = await _failure(connect(endpoint.url, timeout=0.05).encode(["hello"]))
    assert "did not answer in time" in message
    assert len(endpoint.requests) == 3


def _with(vectors: list[Any], indexes: list[Any] | None = None) -> web.Response:
    numbered = zip(indexes or range(len(vectors)), vectors, strict=True)
    data = [{"index": i, "embedding": vector} for i, vector in numbered]
    return web.Response(text=json.dumps({"data": data}), content_type="application/json")


@pytest.mark.parametrize(
    "answer",
    [
        lambda: _with([[1.0, 2.0]]),  # one of two
        lambda: _with([[1.0]] * 3),
        lambda: _with([[1.0], [2.0]], indexes=[0, 0]),
        lambda: _with([[1.0], [2.0]], indexes=[None, None]),
        lambda: _with([[1.0, 2.0], [3.0]]),  # ragged
        lambda: _with([[0.0, 0.0], [1.0, 0.0]]),
        lambda: _with([[math.nan, 0.0], [1.0, 0.0]]),
        lambda: _with([1.0, 2.0]),
        lambda: _with([[], []]),
        lambda: _with(["a", "b"]),
        lambda: web.json_response({"data": None}),
        lambda: web.json_response(["no", "object"]),
        lambda: web.Response(text="{", content_type="application/json"),
        lambda: web.Response(text="<html>login</html>", content_type="text/html"),
    ],
)
async def test_answers_that_are_not_the_embeddings(
    endpoint: Endpoint, connect: Connect, answer: Callable[[], web.Response]
) -> None:
    endpoint.answer = lambda _: answer()
    message = await _failure(connect(endpoint.url).encode(["hello", "world"]))
    assert message.startswith(f"{endpoint.url}/ answered openai:text-embedding-3-small with")
    assert "check that the address and the model" in message
