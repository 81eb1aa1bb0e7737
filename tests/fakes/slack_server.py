"""A Slack in one process: the Web API methods we use, Socket Mode, and faults on demand.

It speaks over real sockets and keeps what Slack would keep: messages with their metadata,
threads, statuses and reactions. Tests look at those, not at calls.
"""

import asyncio
import io
import itertools
import json
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from bot.slack.signature import sign

TEAM, BOT_USER, BOT_ID = "T0TEAM", "U0KNOW", "B0KNOW"
BOT_TOKEN, APP_TOKEN, SIGNING_SECRET = "xoxb-test", "xapp-test", "a-test-signing-secret"

Json = dict[str, Any]


@dataclass
class FakeSlack:
    """The server's state, open to tests; ``url`` is the base URL of its Web API."""

    url: str = ""
    messages: dict[str, list[Json]] = field(default_factory=lambda: defaultdict(list))
    statuses: list[tuple[str, str, str]] = field(default_factory=list)
    reactions: set[tuple[str, str, str]] = field(default_factory=set)
    responses: list[Json] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    scopes: str = ""
    memberships: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Channels that a user and the bot are both in."""
    usergroups: dict[str, set[str]] = field(default_factory=dict)
    page: int = 2

    unknown: set[str] = field(default_factory=set)
    """Methods that this server does not have."""
    refusals: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Per method, error codes for the next calls."""
    rate_limits: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """Per method, how many of the next calls are answered 429."""
    lost: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """Per method, how many of the next calls are carried out and never answered."""
    broken: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """Per method, how many of the next calls are answered 500 and not carried out."""

    _clock: Any = field(default_factory=lambda: itertools.count(int(time.time() * 1_000_000)))
    _sockets: list[web.WebSocketResponse] = field(default_factory=list)
    _acks: dict[str, asyncio.Future[Json]] = field(default_factory=dict)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def ts(self) -> str:
        """A new message's ts; always later than the last."""
        seconds, micros = divmod(next(self._clock), 1_000_000)
        return f"{seconds}.{micros:06d}"

    def say(self, channel: str, text: str, *, user: str = "U1", **fields: Any) -> Json:
        """Somebody writes a message; it is in the history, no event is sent for it."""
        message = {"type": "message", "user": user, "text": text, "ts": self.ts(), **fields}
        self.messages[channel].append(message)
        return message

    def answers(self, channel: str) -> list[Json]:
        """Our bot's messages in a channel, oldest first."""
        return [m for m in self.messages[channel] if m.get("user") == BOT_USER]

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

    async def send_http(self, base: str, body: Json, **headers: str) -> tuple[int, str]:
        """Deliver over HTTP with a genuine signature; ``headers`` replace what Slack sends."""
        if body.get("command"):
            path, kind, raw = "commands", "application/x-www-form-urlencoded", urlencode(body)
        else:
            path, kind, raw = "events", "application/json", json.dumps(body)
        return await send_raw(f"{base}/slack/{path}", raw.encode(), kind, **headers)

    async def send_socket(self, body: Json) -> Json:
        """Deliver over the latest websocket; returns the acknowledgement."""
        await self.until(lambda: any(not socket.closed for socket in self._sockets))
        envelope = f"envelope-{next(self._clock)}"
        ack = self._acks[envelope] = asyncio.get_running_loop().create_future()
        kind = "slash_commands" if body.get("command") else "events_api"
        socket = next(socket for socket in reversed(self._sockets) if not socket.closed)
        await socket.send_json(
            {
                "type": kind,
                "envelope_id": envelope,
                "payload": body,
                "accepts_response_payload": kind == "slash_commands",
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
        handler = getattr(self, f"_{method.replace('.', '_')}", None)
        try:
            if handler is None or method in self.unknown:
                return web.json_response({"ok": False, "error": "unknown_method"})
            if self._take(self.rate_limits, method):
                limited = {"ok": False, "error": "ratelimited"}
                return web.json_response(limited, status=429, headers={"Retry-After": "1"})
            if self._take(self.broken, method):
                return web.Response(status=500, text="oops")
            if self.refusals[method]:
                return web.json_response({"ok": False, "error": self.refusals[method].pop(0)})
            result = handler(arguments)
            if self._take(self.lost, method):
                assert request.transport is not None
                request.transport.abort()
            return web.json_response(
                {"ok": True, **result}, headers={"x-oauth-scopes": self.scopes}
            )
        except _RefusedError as error:
            return web.json_response({"ok": False, "error": str(error)})
        finally:
            self._changed.set()

    async def respond(self, request: web.Request) -> web.Response:
        """A slash command's response_url."""
        self.calls.append("response_url")
        try:
            if self.refusals["response_url"]:
                return web.Response(status=404, text=self.refusals["response_url"].pop(0))
            self.responses.append(await request.json())
            if self._take(self.lost, "response_url"):
                assert request.transport is not None
                request.transport.abort()
            return web.Response(text="ok")
        finally:
            self._changed.set()

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

    @staticmethod
    def _take(faults: dict[str, int], method: str) -> bool:
        faults[method] -= 1
        return faults[method] >= 0

    def _auth_test(self, _: Json) -> Json:
        return {"team_id": TEAM, "team": "Team", "user_id": BOT_USER, "bot_id": BOT_ID}

    def _apps_connections_open(self, _: Json) -> Json:
        return {"url": self.url.replace("http://", "ws://").replace("/api/", "/socket")}

    def _chat_postMessage(self, a: Json) -> Json:  # noqa: N802 - Slack's name
        if len(a.get("blocks") or []) > 50 or len(a["text"]) > 40_000:
            raise _RefusedError("msg_too_long")
        given = {name: a[name] for name in _KEPT if a.get(name) is not None}
        message = {
            "type": "message",
            "user": BOT_USER,
            "bot_id": BOT_ID,
            "ts": self.ts(),
            **given,
        }
        self.messages[a["channel"]].append(message)
        return {"channel": a["channel"], "ts": message["ts"], "message": message}

    def _conversations_replies(self, a: Json) -> Json:
        root = a["ts"]
        thread = [
            m
            for m in self.messages[a["channel"]]
            if m["ts"] == root or (m.get("thread_ts") == root and a.get("oldest", "") <= m["ts"])
        ]
        if not thread:
            raise _RefusedError("thread_not_found")
        if latest := a.get("latest"):
            thread = [m for m in thread if m["ts"] < latest]
        if str(a.get("include_all_metadata", "")) not in {"True", "true", "1"}:
            thread = [{k: v for k, v in m.items() if k != "metadata"} for m in thread]
        return {"messages": thread, "has_more": False}

    def _users_conversations(self, a: Json) -> Json:
        channels = sorted(self.memberships[a["user"]])
        start = int(a.get("cursor") or 0)
        end = start + self.page
        following = str(end) if end < len(channels) else ""
        return {
            "channels": [{"id": one} for one in channels[start:end]],
            "response_metadata": {"next_cursor": following},
        }

    def _usergroups_list(self, a: Json) -> Json:
        assert a["include_users"] == "true"
        return {
            "usergroups": [
                {"id": name, "users": sorted(users)} for name, users in self.usergroups.items()
            ]
        }

    def _assistant_threads_setStatus(self, a: Json) -> Json:  # noqa: N802 - Slack's name
        self.statuses.append((a["channel_id"], a["thread_ts"], a["status"]))
        return {}

    def _reactions_add(self, a: Json) -> Json:
        self.reactions.add((a["channel"], a["timestamp"], a["name"]))
        return {}

    def _reactions_remove(self, a: Json) -> Json:
        self.reactions.discard((a["channel"], a["timestamp"], a["name"]))
        return {}


_KEPT = ("thread_ts", "text", "blocks", "metadata", "unfurl_links", "unfurl_media")


class _RefusedError(Exception):
    """Slack's ``ok: false``."""


async def _arguments(request: web.Request) -> Json:
    if request.content_type == "application/json":
        arguments: Json = await request.json()
        return arguments
    return {**request.query, **await request.post()}


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
