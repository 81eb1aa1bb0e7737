"""A Slack that loses responses, limits, stalls and breaks, and sees which process calls it.

Every process reaches it under a path of its own, so that whoever is at a certain point of its work
can be killed right there.
"""

import asyncio
import json
import math
import random
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from aiohttp import web

from tests.fakes.slack_methods import METHODS
from tests.fakes.slack_server import FakeSlack, _arguments, envelope_kind
from tests.fakes.slack_state import LimitedError, RefusedError

Json = dict[str, Any]
Place = tuple[str, str]
"""A channel, and a thread in it."""

_POST, _COMPLETED = "chat.postMessage", "chat.update"
_CARRIED_OUT = {_POST: "post carried out", "chat.startStream": "stream started"}
_ANSWERED = {_POST: "post answered", "chat.stopStream": "stream stopped"}
_NAMED = 5
"""The version of a UUID that is made of another and a name."""

CLICK = "click-"
"""How the ``response_url`` of a click begins, to tell it from a slash command's."""


@dataclass(frozen=True)
class Shares:
    """Which share of calls meets which fault; every fault is independent of what is called."""

    lost: float = 0.0
    """Carried out, the connection is closed instead of an answer."""
    limited: float = 0.0
    broken: float = 0.0
    stalled: float = 0.0
    closed: float = 0.0
    """Of events over a websocket: it is closed right after the event."""
    stalled_s: float = 2.0


