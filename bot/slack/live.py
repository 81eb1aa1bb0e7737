"""An answer that is written before its reader's eyes, until the checked one takes its place."""

import asyncio
import logging
import math
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Literal

from agent.gate import neutral
from agent.mentions import Mention
from bot.slack.connection import leaving_by
from bot.slack.errors import Ambiguous, RateLimited, Refused, SlackError
from bot.slack.frame import Message
from bot.slack.mrkdwn import to_mrkdwn
from bot.slack.posting import Poster

logger = logging.getLogger(__name__)

_EVERY_S = 1.0
"""Text that comes within it goes together; an answer that is done within it is not streamed."""

LIFETIME = timedelta(minutes=4.5)
"""Slack ends a stream after about five minutes, whatever comes, and leaves an error behind."""

_EDIT_EVERY_S = 3.0
_LONGEST_EDIT = 3900
"""``chat.update`` takes about 4,000 characters of text."""

_LONGEST_PIECE = 2_400
"""Slack takes 12,000 characters at a time, which escaping five times as long may be."""

_LONGEST_TURN_S = 5.0
"""Where a channel is busier than that, its answers are not written live."""

_CITATION = re.compile(r"[ \t]?\[\d{1,4}\]")
_ENDED = "message_not_in_streaming_state"

Note = Callable[[str], Awaitable[timedelta]]
"""Writes down the ts of the message; empty: it is about to be started. Raises LeaseLost.

Says for how long the question is ours from when it was called.
"""


class Live:
    """Hears text as it is written and shows it in one message; never raises a SlackError.

    ``ts`` is that message's: None where there is none, empty where there may be one. It is never
    finished here, but by whoever delivers the checked answer.
    """

    def __init__(self, poster: Poster, mention: Mention, note: Note) -> None:
        self._poster = poster
        self._mention = mention
        self._note = note
        self._written = ""
        self._waiting = ""
        self._way: Literal["stream", "edit", "silence"] = "stream"
        self._more = asyncio.Event()
        self._over = asyncio.Event()
        self._ends_at = math.inf
        self.ts: str | None = None

    def hear(self, text: str) -> None:
        """More of the answer; returns at once."""
        self._waiting += text
        self._more.set()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        """Show what is heard while the block lasts."""
        task = asyncio.create_task(self._write())
        try:
            yield
        finally:
            self._over.set()
            self._more.set()
            # Not cancelled: a message whose start is cut off would have no known ts.
            await task

    async def _write(self) -> None:
        clock = self._poster.clock
        pause = _EVERY_S
        while self._way != "silence":
            # An answer may fall silent: its stream has to be ended all the same.
            await clock.wait(self._more, max(0.0, self._ends_at - clock.time()))
            if await clock.wait(self._over, pause):
                return
            self._more.clear()
            pieces, self._waiting = self._waiting[:_LONGEST_PIECE], self._waiting[_LONGEST_PIECE:]
            if self._waiting:
                self._more.set()
            try:
                await self._shown(pieces)
            except RateLimited as error:
                self._waiting = pieces + self._waiting
                self._more.set()
                pause = error.seconds
                continue
            except SlackError as error:
                logger.info("%s is not shown while it is written: %s", self._mention.id, error)
                self._way = "silence"
            pause = _EVERY_S if self._way == "stream" else _EDIT_EVERY_S

    async def _shown(self, pieces: str) -> None:
        text = streamable(pieces)
        if self.ts and self._poster.clock.time() >= self._ends_at:
            with suppress(Refused):
                await self._poster.streams.stop(self._mention.channel, self.ts)
            self._edit_from_now_on()
        if self._way == "stream" and text.strip():
            try:
                await self._streamed(text)
            except Refused as error:
                if error.code != _ENDED:
                    raise
                self._edit_from_now_on()
            except Ambiguous:
                if not self.ts:
                    raise
                # Repeating it could show the piece twice; the checked answer will hold it.
        if self._way == "edit" and self.ts and pieces:
            await self._edited(self.ts, self._written + pieces)
        self._written += pieces

    def _edit_from_now_on(self) -> None:
        self._way, self._ends_at = "edit", math.inf

    async def _streamed(self, text: str) -> None:
        clock, streams, channel = self._poster.clock, self._poster.streams, self._mention.channel
        if self.ts:
            # Once the checked answer is there, it waits for no place of what it replaces.
            if not await clock.wait(self._over, streams.append_ahead()):
                await streams.append(channel, self.ts, text)
            return
        streams.check()
        await self._poster.turn(channel, _LONGEST_TURN_S)
        if self._over.is_set():
            return
        ours_until = await self._noted("")
        self.ts = ""
        self._ends_at = clock.time() + LIFETIME.total_seconds()
        try:
            with leaving_by(ours_until):
                self.ts = await streams.start(self._mention, text)
        except (RateLimited, Refused):
            self.ts = None  # nothing happened
            self._ends_at = math.inf
            raise
        await self._note(self.ts)

    async def _edited(self, ts: str, written: str) -> None:
        text = "\n\n".join(to_mrkdwn(neutral(_CITATION.sub("", written))))
        if len(text) > _LONGEST_EDIT:
            self._way = "silence"  # until the whole answer comes
        elif text:
            # Refuses who lost the row meanwhile: the checked answer may be there already.
            with leaving_by(await self._noted(ts)):
                await self._poster.update(self._mention.channel, ts, Message(text, ()))

    async def _noted(self, ts: str) -> float:
        """When, by the event loop's time, what follows must have left.

        Frozen meanwhile, it would write below or over the answer of whoever took the row over.
        """
        began = asyncio.get_running_loop().time()
        return began + (await self._note(ts)).total_seconds() / 2


def streamable(text: str) -> str:
    """Model text for Slack's Markdown: nothing in it can ping, link or be taken for a token.

    Without citations, because their numbers are not yet those of the answer's sources.
    """
    ending = text[len(text.rstrip()) :]
    beginning = text[: len(text) - len(text.lstrip())]
    cleaned = neutral(_CITATION.sub("", text))
    return beginning + cleaned.replace("&", "&amp;").replace("<", "&lt;") + ending
