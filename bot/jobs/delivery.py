"""Getting a decided answer into Slack exactly once, wherever its question came from."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from agent.answers import Answer
from agent.ledger import Ledger
from agent.mentions import Claim
from bot.jobs.leased import written_down
from bot.slack import completing, sending
from bot.slack.blocks import answer_messages
from bot.slack.errors import Ambiguous, RateLimited, Refused, SlackError, Undelivered
from bot.slack.frame import Frame, Message
from bot.slack.sending import NOTHING_YET, Hold, Place
from bot.slack.workspaces import Workspace

logger = logging.getLogger(__name__)

_TRIES = 4
_SETTLE_S = 1.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """Posts what the ledger decided; before every send the lease is checked and renewed."""

    ledger: Ledger
    workspace: Workspace

    async def deliver(self, claim: Claim, answer: Answer, frame: Frame) -> str | None:
        """The ts of the answer's first message, None where there is none to know.

        Raises Undelivered, and LeaseLost when another worker took over.
        """
        mention = claim.mention
        messages = answer_messages(answer, frame)
        if mention.response_url is not None:
            out = await self._responded(claim, mention.response_url, messages)
            return await self._rest(claim, messages, out) if out < len(messages) else None
        thread = Place(mention.channel, mention.thread_ts, mention.ts or "")
        try:
            present = await self._completed(claim, thread, messages[0])
            return await self._posted(claim, thread, messages, present)
        except Undelivered as error:
            if error.retry_in is not None:
                raise
            # The channel is closed to us: the person who asked still gets an answer.
            logger.warning("mention %s is answered by direct message: %s", mention.id, error)
            return await self._posted(claim, await self._direct(claim), messages)

    async def _direct(self, claim: Claim) -> Place:
        """Where direct messages with whoever asked go, since the question was accepted."""
        try:
            channel = await self.workspace.poster.direct(claim.mention.person)
        except SlackError as error:
            raise sending.undelivered(error, claim.attempts) from error
        return Place(channel, None, sending.earliest(claim.created_at))

    async def _completed(self, claim: Claim, place: Place, message: Message) -> Mapping[int, str]:
        """The first part in the message that was written live, if there is one."""
        hold, ts = self._hold(claim), claim.stream_ts
        if ts == "":
            workspace = self.workspace
            ts = await completing.started(workspace.client, workspace.me, hold, place)
        if ts:
            ts = await completing.complete(self.workspace.poster, hold, place, ts, message)
        return {1: ts} if ts else {}

    async def _posted(
        self,
        claim: Claim,
        place: Place,
        messages: Sequence[Message],
        present: Mapping[int, str] = NOTHING_YET,
    ) -> str:
        hold = self._hold(claim)
        return await sending.send(self.workspace.poster, hold, place, messages, present)

    def _hold(self, claim: Claim) -> Hold:
        renew = partial(self.ledger.renew, claim)
        return Hold(claim.mention.id, renew, claim.attempts, claim.resumed)

    async def _rest(self, claim: Claim, messages: Sequence[Message], out: int) -> str | None:
        """By direct message, what a command's address did not take."""
        taken = dict.fromkeys(range(1, out + 1), "")
        return await self._posted(claim, await self._direct(claim), messages, taken) or None

    async def _responded(self, claim: Claim, url: str, messages: Sequence[Message]) -> int:
        """How many parts the slash command's own address took; it does so for 30 minutes.

        What is there cannot be looked up. So each part is noted, where other answers note the
        message that they are written into, and whoever resumes goes on behind it.
        """
        out = int(claim.stream_ts or 0)
        for message in messages[out:]:
            if not await self._responded_once(claim, url, message, replace=out == 0):
                break
            out += 1
            await written_down(partial(self.ledger.streaming, claim, str(out)))
        return out

    async def _responded_once(
        self, claim: Claim, url: str, message: Message, *, replace: bool
    ) -> bool:
        for _ in range(_TRIES):
            try:
                async with sending.while_ours(partial(self.ledger.renew, claim)):
                    await self.workspace.poster.respond(url, message, replace=replace)
            except RateLimited as error:
                await sending.wait(error)
            except Refused as error:
                logger.info("mention %s: response_url refuses: %s", claim.mention.id, error)
                return False
            except (Ambiguous, TimeoutError):
                await asyncio.sleep(_SETTLE_S)
            else:
                return True
        raise Undelivered("response_url does not answer", sending.pause(claim.attempts))
