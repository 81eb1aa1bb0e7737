"""The job: take a lane's oldest question, answer it, post the answer, close the row.

Jobs run at least once; the ledger and the message's metadata make of that one answer.
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol

from agent.answers import Answer, Question, Turn
from agent.errors import AgentError, UnusableQuestion
from agent.leasing import LeaseLost
from agent.ledger import Ledger
from agent.mentions import Claim
from bot.jobs import notices
from bot.jobs.delivery import Delivery
from bot.jobs.leased import HAND_BACK, keep, stopped
from bot.slack.errors import Undelivered
from bot.slack.thread import earlier_turns
from bot.slack.workspaces import Workspace, Workspaces
from knowledge.errors import KnowledgeError

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
_RETRY_AFTER = timedelta(seconds=2)
_KEEP_POSTING_FOR = timedelta(hours=24)


class Asks(Protocol):
    """The agent, as this job uses it."""

    async def ask(self, question: Question) -> Answer:
        """Answer, or abstain. Raises AgentError or KnowledgeError with a line for a person."""
        ...


@dataclass(frozen=True, slots=True)
class AnswerJob:
    """All that answering a mention takes. ``patience`` bounds the agent's thinking."""

    ledger: Ledger
    agent: Asks
    workspaces: Workspaces
    patience: timedelta = timedelta(minutes=5)

    async def run(self, lane: str) -> None:
        """Work off the lane's oldest open question; nothing when somebody else does."""
        claim = await self.ledger.claim(lane)
        if claim is None:
            return
        work = asyncio.create_task(self._work(claim))
        try:
            await keep(work, partial(self.ledger.renew, claim), self.ledger.lease)
        except LeaseLost as error:
            logger.warning("%s", error)
        except asyncio.CancelledError:
            await stopped(work)
            await asyncio.shield(self._give_back(claim, HAND_BACK))
            raise
        finally:
            await stopped(work)

    async def _work(self, claim: Claim) -> None:
        workspace = await self.workspaces.of(claim.mention.team)
        async with workspace.status.shown(claim.mention):
            try:
                answer, error = await self._decided(claim, workspace)
                ts = await Delivery(self.ledger, workspace.poster).deliver(claim, answer)
                await self.ledger.finish(claim, ts, error)
            except Undelivered as undelivered:
                await self._undelivered(claim, undelivered)
            except _Again as again:
                await self._give_back(claim, _RETRY_AFTER * claim.attempts, again.error)

    async def _decided(self, claim: Claim, workspace: Workspace) -> tuple[Answer, str | None]:
        """What is to be posted: fixed by an earlier attempt, or by this one."""
        if claim.answer is not None:
            return claim.answer, claim.error
        answer, error = await self._answered(claim, workspace)
        await self.ledger.decide(claim, answer, error)
        return answer, error

    async def _answered(self, claim: Claim, workspace: Workspace) -> tuple[Answer, str | None]:
        mention = claim.mention
        if mention.outside:
            return notices.notice(notices.OUTSIDE), None
        if not mention.text:
            return notices.notice(notices.EMPTY), None
        if claim.attempts > MAX_ATTEMPTS:  # each attempt before took its worker with it
            return notices.apology(mention.id), claim.error or "every attempt was cut off"
        try:
            async with asyncio.timeout(self.patience.total_seconds()):
                turns: tuple[Turn, ...] = ()
                if claim.first:
                    turns = await earlier_turns(workspace.client, workspace.me, mention)
                reader = await workspace.belonging.reader(mention)
                question = Question(
                    mention.text, reader, mention.thread, turns, mention.team, mention.id
                )
                return await self.agent.ask(question), None
        except UnusableQuestion as error:
            return notices.notice(str(error)), None
        except Exception as error:  # noqa: BLE001 - the person who asked is owed a word
            return self._failed(claim, error)

    def _failed(self, claim: Claim, error: Exception) -> tuple[Answer, str]:
        """The last attempt's failure, explained; an earlier one raises to be tried again."""
        seen = f"{type(error).__name__}: {error}"
        known = isinstance(error, (AgentError, KnowledgeError, TimeoutError))
        logger.error(
            "mention %s, attempt %d: %s",
            claim.mention.id,
            claim.attempts,
            type(error).__name__,
            exc_info=not known,
        )
        if claim.attempts < MAX_ATTEMPTS:
            raise _Again(seen) from error
        why = str(error) if isinstance(error, (AgentError, KnowledgeError)) else ""
        return notices.apology(claim.mention.id, why), seen

    async def _undelivered(self, claim: Claim, undelivered: Undelivered) -> None:
        """Later, or never: what cannot be said in Slack is at least in the ledger and the log."""
        reason = str(undelivered)
        age = datetime.now(UTC) - claim.created_at
        if undelivered.retry_in is None or age > _KEEP_POSTING_FOR:
            logger.error("mention %s cannot be answered in Slack: %s", claim.mention.id, reason)
            await self.ledger.finish(claim, None, f"not posted: {reason}")
            return
        logger.warning("mention %s is posted later: %s", claim.mention.id, reason)
        await self._give_back(claim, undelivered.retry_in)

    async def _give_back(self, claim: Claim, delay: timedelta, error: str | None = None) -> None:
        try:
            await self.ledger.postpone(claim, delay, error)
        except LeaseLost as lost:
            logger.info("%s", lost)


class _Again(Exception):
    """The attempt failed and another one may not."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error
