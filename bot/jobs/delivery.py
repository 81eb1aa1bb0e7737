"""Getting a decided answer into Slack exactly once, wherever its question came from."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from agent.answers import Answer
from agent.ledger import Ledger
from agent.mentions import Claim
from bot.slack import sending
from bot.slack.blocks import Message, answer_messages
from bot.slack.errors import Ambiguous, RateLimited, Refused, Undelivered
from bot.slack.posting import Poster
from bot.slack.sending import Hold, Place

logger = logging.getLogger(__name__)

_TRIES = 4
_SETTLE_S = 1.0


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
            return await self._posted(claim, Place(mention.person), messages)
        messages = answer_messages(answer)
        thread = Place(mention.channel, mention.thread_ts, mention.ts or "")
        try:
            return await self._posted(claim, thread, messages)
        except Undelivered as error:
            if error.retry_in is not None:
                raise
            # The channel is closed to us: the person who asked still gets an answer.
            logger.warning("mention %s is answered by direct message: %s", mention.id, error)
            return await self._posted(claim, Place(mention.person), messages)

    async def _posted(self, claim: Claim, place: Place, messages: Sequence[Message]) -> str:
        renew = partial(self.ledger.renew, claim)
        hold = Hold(claim.mention.id, renew, claim.attempts, claim.resumed)
        return await sending.send(self.poster, hold, place, messages)

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
                await sending.wait(error)
            except Refused as error:
                logger.info("mention %s: response_url refuses: %s", claim.mention.id, error)
                return False
            except Ambiguous:
                await asyncio.sleep(_SETTLE_S)
            else:
                return True
        raise Undelivered("response_url does not answer", sending.pause(claim.attempts))
