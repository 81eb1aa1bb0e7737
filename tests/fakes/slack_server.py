"""A Slack in one process: the Web API methods we use, Socket Mode, and faults on demand.

It speaks over real sockets and keeps what Slack would keep: messages with their metadata,
threads, statuses and reactions. Tests look at those, not at calls.
"""

import asyncio
import io
import json
import math
import time
from base64 import b64decode
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from bot.slack.signature import sign
from tests.fakes.slack_blocks import message_problems
from tests.fakes.slack_methods import METHODS
from tests.fakes.slack_state import BOT_USER, TEAM, LimitedError, RefusedError, SlackState

BOT_TOKEN, APP_TOKEN, SIGNING_SECRET = "xoxb-test", "xapp-test", "a-test-signing-secret"

Json = dict[str, Any]


@dataclass
class FakeSlack(SlackState):
    """The server; ``url`` is the base URL of its Web API."""

    unknown: set[str] = field(default_factory=set)
    """Methods that this server does not have."""
    refusals: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Per method, error codes for the next calls."""
    rate_limits: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """Per method, how many of the next calls are answered 429."""
    retry_after: float = 1
    """And how many seconds these are to wait."""
    limited: list[str] = field(default_factory=list)
    """Calls that were answered 429."""
    lost: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """Per method, how many of the next calls are carried out and never answered."""
    broken: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """Per method, how many of the next calls are answered 500 and not carried out."""

    frozen: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """Per method, how many of the next calls hang before they are carried out, until `thaw`."""
    unheard: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """Per method, how many of the next calls are carried out and then hang, until `thaw`."""
    hanging: list[str] = field(default_factory=list)
    """Calls that hang."""
    thaw: asyncio.Event = field(default_factory=asyncio.Event)

    _sockets: list[web.WebSocketResponse] = field(default_factory=list)
    _acks: dict[str, asyncio.Future[Json]] = field(default_factory=dict)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, condition: Any, seconds: float = 20) -> None:
        """Wait for something to be true of the state."""
        async with asyncio.timeout(seconds):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    # What Slack sends to us.

    @staticmethod
    def event(message: Json, channel: str, kind: str = "message", **fields: Any) -> Json:
        """The Events API body for a message."""
        channel_type = "im" if channel.startswith("D") else "channel"
        event = {**message, "type": kind, "channel": channel, "event_ts": message["ts"]}
        if kind == "message":
            event["channel_type"] = channel_type
        return {
            "type": "event_callback",
            "team_id": TEAM,
            "api_app_id": "A0KNOW",
            "event_id": f"Ev{kind}{message['ts']}",
            "event_time": int(float(message["ts"])),
            "authorizations": [{"team_id": TEAM, "user_id": BOT_USER, "is_bot": True}],
            "event": event,
            **fields,
        }

    def command(self, text: str, channel: str = "C1", user: str = "U1") -> Json:
        """The body of ``/ask``."""
        trigger = self.ts()
        return {
            "command": "/ask",
            "text": text,
            "team_id": TEAM,
            "channel_id": channel,
            "user_id": user,
            "trigger_id": trigger,
            "response_url": f"{self.url}response/{trigger}",
        }

    def click(
        self, action: str, value: str = "", *, user: str = "U1", channel: str = "C1", **more: Any
    ) -> Json:
        """The body of a click on a button; ``more`` replaces or adds parts of it."""
        trigger = self.ts()
        return {
            "type": "block_actions",
            "team": {"id": TEAM},
            "user": {"id": user, "team_id": TEAM},
            "channel": {"id": channel},
            "container": {"type": "message", "channel_id": channel},
            "trigger_id": trigger,
            "response_url": f"{self.url}response/{trigger}",
            "actions": [
                {
                    "type": "button",
                    "action_id": action,
                    "block_id": "b",
                    "value": value,
                    "action_ts": trigger,
                }
            ],
            **more,
        }

    def submit(self, view: Json, values: Json, *, user: str = "U1") -> Json:
        """The body of a form that was sent off: ``values`` by block, then by action."""
        return {
            "type": "view_submission",
            "team": {"id": TEAM},
            "user": {"id": user, "team_id": TEAM},
            "trigger_id": self.ts(),
            "view": {"id": f"V{self.ts()}", **view, "state": {"values": values}},
        }

    async def send_http(self, base: str, body: Json, **headers: str) -> tuple[int, str]:
        """Deliver over HTTP with a genuine signature; ``headers`` replace what Slack sends."""
        form = "application/x-www-form-urlencoded"
        if body.get("command"):
            path, kind, raw = "commands", form, urlencode(body)
        elif body["type"] != "event_callback":
            path, kind, raw = "events", form, urlencode({"payload": json.dumps(body)})
        else:
            path, kind, raw = "events", "application/json", json.dumps(body)
        return await send_raw(f"{base}/slack/{path}", raw.encode(), kind, **headers)

    async def send_socket(self, body: Json) -> Json:
        """Deliver over the latest websocket; returns the acknowledgement."""
        await self.until(lambda: any(not socket.closed for socket in self._sockets))
        envelope = f"envelope-{self.ts()}"
        ack = self._acks[envelope] = asyncio.get_running_loop().create_future()
        kind = envelope_kind(body)
        socket = next(socket for socket in reversed(self._sockets) if not socket.closed)
        await socket.send_json(
            {
                "type": kind,
                "envelope_id": envelope,
                "payload": body,
                "accepts_response_payload": kind != "events_api",
            }
        )
        return await asyncio.wait_for(ack, 20)

    async def drop_sockets(self) -> None:
        """Close every websocket, as Slack does every few hours."""
        for socket in self._sockets:
            await socket.close()

    # What we call.

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One Web API call, with the faults that are asked for."""
        method = request.match_info["method"]
        arguments = await _arguments(request)
        self.calls.append(method)
        handler = METHODS.get(method)
        try:
            if handler is None or method in self.unknown:
                return web.json_response({"ok": False, "error": "unknown_method"})
            if self._take(self.rate_limits, method):
                return self._refusal(method, LimitedError(self.retry_after))
            if self._take(self.broken, method):
                return web.Response(status=500, text="oops")
            if arguments.get("token") in self.revoked:
                self.refusals[method].insert(0, "token_revoked")
            if self.refusals[method]:
                return web.json_response({"ok": False, "error": self.refusals[method].pop(0)})
            if self._take(self.frozen, method):
                await self._hang(method)
            workspace = self.tokens.get(arguments.get("token", ""), self)
            result = handler(workspace, arguments)
            if self._take(self.unheard, method):
                await self._hang(method)
            if self._take(self.lost, method):
                assert request.transport is not None
                request.transport.abort()
            return web.json_response(
                {"ok": True, **result}, headers={"x-oauth-scopes": self.scopes}
            )
        except (RefusedError, LimitedError) as error:
            return self._refusal(method, error)
        finally:
            self._changed.set()

    def _refusal(self, method: str, error: RefusedError | LimitedError) -> web.Response:
        if isinstance(error, RefusedError):
            return web.json_response({"ok": False, "error": str(error)})
        self.limited.append(method)
        after = {"Retry-After": str(math.ceil(error.seconds))}
        return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=after)

    async def authorize(self, request: web.Request) -> web.Response:
        """The page on which a person allows the app; whose workspace it is, a test says."""
        back = {"code": request.query["team"], "state": request.query["state"]}
        raise web.HTTPFound(f"{request.query['redirect_uri']}?{urlencode(back)}")

    async def respond(self, request: web.Request) -> web.Response:
        """A slash command's response_url."""
        self.calls.append("response_url")
        try:
            if self._take(self.rate_limits, "response_url"):
                return self._refusal("response_url", LimitedError(self.retry_after))
            if self.refusals["response_url"]:
                return web.Response(status=404, text=self.refusals["response_url"].pop(0))
            body = await request.json()
            problems = message_problems(body.get("blocks") or [])
            if problems:
                self.problems += problems
                return web.Response(status=400, text="invalid_blocks")
            self.responses.append(body)
            if self._take(self.lost, "response_url"):
                assert request.transport is not None
                request.transport.abort()
            return web.Response(text="ok")
        finally:
            self._changed.set()

    async def file(self, request: web.Request) -> web.Response:
        """A file's bytes, for whoever shows the token."""
        if request.headers.get("Authorization") != f"Bearer {BOT_TOKEN}":
            return web.Response(status=302, headers={"Location": "/login"})
        return web.Response(body=self.files[request.match_info["name"]])

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        """The websocket of Socket Mode."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1})
        self._sockets.append(socket)
        self._changed.set()
        async for frame in socket:
            if frame.type is aiohttp.WSMsgType.TEXT:
                reply = frame.json()
                ack = self._acks.pop(reply["envelope_id"], None)
                if ack is not None and not ack.done():
                    ack.set_result(reply)
        return socket

    async def _hang(self, method: str) -> None:
        self.hanging.append(method)
        self._changed.set()
        await self.thaw.wait()
        raise web.HTTPServiceUnavailable

    @staticmethod
    def _take(faults: dict[str, int], method: str) -> bool:
        faults[method] -= 1
        return faults[method] >= 0


def envelope_kind(body: Json) -> str:
    """What Socket Mode calls the envelope that a body comes in."""
    if body.get("command"):
        return "slash_commands"
    return "events_api" if body.get("type") == "event_callback" else "interactive"


async def _arguments(request: web.Request) -> Json:
    """What a call gives, the token or the app's own id and secret from its header included."""
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    given: Json = {"token": value} if kind == "Bearer" else {}
    if kind == "Basic":
        given["client_id"], given["client_secret"] = b64decode(value).decode().split(":")
    if request.content_type == "application/json":
        return {**given, **await request.json()}
    return {**given, **request.query, **await request.post()}


async def send_raw(url: str, raw: bytes, kind: str, **headers: str) -> tuple[int, str]:
    """One signed request; ``headers`` (underscores for dashes) replace the genuine ones."""
    timestamp = str(int(time.time()))
    genuine = {
        "x_slack_request_timestamp": timestamp,
        "x_slack_signature": sign(SIGNING_SECRET, timestamp, raw),
        "content_type": kind,
    }
    sent = {name.replace("_", "-"): value for name, value in (genuine | headers).items()}
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=io.BytesIO(raw), headers=sent) as response,
    ):
        return response.status, await response.text()


@asynccontextmanager
async def fake_slack() -> AsyncIterator[FakeSlack]:
    """A running fake on a free port."""
    slack = FakeSlack()
    app = web.Application()
    app.router.add_post("/api/response/{trigger}", slack.respond)
    app.router.add_post("/api/{method}", slack.handle)
    app.router.add_get("/oauth/v2/authorize", slack.authorize)
    app.router.add_get("/files/{name}", slack.file)
    app.router.add_get("/socket", slack.socket)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    slack.url = f"http://{host}:{port}/api/"
    try:
        yield slack
    finally:
        await runner.cleanup()
