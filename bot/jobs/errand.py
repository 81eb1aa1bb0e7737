"""The job: take a lane's oldest errand and run its handler until it is done, once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
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
from bot.slack.sending import Hold, Place
from bot.slack.workspaces import Workspace
from knowledge.errors import KnowledgeError
from knowledge.storage.library import Library

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
_RETRY_AFTER = timedelta(seconds=2)
_CLOCKS_DIFFER = timedelta(minutes=10)
"""Slack's clock, which makes each ts, and the database's may differ by less than this."""


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
        return f"{(self.held.created_at - _CLOCKS_DIFFER).timestamp():.6f}"


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
        errand = held.errand
        try:
            workspace = await self.desk.workspaces.of(errand.team)
            hands = Hands(held, self.desk, workspace, self.library)
            await self.handlers[errand.kind](hands)
            await self.desk.errands.finish(held)
        except LeaseLost:
            raise
        except Undelivered as error:
            if error.retry_in is None:
                await self._failed(held, error)
            else:
                await self._give_back(held, error.retry_in, str(error))
        except Exception as error:  # noqa: BLE001 - whoever clicked is owed a word
            if held.attempts < MAX_ATTEMPTS:
                logger.warning("errand %s failed, again: %s", errand.id, type(error).__name__)
                await self._give_back(held, _RETRY_AFTER * held.attempts, type(error).__name__)
            else:
                await self._failed(held, error)

    async def _failed(self, held: HeldErrand, error: Exception) -> None:
        """Close it, and tell whoever wanted it what did not happen, if Slack lets us."""
        errand = held.errand
        known = isinstance(error, (AgentError, KnowledgeError, SlackError))
        logger.error(
            "errand %s (%s) failed: %s%s",
            errand.id,
            errand.kind,
            type(error).__name__,
            "" if known else f"\n{trace(error)}",
        )
        if errand.person:
            with suppress(SlackError):
                workspace = await self.desk.workspaces.of(errand.team)
                hands = Hands(held, self.desk, workspace, self.library)
                reader = (await workspace.people.about(errand.person)).language
                why = why_of(error, reader) if isinstance(error, AgentError) else ""
                apology = answer_messages(notices.apology(errand.id, reader, why))
                await hands.send("apology", await hands.direct(errand.person), apology)
        await self.desk.errands.finish(held, f"{type(error).__name__}: {error}")

    async def _give_back(
        self, held: HeldErrand, delay: timedelta, error: str | None = None
    ) -> None:
        try:
            await self.desk.errands.postpone(held, delay, error)
        except LeaseLost as lost:
            logger.info("%s", lost)
