"""How to reach Slack, and who we are there."""

import asyncio
import logging
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.slack.errors import Ambiguous, RateLimited, Refused, SlackError

_TIMEOUT_S = 10
"""Well under the ledger's lease: a request is over before another worker may take its row."""

_PAUSES_S = (0.5, 2.0)

_UNCERTAIN = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})
"""Slack says of these itself that part of the operation may have succeeded."""


_NO_SUCH_METHOD = frozenset(
    {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED}
)
"""How servers that imitate Slack answer what they do not know."""


@dataclass(frozen=True, slots=True)
class SlackConnection:
    """What the environment says about Slack; secrets stay out of the repr.

    ``api_url`` replaces Slack's own base URL for every call, Socket Mode's included.
    """

    bot_token: str = field(repr=False)
    api_url: str = "https://slack.com/api/"
    app_token: str | None = field(default=None, repr=False)
    signing_secret: str | None = field(default=None, repr=False)
    admins: frozenset[str] = frozenset()
    """Users who count as admins beside the workspace's own."""
    daily_questions: int = 200
    """So many one person may ask in a day."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Our own ids in the workspace, to know our mentions and our messages by."""

    team: str
    user: str
    bot: str | None = None


@asynccontextmanager
async def open_client(connection: SlackConnection) -> AsyncIterator[AsyncWebClient]:
    """A Web API client over one pool of connections.

    It never repeats a request by itself: the SDK's default would post twice when Slack accepted
    a message and only the response was lost.
    """
    timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
    # The SDK's own debugging writes down what people write.
    quiet = logging.getLogger(f"{__name__}.sdk")
    quiet.setLevel(logging.WARNING)
    async with aiohttp.ClientSession(timeout=timeout, request_class=_Timely) as session:
        yield AsyncWebClient(
            token=connection.bot_token,
            base_url=connection.api_url,
            session=session,
            retry_handlers=[],
            logger=quiet,
        )


@contextmanager
def leaving_by(moment: float) -> Iterator[None]:
    """No request leaves after that time of the event loop: TimeoutError instead.

    A timeout alone is too late: a process that was frozen goes on where it stood, which may be
    right before the first byte, and only then sees that its time is over.
    """
    before = _LEAVING_BY.set(moment)
    try:
        yield
    finally:
        _LEAVING_BY.reset(before)


_LEAVING_BY: ContextVar[float] = ContextVar("leaving_by", default=math.inf)


class _Timely(aiohttp.ClientRequest):
    """Looks at the clock when all is built and connected, as the last thing before it is sent."""

    async def send(self, conn: aiohttp.connector.Connection) -> aiohttp.ClientResponse:
        if self.loop.time() > _LEAVING_BY.get():
            raise TimeoutError("too late to be sent")
        return await super().send(conn)


async def identify(client: AsyncWebClient) -> Identity:
    """Ask Slack who the bot token belongs to. Raises SlackError with what to mend."""
    try:
        found = await _patiently(client.auth_test)
    except Refused as error:
        raise SlackError(
            f"Slack does not take the bot token ({error.code}): copy it again from "
            "“OAuth & Permissions” into SLACK_BOT_TOKEN"
        ) from error
    except SlackError as error:
        raise SlackError(
            f"no Slack at {client.base_url} ({error}): check the network and SLACK_API_URL"
        ) from error
    return Identity(str(found["team_id"]), str(found["user_id"]), found.get("bot_id"))


async def _patiently(
    call: Callable[[], Awaitable[AsyncSlackResponse]],
) -> AsyncSlackResponse:
    """Once more after a lost response: a start should not fail because of one."""
    for pause in _PAUSES_S:
        try:
            return await answered(call())
        except (Ambiguous, RateLimited):
            await asyncio.sleep(pause)
    return await answered(call())


async def answered(call: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse:
    """Slack's response; what went wrong is told apart by what may have happened there.

    Raises RateLimited and Refused when nothing happened, Ambiguous when it may have.
    """
    try:
        response = await call
    except SlackApiError as error:
        raise _told_apart(error) from error
    # The SDK reads a text/plain body as a dict, hence AttributeError.
    except (aiohttp.ClientError, TimeoutError, OSError, AttributeError) as error:
        raise Ambiguous(type(error).__name__) from error
    if not isinstance(response.data, dict):
        raise Ambiguous("a response that is not JSON")
    return response


def _told_apart(error: SlackApiError) -> SlackError:
    response: Any = error.response
    # A body that is not JSON comes with aiohttp's own response.
    status = int(getattr(response, "status_code", None) or getattr(response, "status", 0) or 0)
    data = getattr(response, "data", None)
    code = str(data.get("error") or "") if isinstance(data, dict) else ""
    if status == HTTPStatus.TOO_MANY_REQUESTS or code in {"ratelimited", "rate_limited"}:
        return RateLimited(retry_after(getattr(response, "headers", None)))
    if status in _NO_SUCH_METHOD and not code:
        return Refused("unknown_method")
    if status < HTTPStatus.INTERNAL_SERVER_ERROR and code and code not in _UNCERTAIN:
        return Refused(code)
    return Ambiguous(code or f"status {status}")


def retry_after(headers: Any) -> float:
    """How many seconds a response that says "too many" asks for."""
    try:
        return max(1.0, float(headers["Retry-After"]))
    except (KeyError, TypeError, ValueError):
        return 1.0
