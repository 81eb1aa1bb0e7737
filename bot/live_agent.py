"""The agent on live parts: it follows promotions and calibrations without a restart."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from langgraph.checkpoint.base import BaseCheckpointSaver

from agent.agent import Agent
from agent.answers import Answer, Question
from agent.conversation import open_memory
from agent.deps import Deps
from agent.events import Event
from agent.feedback.verified import VerifiedAnswers
from agent.learned.loading import load_version
from agent.learned.picking import picked
from agent.learned.promotions import Standing
from agent.learned.registry import Registry, newest_state
from agent.model_failures import FALLBACK
from agent.models import ChatModel, Deadlines, Prices
from agent.paid_replies import PaidReplies
from agent.prompting.prompt_registry import load_prompts
from agent.routing.calibration import current
from agent.routing.routing import Router
from agent.routing.small_talk import SmallTalk
from bot.wiring import Knowhow


class CurrentAgent:
    """The agent with the version that a question's readers get: a promotion is followed at once.

    Each version has its own calibration; agents are made when first needed and dropped when a
    promotion, a calibration or a prompt changes anything.
    """

    def __init__(self, knowhow: Knowhow, memory: BaseCheckpointSaver[str]) -> None:
        self._knowhow = knowhow
        self._memory = memory
        self._small_talk = SmallTalk(knowhow.encoder)
        self._known = _Known()

    async def ask(self, question: Question) -> Answer:
        """The answer alone."""
        return await (await self._agent(question)).ask(question)

    async def stream(self, question: Question) -> AsyncIterator[Event]:
        """Steps and pieces of text as they come, and at the end the answer."""
        async for event in (await self._agent(question)).stream(question):
            yield event

    async def _agent(self, question: Question) -> Agent:
        database = self._knowhow.database
        state = await newest_state(database)
        known = self._known
        if state != known.state:
            known = _Known(state, await Registry(database).standing())
        version = picked(known.standing, question)
        if version not in known.agents:
            deps = await _deps(self._knowhow, self._small_talk, version)
            known.agents[version] = Agent(deps, self._memory)
        # Only now: questions that came meanwhile share nothing that is half made.
        self._known = known
        return known.agents[version]


@dataclass(frozen=True, slots=True)
class _Known:
    """What is true as long as the database's state is this one; an agent for each version."""

    state: tuple[int | None, ...] | None = None
    standing: Standing = field(default_factory=Standing)
    agents: dict[int | None, Agent] = field(default_factory=dict)


@asynccontextmanager
async def open_agent(knowhow: Knowhow) -> AsyncIterator[CurrentAgent]:
    """The agent, with the memory of its conversations."""
    async with open_memory(knowhow.database) as memory:
        yield CurrentAgent(knowhow, memory)


async def documents_only(knowhow: Knowhow) -> Deps:
    """The agent's parts without a domain model: for evaluations on documents of their own."""
    return Deps(
        search=knowhow.search,
        encoder=knowhow.encoder,
        router=Router(),
        small_talk=SmallTalk(knowhow.encoder),
        chat=chat_model(knowhow),
        prompts=await load_prompts(knowhow.database),
    )


async def _deps(knowhow: Knowhow, small_talk: SmallTalk, version: int | None) -> Deps:
    database, encoder = knowhow.database, knowhow.encoder
    deps = replace(
        await documents_only(knowhow),
        small_talk=small_talk,
        verified=VerifiedAnswers(database, encoder),
        replies=PaidReplies(database),
    )
    if version is None:
        return deps
    return replace(
        deps,
        router=(await current(database, encoder, version)).router(),
        domain=await load_version(database, encoder, version, knowhow.endpoints),
        router_model=router_model(knowhow),
    )


def router_model(knowhow: Knowhow) -> ChatModel | None:
    """The chat model where the settings let the router ask it; None: it decides alone."""
    return chat_model(knowhow) if knowhow.settings.router_model == "on" else None


def chat_model(knowhow: Knowhow) -> ChatModel | None:
    """The one that the settings name; None where answers are quoted."""
    settings, endpoint = knowhow.settings, knowhow.endpoint
    if endpoint is None or not settings.writes_answers:
        return None
    prices = Prices(*settings.chat_price) if settings.chat_price else None
    deadlines = Deadlines(whole_s=settings.chat_timeout_s)
    first, second = knowhow.breakers
    fallback = None
    if knowhow.fallback is not None and settings.fallback_model is not None:
        fallback = ChatModel(
            knowhow.fallback,
            settings.fallback_model,
            deadlines=deadlines,
            named=FALLBACK,
            breaker=second,
        )
    return ChatModel(
        endpoint,
        settings.chat_model,
        prices=prices,
        deadlines=deadlines,
        breaker=first,
        fallback=fallback,
    )
