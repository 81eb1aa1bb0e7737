"""The job: take a lane's oldest errand and run its handler until it is done, once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from agent.errands import HeldErrand
from agent.errors import AgentError
from agent.leasing import LeaseLost
from agent.retold import why_of
from bot.jobs import notices
from bot.jobs.leased import HAND_BACK, keep, stopped
from bot.jobs.traces import trace
from bot.slack import sending
from bot.slack.blocks import Message, answer_messages
from bot.slack.desk import Desk
from bot.slack.errors import SlackError, Undelivered
from bot.slack.people import Person
from bot.slack.sending import Hold, Place
from bot.slack.workspaces import Workspace
from knowledge.errors import KnowledgeError
from knowledge.storage.library import Library

logger = logging.getLogger(__name__)

MAX_FAILURES = 3
_RETRY_AFTER = timedelta(seconds=2)
_FAILURES, _FAILURE = "failures", "failure"
"""What is noted of them: how many there were, and which one was the last."""


@dataclass(frozen=True, slots=True)
class Hands:
    """All that a handler may use. ``library`` is the knowledge base's write side."""

    held: HeldErrand
    desk: Desk
    workspace: Workspace
    library: Library
    _sent: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def payload(self) -> Mapping[str, Any]:
        """What the click gave the handler."""
        return self.held.errand.payload

    async def note(self, **done: Any) -> None:
        """Remember what is done, for whoever resumes. Raises LeaseLost."""
        await self.desk.errands.note(self.held, **done)

    async def send(self, name: str, place: Place, messages: Sequence[Message]) -> str:
        """Send once, under a name of its own in this errand; returns the first message's ts.

        Raises Undelivered or LeaseLost. A handler that runs again gets the same ts and sends
        nothing.
        """
        known = self._sent.get(name) or self.held.progress.get(f"sent {name}")
        if known is None:
            errand = self.held.errand
            renew = partial(self.desk.errands.renew, self.held)
            resumed = self.held.attempts > 1
            hold = Hold(sending.named(errand.id, name), renew, self.held.attempts, resumed)
            known = await sending.send(self.workspace.poster, hold, place, messages)
            await self.note(**{f"sent {name}": known})
        self._sent[name] = str(known)
        return str(known)

    async def reach(self, name: str, person: str, message: Message) -> bool:
        """The same, directly to a person; False where Slack will never take it: they have left."""
        try:
            await self.send(name, await self.direct(person), (message,))
        except Undelivered as error:
            if error.retry_in is not None:
                raise
            logger.warning("%s cannot be written to: %s", person, error)
            return False
        return True

    async def clicked_by(self) -> Person:
        """Who wants it; nobody is refused a right because Slack did not answer just now."""
        who = await self.workspace.people.about(self.held.errand.person)
        if who.outside and not (who.known or who.admin):
            sending.try_again(self.held.attempts, "Slack does not say who clicked")
        return who

    async def direct(self, person: str) -> Place:
        """Where direct messages with a person go, since this errand was accepted."""
        try:
            channel = await self.workspace.poster.direct(person)
        except SlackError as error:
            raise sending.undelivered(error, self.held.attempts) from error
        return Place(channel, None, self.since)

    @property
    def since(self) -> str:
        """A ts before which nothing of this errand can have been sent, for `Place`."""
        return sending.earliest(self.held.created_at)


Handler = Callable[[Hands], Awaitable[None]]
"""Does an errand; may be run again at any point, and then must not do twice what it did."""


@dataclass(frozen=True, slots=True)
class ErrandJob:
    """What a worker runs for each wake-up; ``handlers`` are by the errand's kind."""

    desk: Desk
    library: Library
    handlers: Mapping[str, Handler]

    async def run(self, lane: str) -> None:
        """Work off the lane's oldest open errand; nothing when somebody else does."""
        held = await self.desk.errands.claim(lane)
        if held is None:
            return
        work = asyncio.create_task(self._work(held))
        try:
            await keep(work, partial(self.desk.errands.renew, held), self.desk.errands.lease)
        except LeaseLost as error:
            logger.warning("%s", error)
        except asyncio.CancelledError:
            await stopped(work)
            await asyncio.shield(self._give_back(held, HAND_BACK))
            raise
        finally:
            await stopped(work)

    async def _work(self, held: HeldErrand) -> None:
        try:
            failure = held.progress.get(_FAILURE) or await self._done(held)
            if failure is not None:
                await self._apologise(held, str(failure["why"]))
        except Undelivered as error:
            # What never can be said is at least in the table and the log.
            if error.retry_in is not None:
                await self._give_back(held, error.retry_in, str(error))
                return
        await self.desk.errands.finish(held, None if failure is None else str(failure["error"]))

    async def _done(self, held: HeldErrand) -> Mapping[str, str] | None:
        """Run the handler; returns how it failed for good, as it is noted for whoever resumes.

        Raises Undelivered where it is to be run again later.
        """
        errand = held.errand
        try:
            workspace = await self.desk.workspaces.of(errand.team)
            hands = Hands(held, self.desk, workspace, self.library)
            await self.handlers[errand.kind](hands)
        except LeaseLost:
            raise
        except Exception as error:
            if isinstance(error, Undelivered):
                if error.retry_in is not None:
                    raise
            # Waiting for Slack, and workers that were killed, are no failures of the errand.
            elif (failures := int(held.progress.get(_FAILURES, 0)) + 1) < MAX_FAILURES:
                logger.warning("errand %s failed, again: %s", errand.id, type(error).__name__)
                await self.desk.errands.note(held, **{_FAILURES: failures})
                raise Undelivered(type(error).__name__, _RETRY_AFTER * failures) from error
            return await self._failed(held, error)
        return None

    async def _failed(self, held: HeldErrand, error: Exception) -> Mapping[str, str]:
        """Note that it is given up, once and for all, and why."""
        errand = held.errand
        known = isinstance(error, (AgentError, KnowledgeError, SlackError))
        logger.error(
            "errand %s (%s) failed: %s%s",
            errand.id,
            errand.kind,
            type(error).__name__,
            "" if known else f"\n{trace(error)}",
        )
        why = ""
        if isinstance(error, AgentError) and errand.person:
            workspace = await self.desk.workspaces.of(errand.team)
            why = why_of(error, (await workspace.people.about(errand.person)).language)
        failure = {"error": f"{type(error).__name__}: {error}", "why": why}
        await self.desk.errands.note(held, **{_FAILURE: failure})
        return failure

    async def _apologise(self, held: HeldErrand, why: str) -> None:
        """Tell whoever wanted it what did not happen. Raises Undelivered."""
        errand = held.errand
        if not errand.person:
            return
        try:
            workspace = await self.desk.workspaces.of(errand.team)
        except SlackError:  # it has let us go
            return
        hands = Hands(held, self.desk, workspace, self.library)
        reader = (await workspace.people.about(errand.person)).language
        apology = answer_messages(notices.apology(errand.id, reader, why))
        await hands.send("apology", await hands.direct(errand.person), apology)

    async def _give_back(
        self, held: HeldErrand, delay: timedelta, error: str | None = None
    ) -> None:
        try:
            await self.desk.errands.postpone(held, delay, error)
        except LeaseLost as lost:
            logger.info("%s", lost)
