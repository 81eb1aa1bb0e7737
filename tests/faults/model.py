"""A chat model that answers every question, and that hangs, dies in mid-reply and errs."""

import asyncio
import random
import re
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.openai_server import Hang, Reply, completion, refusal

TAG = re.compile(r"q\d{6}")

_MORE = " Part-timers get their share of it [1]. What is not taken by the end of March is lost [1]."
_WRITING_S = 0.12
"""Between two pieces of a slow reply; its first sentence is there long before its last."""


@dataclass
class ChaoticModel:
    """Its reply repeats the question's tag, so that an answer can be told to be the right one."""

    random: random.Random
    passed: Callable[[str, str], None]
    """Told of every edge: its name, and the process that it is about."""
    trouble: float = 0.0
    """The share of requests that end badly: a third each hangs, breaks off, is refused."""
    slow: float = 0.0
    """The share of replies that are written so slowly that people are shown them meanwhile."""
    thinking_s: float = 0.0
    thinks: Callable[[str], Awaitable[None]] | None = None
    """In place of that: takes its time over a question, whose tag it is told."""
    url: str = ""
    asked: dict[str, int] = field(default_factory=dict)
    """How often each question was, by tag."""
    took: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    """From when to when it was at work on each."""

    async def complete(self, request: web.Request) -> web.StreamResponse:
        """POST /{name}/v1/chat/completions."""
        since = time.monotonic()
        body = await request.json()
        tags = TAG.findall(body["messages"][-1]["content"])
        tag = tags[-1] if tags else "no tag"
        try:
            return await self._completed(request, body, tag)
        finally:
            self.took[tag].append((since, time.monotonic()))

    async def _completed(
        self, request: web.Request, body: dict[str, Any], tag: str
    ) -> web.StreamResponse:
        name = request.match_info["name"]
        self.passed("model asked", name)
        self.asked[tag] = self.asked.get(tag, 0) + 1
        if self.thinks is not None:
            await self.thinks(tag)
        elif self.thinking_s:
            await asyncio.sleep(self.thinking_s)
        kind = self.random.random() / self.trouble if self.trouble else 1.0
        if kind < 1 / 3:
            return await completion(request, body, Hang("You have 28 days"))
        if kind < 2 / 3:
            return await completion(request, body, Reply("You have 28", breaks_off=True))
        if kind < 1:
            return refusal(500, "the model has died")
        reply = Reply(f"You have 28 days of leave, {tag} [1].")
        if self.random.random() < self.slow:
            reply = Reply(reply.text + _MORE, pause_s=_WRITING_S)
        try:
            answered = await completion(request, body, reply)
        except ConnectionError:  # whoever asked was killed
            return refusal(499, "nobody waits")
        self.passed("model replied", name)
        return answered


@asynccontextmanager
async def chaotic_model(model: ChaoticModel) -> AsyncIterator[ChaoticModel]:
    """Serve it on a free port; ``url`` holds ``{name}`` for the process that asks."""
    app = web.Application()
    app.router.add_post("/{name}/v1/chat/completions", model.complete)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    model.url = f"http://{host}:{port}/{{name}}/v1"
    try:
        yield model
    finally:
        await runner.cleanup()
