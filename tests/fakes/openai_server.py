"""An OpenAI-compatible endpoint over a real socket, which replies what a test scripted."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Request = dict[str, Any]
"""The JSON body that the client sent."""


@dataclass(frozen=True)
class Reply:
    """A completion; ``breaks_off`` ends the connection after its text, before it is finished.

    ``pause_s`` comes after each piece of a streamed one.
    """

    text: str
    prompt_tokens: int = 100
    completion_tokens: int = 10
    breaks_off: bool = False
    pause_s: float = 0.0


@dataclass(frozen=True)
class Refusal:
    """An HTTP error with the body that OpenAI sends."""

    status: int
    message: str = "refused"


@dataclass(frozen=True)
class Hang:
    """Nothing comes at all; with ``text``, nothing comes after it."""

    text: str = ""


Script = Reply | Refusal | Hang | Callable[[Request], Reply | Refusal | Hang]


@dataclass
class FakeOpenAI:
    """Replies by script, in order, the last one for ever; ``requests`` keeps what came in."""

    script: list[Script] = field(default_factory=lambda: [Reply("ok")])
    knows_stream_options: bool = True
    requests: list[Request] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    url: str = ""

    def prompt(self, number: int = -1) -> str:
        """All that was said to the model in a request, in one text."""
        return "\n".join(message["content"] for message in self.requests[number]["messages"])

    async def complete(self, request: web.Request) -> web.StreamResponse:
        """POST /v1/chat/completions."""
        body = await request.json()
        self.requests.append(body)
        self.keys.append(request.headers.get("Authorization", ""))
        if "stream_options" in body and not self.knows_stream_options:
            return _refusal(Refusal(400, "Unrecognized request argument: stream_options"))
        scripted = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        step = scripted(body) if callable(scripted) else scripted
        if isinstance(step, Refusal):
            return _refusal(step)
        if isinstance(step, Hang) and not step.text:
            await asyncio.Event().wait()
        return await completion(request, body, step)


@asynccontextmanager
async def fake_openai(*script: Script) -> AsyncIterator[FakeOpenAI]:
    """Serve on a free port until the block ends."""
    fake = FakeOpenAI(list(script) or [Reply("ok")])
    app = web.Application()
    app.router.add_post("/v1/chat/completions", fake.complete)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    fake.url = f"http://{host}:{port}/v1"
    try:
        yield fake
    finally:
        await runner.cleanup()


async def completion(request: web.Request, body: Request, step: Reply | Hang) -> web.StreamResponse:
    """A reply, whole or in pieces, as the request wants it."""
    return await _streamed(request, body, step) if body.get("stream") else _whole(step)


def refusal(status: int, message: str) -> web.Response:
    """An error as OpenAI sends it."""
    error = {"message": message, "type": "error", "code": None, "param": None}
    return web.json_response({"error": error}, status=status)


def _refusal(step: Refusal) -> web.Response:
    return refusal(step.status, step.message)


def _usage(step: Reply) -> dict[str, int]:
    return {
        "prompt_tokens": step.prompt_tokens,
        "completion_tokens": step.completion_tokens,
        "total_tokens": step.prompt_tokens + step.completion_tokens,
    }


def _whole(step: Reply | Hang) -> web.Response:
    usage = _usage(step) if isinstance(step, Reply) else None
    message = {"role": "assistant", "content": step.text}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return web.json_response(
        {"id": "c", "object": "chat.completion", "created": 0, "model": "m", "usage": usage}
        | {"choices": [choice]}
    )


async def _streamed(request: web.Request, body: Request, step: Reply | Hang) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)

    async def send(choices: list[dict[str, Any]], usage: dict[str, int] | None = None) -> None:
        chunk = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "m"}
        data = json.dumps({**chunk, "choices": choices, "usage": usage})
        await response.write(f"data: {data}\n\n".encode())

    for start in range(0, len(step.text), 7):
        delta = {"role": "assistant", "content": step.text[start : start + 7]}
        await send([{"index": 0, "delta": delta, "finish_reason": None}])
        if isinstance(step, Reply):
            await asyncio.sleep(step.pause_s)
    if isinstance(step, Hang):
        await asyncio.Event().wait()
    elif not step.breaks_off:
        await send([{"index": 0, "delta": {}, "finish_reason": "stop"}])
        if body.get("stream_options", {}).get("include_usage"):
            await send([], _usage(step))
        await response.write(b"data: [DONE]\n\n")
    elif request.transport is not None:
        request.transport.abort()
    return response
