"""Slack's streamed messages in one workspace: the calls, and how many of them Slack allows."""

import logging
from collections import deque

from slack_sdk.web.async_client import AsyncWebClient

from agent.mentions import Mention
from bot.slack.clock import Clock
from bot.slack.connection import answered
from bot.slack.errors import RateLimited, Refused
from bot.slack.status import LACKING

logger = logging.getLogger(__name__)

_STARTS_A_MINUTE = 18
_MINUTE_S = 60.0
_BETWEEN_APPENDS_S = 0.65
"""Slack allows about 20 starts and 100 appends a minute, for all answers of a workspace: fewer."""


class Streams:
    """Every call raises RateLimited, Refused or Ambiguous.

    What the server lacks is remembered, and not tried again by this process.
    """

    def __init__(self, client: AsyncWebClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._lacking = ""
        self._starts: deque[float] = deque(maxlen=_STARTS_A_MINUTE)
        self._not_before = 0.0
        self._next_append = 0.0

    @property
    def possible(self) -> bool:
        """Whether one more stream may be started now."""
        return not self._lacking and self._start_ahead() <= 0

    def check(self) -> None:
        """Raise what `start` would without asking Slack: Refused, or RateLimited until when."""
        if self._lacking:
            raise Refused(self._lacking)
        if self._start_ahead() > 0:
            raise RateLimited(self._start_ahead())

    async def start(self, mention: Mention, text: str) -> str:
        """A new message in the question's thread that begins with the text; returns its ts."""
        self.check()
        self._starts.append(self._clock.time())
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
            self._not_before = self._clock.time() + error.seconds
            raise
        except Refused as error:
            if error.code in LACKING:
                self._lacking = error.code
                logger.info("answers are not streamed: Slack answers %s", error.code)
            raise
        return str(started["ts"])

    def append_ahead(self) -> float:
        """Take the next place among all appends, and say how many seconds it is ahead."""
        now = self._clock.time()
        place = max(now, self._next_append)
        self._next_append = place + _BETWEEN_APPENDS_S
        return place - now

    async def append(self, channel: str, ts: str, text: str) -> None:
        """More text, once it is its place's time."""
        try:
            await answered(
                self._client.chat_appendStream(channel=channel, ts=ts, markdown_text=text)
            )
        except RateLimited as error:
            resumed = self._clock.time() + error.seconds
            self._next_append = max(self._next_append, resumed)
            raise

    async def stop(self, channel: str, ts: str) -> None:
        """No more text comes; only now can the message be changed or deleted."""
        await answered(self._client.chat_stopStream(channel=channel, ts=ts))

    def _start_ahead(self) -> float:
        full = len(self._starts) == _STARTS_A_MINUTE
        free_at = self._starts[0] + _MINUTE_S if full else 0.0
        return max(free_at, self._not_before) - self._clock.time()
