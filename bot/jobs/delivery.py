"""Getting a decided answer into Slack exactly once, part by part."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from agent.answers import Answer
from agent.ledger import Ledger
from agent.mentions import Claim
from bot.slack.blocks import Message, answer_messages
from bot.slack.errors import Ambiguous, RateLimited, Refused
from bot.slack.posting import Poster

logger = logging.getLogger(__name__)

_TRIES = 4
_LONGEST_WAIT_S = 60.0
_SETTLE_S = 1.0
"""A request whose response was lost may still be on its way in."""

_LONGEST_PAUSE = timedelta(minutes=5)

_OURS = frozenset(
    {"invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive"}
)
"""Mended by whoever runs the bot, and then the answer still arrives."""


class Undelivered(Exception):
    """The answer is not in Slack; again after ``retry_in``, None: it never will be."""

    def __init__(self, reason: str, retry_in: timedelta | None) -> None:
        super().__init__(reason)
        self.retry_in = retry_in


@dataclass(frozen=True, slots=True)
class Delivery:
    """Posts what the ledger decided; before every send the lease is checked and renewed."""

    ledger: Ledger
    poster: Poster

    async def deliver(self, claim: Claim, answer: Answer) -> str | None:
        """The ts of the answer's first message, None where there is none to know.

        Raises Undelivered, and LeaseLost when another worker took over.
        """
        mention = claim.mention
        if mention.response_url is not None:
            messages = answer_messages(answer, asked=mention.text)
            if await self._responded(claim, mention.response_url, messages):
                return None
            return await self._posted(claim, mention.person, None, messages)
        messages = answer_messages(answer)
        try:
            return await self._posted(claim, mention.channel, mention.thread_ts, messages)
        except Undelivered as error:
            if error.retry_in is not None:
                raise
            # The channel is closed to us: the person who asked still gets an answer.
            logger.warning("mention %s is answered by direct message: %s", mention.id, error)
            return await self._posted(claim, mention.person, None, messages)

    async def _posted(
        self, claim: Claim, channel: str, thread_ts: str | None, messages: Sequence[Message]
    ) -> str:
        present = await self._found(claim, channel, thread_ts) if claim.resumed else {}
        for part, message in enumerate(messages, 1):
            if part not in present:
                present[part] = await self._sent(claim, channel, thread_ts, message, part)
        return present[1]

    async def _sent(
        self, claim: Claim, channel: str, thread_ts: str | None, message: Message, part: int
    ) -> str:
        mention = claim.mention.id
        for _ in range(_TRIES):
            await self.ledger.renew(claim)
            try:
                return await self.poster.post(channel, thread_ts, message, mention, part)
            except RateLimited as error:
                await _wait(error)
            except Refused as error:
                raise _refused(error, claim) from error
            except Ambiguous as error:
                logger.warning("mention %s: %s; looking whether it arrived", mention, error)
                await asyncio.sleep(_SETTLE_S)
                present = await self._found(claim, channel, thread_ts)
                if part in present:
                    return present[part]
        raise Undelivered("Slack did not take the message", _pause(claim))

    async def _found(self, claim: Claim, channel: str, thread_ts: str | None) -> dict[int, str]:
        """What of the answer is in the thread; nothing is sent while that cannot be known.

        Outside threads, and where Slack lets us post but not read, it can never be known: then a
        second copy is possible and better than silence.
        """
        mention = claim.mention
        if thread_ts is None or mention.ts is None:
            return {}
        try:
            return await self.poster.find(channel, thread_ts, mention.ts, mention.id)
        except Refused as error:
            if error.code in _OURS:
                raise _refused(error, claim) from error
            logger.warning("cannot look for mention %s in its thread: %s", mention.id, error)
            return {}
        except (RateLimited, Ambiguous) as error:
            raise Undelivered(f"the thread cannot be read: {error}", _pause(claim)) from error

    async def _responded(self, claim: Claim, url: str, messages: Sequence[Message]) -> bool:
        """Whether the slash command's own address still takes answers (it does for 30 minutes)."""
        for index, message in enumerate(messages):
            if not await self._responded_once(claim, url, message, replace=index == 0):
                return False
        return True

    async def _responded_once(
        self, claim: Claim, url: str, message: Message, *, replace: bool
    ) -> bool:
        for _ in range(_TRIES):
            await self.ledger.renew(claim)
            try:
                await self.poster.respond(url, message, replace=replace)
            except RateLimited as error:
                await _wait(error)
            except Refused as error:
                logger.info("mention %s: response_url refuses: %s", claim.mention.id, error)
                return False
            except Ambiguous:
                await asyncio.sleep(_SETTLE_S)
            else:
                return True
        raise Undelivered("response_url does not answer", _pause(claim))


async def _wait(limit: RateLimited) -> None:
    if limit.seconds > _LONGEST_WAIT_S:
        raise Undelivered(str(limit), timedelta(seconds=limit.seconds)) from limit
    await asyncio.sleep(limit.seconds)


def _refused(error: Refused, claim: Claim) -> Undelivered:
    return Undelivered(error.code, _pause(claim) if error.code in _OURS else None)


def _pause(claim: Claim) -> timedelta:
    return min(timedelta(seconds=2 ** min(claim.attempts, 16)), _LONGEST_PAUSE)
