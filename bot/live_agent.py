"""The agent on live parts: it follows promotions and calibrations without a restart."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from langgraph.checkpoint.base import BaseCheckpointSaver

from agent.agent import Agent
from agent.answers import Answer, Question
from agent.conversation import open_memory
from agent.deps import Deps
from agent.events import Event
from agent.learned.loading import load_live
from agent.learned.registry import newest_state
from agent.models import ChatModel, Deadlines, Prices
from agent.prompting.prompt_registry import load_prompts
from agent.routing.calibration import current
from agent.routing.routing import Router
from agent.routing.small_talk import SmallTalk
from bot.wiring import Knowhow


class CurrentAgent:
    """The agent with the model that is live now: a promotion reaches running processes at once."""

    def __init__(self, knowhow: Knowhow, memory: BaseCheckpointSaver[str]) -> None:
        self._knowhow = knowhow
        self._memory = memory
        self._small_talk = SmallTalk(knowhow.encoder)
        self._agent: Agent | None = None
        self._state: object = None

    async def ask(self, question: Question) -> Answer:
        """The answer alone."""
        return await (await self._current()).ask(question)

    async def stream(self, question: Question) -> AsyncIterator[Event]:
        """Steps and pieces of text as they come, and at the end the answer."""
        async for event in (await self._current()).stream(question):
            yield event

    async def _current(self) -> Agent:
        state = await newest_state(self._knowhow.database)
        if self._agent is None or state != self._state:
            deps = await _deps(self._knowhow, self._small_talk)
            self._agent, self._state = Agent(deps, self._memory), state
        return self._agent


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


async def _deps(knowhow: Knowhow, small_talk: SmallTalk) -> Deps:
    return Deps(
        search=knowhow.search,
        encoder=knowhow.encoder,
        router=(await current(knowhow.database, knowhow.encoder)).router(),
        small_talk=small_talk,
        domain=await load_live(knowhow.database, knowhow.encoder),
        chat=chat_model(knowhow),
        router_model=router_model(knowhow),
        prompts=await load_prompts(knowhow.database),
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
    return ChatModel(
        endpoint,
        settings.chat_model,
        prices=prices,
        deadlines=Deadlines(whole_s=settings.chat_timeout_s),
    )
