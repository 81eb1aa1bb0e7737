"""Socket Mode: the same events over a websocket that we open, for teams without a public URL."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.connection import answered
from bot.slack.errors import Refused, SlackError

logger = logging.getLogger(__name__)

_DRAIN_S = 5.0


@asynccontextmanager
async def listening(
    app: AsyncApp, client: AsyncWebClient, app_token: str
) -> AsyncIterator[Callable[[], Awaitable[bool]]]:
    """Receive events for as long as the block lasts; yields what says whether it is connected.

    An event is acknowledged when its listener is done; one whose acknowledgement does not get
    through is delivered again, here or to another process. Raises SlackError when the socket
    cannot be opened at all; once open, it reopens by itself.
    """
    busy: set[asyncio.Task[None]] = set()
    socket = SocketModeClient(app_token, logger=client.logger, web_client=client)

    async def handle(via: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        # A task of our own: the SDK does not wait for its tasks when it closes.
        task = asyncio.create_task(_dispatch(app, via, request))
        busy.add(task)
        task.add_done_callback(busy.discard)
        await asyncio.shield(task)

    try:
        # The SDK would try for ever with a token that will never do.
        socket.wss_uri = await _address(client, app_token)
        socket.socket_mode_request_listeners.append(handle)
        await socket.connect()  # type: ignore[no-untyped-call]  # the SDK leaves it untyped
        yield socket.is_connected
    finally:
        await socket.close()  # type: ignore[no-untyped-call]  # the same
        if busy:
            await asyncio.wait(busy, timeout=_DRAIN_S)


async def _dispatch(
    app: AsyncApp, via: AsyncBaseSocketModeClient, request: SocketModeRequest
) -> None:
    started = time.time()
    response = await run_async_bolt_app(app, request)
    try:
        await send_async_response(via, request, response, started)
    except (ConnectionError, AttributeError) as error:
        # The socket closed meanwhile; the row is written, a second delivery finds it.
        logger.info("an acknowledgement was not sent: %s", type(error).__name__)


async def _address(client: AsyncWebClient, app_token: str) -> str:
    try:
        return str((await answered(client.apps_connections_open(app_token=app_token)))["url"])
    except Refused as error:
        raise SlackError(
            f"Slack does not take the app token ({error.code}): make one with the scope "
            "connections:write under “Basic Information” and put it into SLACK_APP_TOKEN"
        ) from error
    except SlackError as error:
        raise SlackError(
            f"Socket Mode cannot be opened at {client.base_url} ({error}): "
            "check the network and SLACK_API_URL"
        ) from error