@dataclass
class ChaoticSlack(FakeSlack):
    """The fake with its dice; ``posted`` and ``responded`` are what the report looks at."""

    dice: random.Random = field(default_factory=random.Random)
    shares: Shares = field(default_factory=Shares)
    passed: Callable[[str, str], None] = lambda _edge, _name: None
    taken: Callable[[Place, str], None] = lambda _place, _name: None
    """Told of each thread that a process works in: it sets a status, reads, or writes there."""
    posted: list[tuple[float, Json]] = field(default_factory=list)
    """When each answer was there, and the message with its channel."""
    responded: dict[str, list[tuple[float, Json]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    errands: list[Json] = field(default_factory=list)
    """Our messages that are no answers: what clicks made us send, as it was sent."""
    lines: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """By the click, what only whoever clicked was told."""
    _kept: set[str] = field(default_factory=set)
    holding: dict[str, set[Place]] = field(default_factory=lambda: defaultdict(set))
    """By process, the threads in which it shows that it is at work."""
    sockets: dict[str, web.WebSocketResponse] = field(default_factory=dict)
    """By process, the latest that it opened."""
    faults: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    took: dict[Place | str, list[tuple[float, float]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """From when to when a call about a thread was carried out, or about a command, by trigger."""

    async def call(self, request: web.Request) -> web.StreamResponse:
        """One Web API call."""
        since = time.monotonic()
        arguments = await _arguments(request)
        try:
            return await self._called(request, arguments)
        finally:
            self.took[_place(arguments)].append((since, time.monotonic()))

    async def _called(self, request: web.Request, arguments: Json) -> web.StreamResponse:
        name, method = request.match_info["name"], request.match_info["method"]
        self._seen(name, method, arguments)
        if (refused := await self._instead()) is not None:
            return refused
        try:
            result = METHODS[method](self, arguments)
        except RefusedError as error:
            return web.json_response({"ok": False, "error": str(error)})
        except LimitedError as error:
            return _limited(error.seconds)
        if method == "apps.connections.open":
            result = {"url": f"{result['url'].removesuffix('/crowd/socket')}/{name}/socket"}
        if method in {_POST, _COMPLETED} and arguments.get("metadata"):
            self._keep(arguments["channel"], result["ts"])
        if method in _CARRIED_OUT:
            self.passed(_CARRIED_OUT[method], name)
        await self._afterwards(request)
        if method in _ANSWERED:
            self.passed(_ANSWERED[method], name)
        return web.json_response({"ok": True, **result})

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        """A process's websocket of Socket Mode."""
        name = request.match_info["name"]
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1})
        self.sockets[name] = socket
        try:
            async for frame in socket:
                if frame.type is web.WSMsgType.TEXT:
                    reply = frame.json()
                    ack = self._acks.pop(reply["envelope_id"], None)
                    if ack is not None and not ack.done():
                        ack.set_result(reply.get("payload") or {})
        finally:
            if self.sockets.get(name) is socket:
                del self.sockets[name]
        return socket

    async def hand_over(self, body: Json, patience_s: float = 3) -> str:
        """Deliver over one of the websockets, which may close at that very moment.

        Returns what the acknowledgement says.

        Raises TimeoutError without an acknowledgement within Slack's patience.
        """
        if not self.sockets:
            raise TimeoutError("no socket")
        name = self.dice.choice(sorted(self.sockets))
        socket = self.sockets[name]
        envelope = f"envelope-{self.ts()}"
        ack = self._acks[envelope] = asyncio.get_running_loop().create_future()
        self.passed("event sent", name)
        await socket.send_json(
            {"type": envelope_kind(body), "envelope_id": envelope, "payload": body}
        )
        if self.dice.random() < self.shares.closed:
            self.faults["sockets closed"] += 1
            await socket.close()
        return json.dumps(await asyncio.wait_for(ack, patience_s))

    async def take_response(self, request: web.Request) -> web.StreamResponse:
        """A slash command's ``response_url``."""
        since = time.monotonic()
        name, trigger = request.match_info["name"], request.match_info["trigger"]
        if (refused := await self._instead()) is not None:
            return refused
        response = await request.json()
        if trigger.startswith(CLICK):
            self.lines[trigger].append(response["text"])
        else:
            self.responded[trigger].append((time.monotonic(), response))
        self.passed("response carried out", name)
        await self._afterwards(request)
        self.took[trigger].append((since, time.monotonic()))
        return web.Response(text="ok")

    def half_written(self) -> list[Json]:
        """Streamed messages that no answer took the place of."""
        said = [one for messages in self.messages.values() for one in messages]
        return [one for one in said if "streaming_state" in one and "metadata" not in one]

    def _keep(self, channel: str, ts: str) -> None:
        """An answer is there: as a message of its own, or in place of what was streamed."""
        if ts in self._kept:
            return
        self._kept.add(ts)
        message = next(one for one in self.messages[channel] if one["ts"] == ts)
        message = {**message, "channel": channel}
        if is_an_errands(message):
            self.errands.append(message)
        else:
            self.posted.append((time.monotonic(), message))

    async def hand_out(self, request: web.Request) -> web.StreamResponse:
        """A file's bytes, with the same faults as any call."""
        if (refused := await self._instead()) is not None:
            return refused
        await self._afterwards(request)
        return await self.file(request)

    def _seen(self, name: str, method: str, arguments: Json) -> None:
        if method == "assistant.threads.setStatus":
            place = (arguments["channel_id"], arguments["thread_ts"])
            if arguments["status"]:
                self.holding[name].add(place)
                self.taken(place, name)
                self.passed("claimed", name)
            else:
                self.holding[name].discard(place)
                self.passed("finished", name)
        elif method == _POST:
            self.taken((arguments["channel"], arguments.get("thread_ts", "")), name)
            self.passed("post arrived", name)
        elif method == "conversations.replies":
            self.taken((arguments["channel"], arguments["ts"]), name)
            self.passed("thread read", name)

    async def _instead(self) -> web.StreamResponse | None:
        dice = self.dice.random
        if dice() < self.shares.stalled:
            self.faults["stalled"] += 1
            await asyncio.sleep(self.shares.stalled_s)
        if dice() < self.shares.limited:
            self.faults["limited"] += 1
            return _limited(1)
        if dice() < self.shares.broken:
            self.faults["broken"] += 1
            return web.Response(status=500, text="oops")
        return None

    async def _afterwards(self, request: web.Request) -> None:
        if self.dice.random() < self.shares.lost:
            self.faults["lost"] += 1
            if request.transport is not None:
                request.transport.abort()


def is_an_errands(message: Json) -> bool:
    """Whether a message of ours is no answer: an errand's messages are named after it."""
    return UUID(message["metadata"]["event_payload"]["mention"]).version == _NAMED


def _place(arguments: Json) -> Place:
    channel = arguments.get("channel_id") or arguments.get("channel", "")
    return channel, arguments.get("thread_ts") or arguments.get("ts", "")


def _limited(seconds: float) -> web.Response:
    headers = {"Retry-After": str(math.ceil(seconds))}
    return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
