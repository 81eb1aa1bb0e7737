"""The arms of a comparison: ways to answer the same question, timed and paid as people would."""

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from agent.agent import Agent
from agent.answers import Answer, Question
from agent.errors import ModelUnavailable
from agent.evaluation.replies import Asked, Reply, Scored, score
from agent.evaluation.rightness import Rightness
from agent.learned.domain import DomainModel
from agent.models import Message
from agent.paid_replies import Completes
from knowledge.documents import Reader
from knowledge.embedding import Encoder

_CITED = re.compile(r"\[(\d{1,4})\]")
_FAILING = 0.05
"""The share of failed calls from which an endpoint is down and nothing was measured."""


class Arm(Protocol):
    """One way to answer."""

    async def ask(self, question: str) -> Reply:
        """What people would get. Raises ModelUnavailable when an endpoint does not answer."""
        ...


@dataclass(frozen=True, slots=True)
class AgentArm:
    """The whole agent: documents, router, and a domain model if it was given one."""

    agent: Agent
    reader: Reader

    async def ask(self, question: str) -> Reply:
        """Through the graph."""
        answer = await self.agent.ask(Question(question, self.reader))
        return Reply(
            answer.text,
            answer.route,
            answer.confidence,
            answer.timings_ms["total"],
            answer.cost_usd,
            _valid(answer),
        )


@dataclass(frozen=True, slots=True)
class ModelArm:
    """A domain model alone, which answers from its own threshold on."""

    model: DomainModel
    encoder: Encoder

    async def ask(self, question: str) -> Reply:
        """Its answer, or none."""
        started = time.perf_counter()
        covered = self.encoder.covers(question)
        vector = (await self.encoder.encode([question]))[0] if covered else None
        estimate = await self.model.estimate(question, vector)
        knows = estimate.confidence >= estimate.threshold
        text = await self.model.consult(question, estimate) if knows else ""
        took = 1000 * (time.perf_counter() - started)
        return Reply(text, "domain" if text else "none", estimate.confidence, took)


@dataclass(frozen=True, slots=True)
class ChatArm:
    """The chat model without any knowledge of the team; without one, nothing is ever known."""

    chat: Completes | None

    async def ask(self, question: str) -> Reply:
        """Its reply to the bare question."""
        if self.chat is None:
            return Reply("", "none", 0.0, 0.0)
        started = time.perf_counter()
        completion = await self.chat.complete([Message("user", question)])
        took = 1000 * (time.perf_counter() - started)
        return Reply(completion.text, "domain", 1.0, took, completion.cost_usd)


async def ask_all(
    arm: Arm,
    asked: Sequence[Asked],
    rightness: Rightness,
    width: int = 1,
    step: Callable[[], None] = lambda: None,
) -> tuple[Scored, ...]:
    """Every question, ``width`` at once; ``step`` is called after each.

    A call that fails is an abstention. Raises ModelUnavailable when more than a few fail.
    """
    free = asyncio.Semaphore(width)
    failures: list[ModelUnavailable] = []

    async def one(each: Asked) -> Scored:
        async with free:
            try:
                reply = await arm.ask(each.question)
            except ModelUnavailable as error:
                failures.append(error)
                reply = Reply("", "none", 0.0, 0.0, None, failed=str(error))
        if len(failures) > max(1, _FAILING * len(asked)):
            raise failures[-1]
        step()
        return score(reply, each, rightness)

    tasks = [asyncio.create_task(one(each)) for each in asked]
    try:
        return tuple(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()


def _valid(answer: Answer) -> bool | None:
    """Whether each [n] of the text has a citation, and each citation its [n]."""
    named = {int(n) for n in _CITED.findall(answer.text)}
    given = {citation.n for citation in answer.citations}
    if answer.route in {"domain", "chat", "clarify"} or not (named or given):
        return None  # a verified answer's brackets are the team's own
    return given <= named if answer.route == "both" else named == given
