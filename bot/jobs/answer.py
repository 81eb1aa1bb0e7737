"""The job: take a lane's oldest question, answer it, post the answer, close the row.

Jobs run at least once; the ledger and the message's metadata make of that one answer.
"""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from agent.answers import Answer
from agent.citing import freshness
from agent.errors import UnusableQuestion
from agent.leasing import LeaseLost
from agent.ledger import Ledger
from agent.mentions import Claim
from bot.jobs import notices
from bot.jobs.admission import Admission
from bot.jobs.asking import Asking, Asks, Stopped
from bot.jobs.attempts import MAX_ATTEMPTS, Again, Attempt, failed, given_up, instead, stopped_words
from bot.jobs.delivery import Delivery
from bot.jobs.leased import AWAY, HAND_BACK, keep, stopped, written_down
from bot.slack.attachments import Attached, Attachments
from bot.slack.desk import Desk
from bot.slack.errors import SlackError, Undelivered
from bot.slack.frame import Frame
from bot.slack.live import Live
from bot.slack.places import looked_up
from bot.slack.thread import Earlier, earlier
from bot.slack.workspaces import Workspace

logger = logging.getLogger(__name__)

_MOST_DELIVERIES = 10
"""More than of the asking: an error that nobody has thought of may still be gone the next time."""
_RETRY_AFTER = timedelta(seconds=2)
_WORTH_SAYING = frozenset({"knowledge", "domain", "both"})
"""Routes whose answers are wanted by people who asked nobody."""

