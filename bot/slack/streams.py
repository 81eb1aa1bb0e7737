"""Slack's streamed messages in one workspace: the calls, and how many of them Slack allows."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from agent.mentions import Mention
from bot.slack.connection import answered
from bot.slack.errors import RateLimited, Refused
from bot.slack.status import LACKING

logger = logging.getLogger(__name__)

_STARTS_A_MINUTE = 18
_MINUTE_S = 60.0
_BETWEEN_APPENDS_S = 0.6
"""Slack allows about 20 starts and 100 appends a minute, for all answers of a workspace."""


class Streams:
    """Every call raises RateLimited, Refused or Ambiguous.

    What the server lacks is remembered, and not tried again by this process.
    """

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._lacking = False
        self._starts: deque[float] = deque(maxlen=_STARTS_A_MINUTE)
        self._not_before = 0.0
        self._next_append = 0.0

    @property
    def possible(self) -> bool:
        """Whether one more stream may be started now."""
        now = asyncio.get_running_loop().time()
        many = len(self._starts) == _STARTS_A_MINUTE and now - self._starts[0] < _MINUTE_S
        return not self._lacking and not many and now >= self._not_before

    async def start(self, mention: Mention, text: str) -> str:
        """A new message in the question's thread that begins with the text; returns its ts."""
        now = asyncio.get_running_loop().time()
        self._starts.append(now)
        try:
            started = await answered(
                self._client.chat_startStream(
                    channel=mention.channel,
                    thread_ts=str(mention.thread_ts),
                    markdown_text=text,
                    recipient_team_id=mention.team,
                    recipient_user_id=mention.person,
                )
            )
        except RateLimited as error:
            self._not_before = now + error.seconds
            raise
        except Refused as error:
            if error.code in LACKING:
                self._lacking = True
                logger.info("answers are not streamed: Slack answers %s", error.code)
            raise
        return str(started["ts"])

    async def append(self, channel: str, ts: str, text: str) -> None:
        """More text; waits until it is this call's turn."""
        now = asyncio.get_running_loop().time()
        turn = max(now, self._next_append)
        self._next_append = turn + _BETWEEN_APPENDS_S
        await asyncio.sleep(turn - now)
        call = self._client.chat_appendStream(channel=channel, ts=ts, markdown_text=text)
        await self._paced(call)

    async def stop(self, channel: str, ts: str) -> None:
        """No more text comes; only now can the message be changed or deleted."""
        await answered(self._client.chat_stopStream(channel=channel, ts=ts))

    async def _paced(self, call: Awaitable[AsyncSlackResponse]) -> None:
        try:
            await answered(call)
        except RateLimited as error:
            self._next_append = asyncio.get_running_loop().time() + error.seconds
            raise
