"""One attempt at a question: the agent's events become signs of life, until done or stopped."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from agent.answers import Answer, Question
from agent.events import Delta, Done, Event, Step
from agent.ledger import Ledger
from agent.mentions import Claim
from bot.slack.live import Live
from bot.slack.status import Showing

logger = logging.getLogger(__name__)

_LOOK_EVERY_S = 1.0


class Asks(Protocol):
    """The agent, as a worker uses it."""

    def stream(self, question: Question) -> AsyncIterator[Event]:
        """Steps and text as they come, and the answer or abstention as `Done`.

        Raises AgentError or KnowledgeError with a line for a person.
        """
        ...


class Stopped(Exception):
    """The person who waits pressed stop."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What one attempt takes; ``live`` is None where the answer is not to be streamed."""

    agent: Asks
    ledger: Ledger
    claim: Claim
    showing: Showing
    live: Live | None

    async def answer(self, question: Question) -> Answer:
        """The agent's answer. Raises Stopped, and what the agent raises."""
        async with AsyncExitStack() as open_while:
            if self.live is not None:
                await open_while.enter_async_context(self.live.writing())
            thinking = asyncio.create_task(self._heard(question))
            watching = asyncio.create_task(self._until_stopped())
            try:
                await asyncio.wait({thinking, watching}, return_when=asyncio.FIRST_COMPLETED)
                if thinking.done():
                    return thinking.result()
                raise Stopped
            finally:
                for task in (thinking, watching):
                    task.cancel()
                await asyncio.wait({thinking, watching})

    async def _heard(self, question: Question) -> Answer:
        async for event in self.agent.stream(question):
            match event:
                case Step(text=step):
                    self.showing.say(step)
                case Delta(text=more):
                    if self.live is not None:
                        self.live.hear(more)
                case Done(answer=answer):
                    return answer
        raise RuntimeError("the agent ended without an answer")

    async def _until_stopped(self) -> None:
        """Returns when somebody pressed stop; Slack only lets them while it shows the button."""
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            with suppress(SQLAlchemyError):
                if self.showing.stoppable and await self.ledger.is_stopped(self.claim):
                    return