_KEEP_POSTING_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class AnswerJob:
    """All that answering a mention takes. ``patience`` bounds the agent's thinking."""

    desk: Desk
    agent: Asks
    admission: Admission
    attachments: Attachments | None = None
    """None: files are not read."""

    patience: timedelta = timedelta(minutes=5)

    @property
    def ledger(self) -> Ledger:
        """Where the questions are."""
        return self.desk.ledger

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
            with suppress(LeaseLost):
                await asyncio.shield(self.ledger.hand_back(claim, HAND_BACK))
            raise
        finally:
            await stopped(work)

    async def _work(self, claim: Claim) -> None:
        mention = claim.mention
        workspace = await self.desk.workspaces.of(mention.team)
        policy = await self.desk.policies.of(mention.team, mention.channel)
        reader = policy.language or (await workspace.people.about(mention.person)).language
        async with workspace.status.shown(mention, reader) as showing:
            live = self._live(claim, workspace)
            attempt = Attempt(claim, workspace, policy, reader, showing, live)
            try:
                answer, error = await self._decided(attempt)
                try:
                    await self._deliver(attempt, answer, error)
                except (LeaseLost, SlackError, *AWAY):
                    raise
                except Exception as failure:
                    if claim.attempts <= _MOST_DELIVERIES:
                        raise
                    answer, error = given_up(attempt, failure)
                    await self.ledger.decide(claim, answer, error)
                    await self._deliver(attempt, answer, error)
            except Undelivered as undelivered:
                await self._undelivered(claim, undelivered)
            except Again as again:
                await self._give_back(claim, _RETRY_AFTER * claim.attempts, again.error)

    def _live(self, claim: Claim, workspace: Workspace) -> Live | None:
        """Only the first to answer writes live: whoever resumes completes that message."""
        mention, poster = claim.mention, workspace.poster
        fresh = claim.stream_ts is None and claim.answer is None
        silent = mention.thread_ts is None or mention.kind == "overheard"
        if silent or not fresh or not poster.streams.possible:
            return None
        return Live(poster, mention, partial(self.ledger.streaming, claim))

    async def _deliver(self, attempt: Attempt, answer: Answer, error: str | None) -> None:
        """Say it where it is wanted, and close the row."""
        claim, ts = attempt.claim, None
        if claim.mention.kind != "overheard" or answer.route in _WORTH_SAYING:
            frame = await self._frame(attempt, answer)
            delivery = Delivery(self.ledger, attempt.workspace)
            ts = await delivery.deliver(attempt.held, answer, frame)
        await self._finish(claim, ts, error)

    async def _decided(self, attempt: Attempt) -> tuple[Answer, str | None]:
        """What is to be posted: fixed by an earlier attempt, or by this one."""
        claim = attempt.claim
        if claim.answer is not None:
            return claim.answer, claim.error
        answer, error = await self._answered(attempt)
        await self.ledger.decide(claim, answer, error)
        return answer, error

    async def _answered(self, attempt: Attempt) -> tuple[Answer, str | None]:
        claim, reader = attempt.claim, attempt.reader
        mention = await looked_up(attempt.workspace.client, claim.mention)
        notice = instead(claim)
        if mention is None or notice:
            return notices.notice((notice or notices.NOT_HERE).to(reader)), None
        if claim.attempts > MAX_ATTEMPTS:  # each attempt before took its worker with it
            sorry = notices.apology(claim.mention.id, reader)
            return sorry, claim.error or "every attempt was cut off"
        try:
            async with asyncio.timeout(self.patience.total_seconds()):
                seen = replace(attempt, claim=replace(claim, mention=mention))
                return await self._asked(seen), None
        except Stopped:
            return notices.notice(stopped_words(claim.mention).to(reader)), None
        except UnusableQuestion as error:
            return notices.notice(error.said.to(reader)), None
        except Exception as error:  # noqa: BLE001 - the person who asked is owed a word
            return failed(attempt, error)

    async def _asked(self, attempt: Attempt) -> Answer:
        """The agent's answer on the channel's terms, with the files the question comes with."""
        claim, workspace = attempt.claim, attempt.workspace
        mention = claim.mention
        terms = await self.admission.terms(claim, workspace)
        if terms.refusal is not None:
            return terms.refusal
        before, attached = Earlier(), Attached()
        if claim.first:
            before = await earlier(workspace.client, workspace.me, mention)
        if self.attachments is not None:
            attached = await self.attachments.read(workspace, mention, before.files)
        if not mention.text:
            return attached.introduced()
        question = attached.beside(terms.question(mention, before.turns))
        asking = Asking(self.agent, self.ledger, claim, attempt.showing, attempt.live)
        return attached.noted(terms.explained(await asking.answer(question)))

    async def _frame(self, attempt: Attempt, answer: Answer) -> Frame:
        """What surrounds the answer, with how its sources stand now."""
        mention = attempt.claim.mention
        private = mention.kind == "command"
        shown = {one.document_id for one in (*answer.citations, *answer.nearest)}
        return Frame(
            language=attempt.reader,
            mention=mention.id,
            alone=private or mention.kind == "direct",
            shareable=private and not answer.abstained,
            asked=mention.text if private else "",
            freshness=await freshness(self.desk.database, shown),
        )

    async def _undelivered(self, claim: Claim, undelivered: Undelivered) -> None:
        """Later, or never: what cannot be said in Slack is at least in the ledger and the log."""
        reason = str(undelivered)
        age = datetime.now(UTC) - claim.created_at
        if undelivered.retry_in is None or age > _KEEP_POSTING_FOR:
            logger.error("mention %s cannot be answered in Slack: %s", claim.mention.id, reason)
            await self._finish(claim, None, f"not posted: {reason}")
            return
        logger.warning("mention %s is posted later: %s", claim.mention.id, reason)
        await self._give_back(claim, undelivered.retry_in)

    async def _finish(self, claim: Claim, answer_ts: str | None, error: str | None) -> None:
        await written_down(partial(self.ledger.finish, claim, answer_ts, error))

    async def _give_back(self, claim: Claim, delay: timedelta, error: str | None = None) -> None:
        try:
            await self.ledger.postpone(claim, delay, error)
        except LeaseLost as lost:
            logger.info("%s", lost)
