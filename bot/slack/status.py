"""A sign of life while an answer is in the works, taken away whatever happens.

Slack's own status ("is looking it up…") where the server knows it, else an 👀 on the question:
both are silent. Where Slack knows agent sessions, one is in progress meanwhile, which shows its
stop button. What the server lacks is remembered, and not tried again by this process.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from agent.mentions import Mention
from agent.reading.languages import Language
from agent.texts import Said, Text
from bot.slack.clock import Clock
from bot.slack.connection import answered
from bot.slack.errors import Refused, SlackError

logger = logging.getLogger(__name__)

WORKING = Text("is looking it up…", "正在查找…")
EYES = "eyes"

_STATUS, _REACTION, _SESSION = "status", "reaction", "session"

_REFRESH_S = 90.0
"""Slack drops a status after two minutes."""

_READ_IN_S = 1.0
"""What is over sooner is shown to nobody: most steps are, and each would be a request."""

_SHOWN_WITHIN_S = 3.0
"""A Slack that takes longer to show the first sign does not delay the answer."""

LACKING = frozenset(
    {"unknown_method", "missing_scope", "not_allowed_token_type", "method_deprecated"}
)
"""How a server says that it will never do something for us."""


@dataclass(slots=True)
class Showing:
    """What is shown for one question; ``stoppable`` once Slack shows its stop button."""

    mention: Mention
    reader: Language
    text: str
    stoppable: bool = False
    tried: set[str] = field(default_factory=set)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def say(self, step: Said) -> None:
        """Show what is being done now, if it is still done in a second; returns at once."""
        self.text = step.to(self.reader)
        self.changed.set()


class Status:
    """Shows and clears; never raises, because an answer matters more than its announcement."""

    def __init__(self, client: AsyncWebClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._lacking: set[str] = set()

    @asynccontextmanager
    async def shown(self, mention: Mention, reader: Language = "en") -> AsyncIterator[Showing]:
        """Show that the question is being worked on, from before the block until after it."""
        showing = Showing(mention, reader, WORKING.to(reader))
        if mention.thread_ts is None or mention.ts is None or mention.kind == "overheard":
            # A slash command's acknowledgement says it; what was overheard may end in silence.
            yield showing
            return
        first = asyncio.Event()
        task = asyncio.create_task(self._show(showing, first))
        try:
            await self._clock.wait(first, _SHOWN_WITHIN_S)
            yield showing
        finally:
            showing.over.set()
            showing.changed.set()
            # Not cancelled: a request cut off could still arrive after the one that clears.
            await task
            await self._clear(showing)

    async def leave(self, channel: str, thread_ts: str) -> None:
        """Take the stop button away where nobody works any more."""
        await self._set_session(channel, thread_ts, "active", set())

    async def say(self, mention: Mention, text: str) -> None:
        """Show other words, until the question is worked on."""
        if mention.thread_ts is not None:
            await self._set_status(mention, text, set())

    async def _show(self, showing: Showing, first: asyncio.Event) -> None:
        mention, tried = showing.mention, showing.tried
        showing.stoppable, _ = await asyncio.gather(
            self._set_session(mention.channel, str(mention.thread_ts), "processing", tried),
            self._sign(showing),
        )
        first.set()
        while not showing.over.is_set():
            await self._clock.wait(showing.changed, _REFRESH_S)
            await self._clock.wait(showing.over, _READ_IN_S)
            showing.changed.clear()
            if _STATUS in tried and not showing.over.is_set():
                await self._set_status(mention, showing.text, tried)

    async def _sign(self, showing: Showing) -> None:
        if not await self._set_status(showing.mention, showing.text, showing.tried):
            await self._react(showing.mention, showing.tried)

    async def _clear(self, showing: Showing) -> None:
        mention, tried = showing.mention, showing.tried
        if _STATUS in tried:
            await self._set_status(mention, "", set())
        if _REACTION in tried:
            place = {"channel": mention.channel, "timestamp": str(mention.ts), "name": EYES}
            await self._try(_REACTION, lambda: self._client.reactions_remove(**place), set())
        if _SESSION in tried:
            await self.leave(mention.channel, str(mention.thread_ts))

    async def _set_session(
        self, channel: str, thread_ts: str, status: str, tried: set[str]
    ) -> bool:
        arguments = {"channel_id": channel, "thread_ts": thread_ts, "status": status}
        return await self._try(
            _SESSION, lambda: self._client.agents_sessions_setStatus(**arguments), tried
        )

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
            if error.code in LACKING:
                self._lacking.add(sign)
                logger.info("no %s while working: Slack answers %s", sign, error.code)
            if error.code != "already_reacted":
                return False
        except SlackError as error:
            logger.debug("the %s may not show: %s", sign, error)
        tried.add(sign)
        return True
