"""The HTTP face: Slack's requests, verified before anything reads them, and two health checks."""

import asyncio
import json
import logging
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Protocol

import uvicorn
from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.settings import SettingsError
from bot.slack.signature import is_genuine

logger = logging.getLogger(__name__)

EVENTS, COMMANDS = "/slack/events", "/slack/commands"

_LARGEST_BODY = 1_000_000
"""Bytes; Slack's own largest events stay well below."""

_MOST_AT_ONCE = 256
"""Requests beyond are told 503 at once, and Slack sends them again: better than all coming late."""

_FINISH_S = 5
"""Longer than Slack waits for an answer."""


class Dispatches(Protocol):
    """A Bolt app, or what chooses one."""

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        """Answer a verified request."""
        ...


def http_app(
    slack: Dispatches,
    signing_secret: str,
    ready: Callable[[], Awaitable[bool]],
    clock: Callable[[], float] = time.time,
    flow: AsyncOAuthFlow | None = None,
) -> Starlette:
    """Slack's endpoints, ``/healthz`` (the process lives) and ``/readyz`` (it can take events).

    With a ``flow`` workspaces install the app here.
    """

    async def from_slack(request: Request) -> Response:
        body = await _capped_body(request)
        if body is None:
            return _refusal(413, "the body is too large")
        header = request.headers.get
        timestamp = header("x-slack-request-timestamp", "")
        signature = header("x-slack-signature", "")
        if not is_genuine(signing_secret, timestamp, signature, body, clock()):
            # Neither the body nor the signature: whoever sent it may have sent anything.
            logger.warning("a request to %s is not signed by Slack", request.url.path)
            return _refusal(401, "the signature does not match")
        if not _is_readable(body, header("content-type", "")):
            return _refusal(400, "the body cannot be read")
        return to_starlette_response(
            await slack.async_dispatch(to_async_bolt_request(request, body))
        )

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_: Request) -> Response:
        if await ready():
            return JSONResponse({"status": "ready"})
        return JSONResponse({"status": "the database does not answer"}, status_code=503)

    return Starlette(
        routes=[
            Route(EVENTS, from_slack, methods=["POST"]),
            Route(COMMANDS, from_slack, methods=["POST"]),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            *(_installing(flow) if flow is not None else ()),
        ]
    )


def _installing(flow: AsyncOAuthFlow) -> tuple[Route, ...]:
    async def install(request: Request) -> Response:
        begun = await flow.handle_installation(to_async_bolt_request(request, b""))
        return to_starlette_response(begun)

    async def redirected(request: Request) -> Response:
        ended = await flow.handle_callback(to_async_bolt_request(request, b""))
        return to_starlette_response(ended)

    return (Route(flow.install_path, install), Route(flow.redirect_uri_path, redirected))


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Nothing: uvicorn raises signals again, which would cut the worker's drain off."""
        yield


@asynccontextmanager
async def serving(app: Starlette, host: str, port: int) -> AsyncIterator[None]:
    """Listen until the block ends, then finish what is being answered.

    Raises SettingsError when the address cannot be listened on.
    """
    try:
        listening = socket.create_server((host, port))
    except OSError as error:
        raise SettingsError(
            f"cannot listen on {host}:{port} ({error.strerror or error}): "
            "set KNOWHOW_HOST and KNOWHOW_PORT"
        ) from error
    config = uvicorn.Config(
        app,
        log_config=None,
        lifespan="off",
        limit_concurrency=_MOST_AT_ONCE,
        timeout_graceful_shutdown=_FINISH_S,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield
    finally:
        server.should_exit = True
        await task


async def _capped_body(request: Request) -> bytes | None:
    """The body, None as soon as it is too large; nothing larger is ever held."""
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > _LARGEST_BODY:
                return None
    except ClientDisconnect:
        return b""
    return body


def _is_readable(body: bytes, content_type: str) -> bool:
    try:
        text = body.decode()
        return "json" not in content_type or isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _refusal(status: int, reason: str) -> Response:
    return JSONResponse({"error": reason}, status_code=status)
