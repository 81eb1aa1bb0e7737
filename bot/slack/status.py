"""A sign of life while an answer is in the works, taken away whatever happens.

Slack's own status ("is looking it up…") where the server knows it, else an 👀 on the question:
both are silent. What the server lacks is remembered, and not tried again by this process.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from agent.mentions import Mention
from bot.slack.connection import answered
from bot.slack.errors import Refused, SlackError

logger = logging.getLogger(__name__)

WORKING = "is looking it up…"
EYES = "eyes"

_STATUS, _REACTION = "status", "reaction"

_REFRESH_S = 90.0
"""Slack drops a status after two minutes."""

_LACKING = frozenset(
    {"unknown_method", "missing_scope", "not_allowed_token_type", "method_deprecated"}
)


class Status:
    """Shows and clears; never raises, because an answer matters more than its announcement."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._lacking: set[str] = set()

    @asynccontextmanager
    async def shown(self, mention: Mention) -> AsyncIterator[None]:
        """Show that the question is being worked on for as long as the block lasts."""
        if mention.thread_ts is None or mention.ts is None:
            yield  # A slash command's acknowledgement says it.
            return
        over = asyncio.Event()
        tried: set[str] = set()
        showing = asyncio.create_task(self._show(mention, over, tried))
        try:
            yield
        finally:
            over.set()
            # Not cancelled: a request cut off could still arrive after the one that clears.
            await showing
            await self._clear(mention, tried)

    async def say(self, mention: Mention, text: str) -> None:
        """Show other words, until the question is worked on."""
        if mention.thread_ts is not None:
            await self._set_status(mention, text, set())

    async def _show(self, mention: Mention, over: asyncio.Event, tried: set[str]) -> None:
        while await self._set_status(mention, WORKING, tried):
            try:
                await asyncio.wait_for(over.wait(), _REFRESH_S)
            except TimeoutError:
                continue
            return
        await self._react(mention, tried)

    async def _clear(self, mention: Mention, tried: set[str]) -> None:
        if _STATUS in tried:
            await self._set_status(mention, "", set())
        if _REACTION in tried:
            place = {"channel": mention.channel, "timestamp": str(mention.ts), "name": EYES}
            await self._try(_REACTION, lambda: self._client.reactions_remove(**place), set())

    async def _set_status(self, mention: Mention, status: str, tried: set[str]) -> bool:
        return await self._try(
            _STATUS,
            lambda: self._client.assistant_threads_setStatus(
                channel_id=mention.channel, thread_ts=str(mention.thread_ts), status=status
            ),
            tried,
        )

    async def _react(self, mention: Mention, tried: set[str]) -> None:
        place = {"channel": mention.channel, "timestamp": str(mention.ts), "name": EYES}
        await self._try(_REACTION, lambda: self._client.reactions_add(**place), tried)

    async def _try(
        self, sign: str, call: Callable[[], Awaitable[AsyncSlackResponse]], tried: set[str]
    ) -> bool:
        """Whether the sign may be visible now."""
        if sign in self._lacking:
            return False
        try:
            await answered(call())
        except Refused as error:
            if error.code in _LACKING:
                self._lacking.add(sign)
                logger.info("no %s while working: Slack answers %s", sign, error.code)
            if error.code != "already_reacted":
                return False
        except SlackError as error:
            logger.debug("the %s may not show: %s", sign, error)
        tried.add(sign)
        return True
