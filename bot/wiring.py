"""The composition root: settings in, the parts put together out. Nothing else builds a part."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from langgraph.checkpoint.base import BaseCheckpointSaver
from openai import AsyncOpenAI

from agent.agent import Agent
from agent.answers import Answer, Question
from agent.calibration import current
from agent.conversation import open_memory
from agent.deps import Deps
from agent.events import Event
from agent.models import ChatModel, Deadlines, Prices
from agent.registry import load_live, newest_state
from agent.routing import Router
from agent.small_talk import SmallTalk
from bot.settings import Settings, SettingsError
from bot.slack.connection import SlackConnection
from knowledge.database import Database, open_database
from knowledge.embedding import Encoder
from knowledge.library import Library
from knowledge.search import Search


@dataclass(frozen=True, slots=True)
class Knowhow:
    """The parts every command may need; heavier ones are opened on top by who needs them."""

    settings: Settings
    database: Database
    encoder: Encoder
    endpoint: AsyncOpenAI

    @property
    def library(self) -> Library:
        """The write side of the knowledge base."""
        return Library(self.database, self.encoder)

    @property
    def search(self) -> Search:
        """The read side of the knowledge base."""
        return Search(self.database, self.encoder)


@asynccontextmanager
async def open_knowhow(settings: Settings) -> AsyncIterator[Knowhow]:
    """Open the database, embedded or given, and name the encoder; models load when first used."""
    url = settings.database_url
    async with (
        _endpoint(settings) as endpoint,
        open_database(url.get_secret_value() if url else None, settings.home) as database,
    ):
        yield Knowhow(settings, database, _encoder(settings, endpoint), endpoint)


@asynccontextmanager
async def _endpoint(settings: Settings) -> AsyncIterator[AsyncOpenAI]:
    key = settings.openai_api_key
    # A local server needs no key, the SDK insists on one.
    async with AsyncOpenAI(
        api_key=key.get_secret_value() if key else "none",
        base_url=settings.openai_base_url,
        max_retries=0,
    ) as client:
        yield client


def _encoder(settings: Settings, endpoint: AsyncOpenAI) -> Encoder:
    kind, _, name = settings.embedder.partition(":")
    cache = settings.home / "encoders"
    if kind == "openai":
        from knowledge.embedding.openai import OpenAIEncoder

        return OpenAIEncoder(endpoint, name)
    if kind == "fastembed":
        from knowledge.embedding.fastembed import FastEmbed

        return FastEmbed(name, cache)
    from knowledge.embedding.minilm import MiniLM

    return MiniLM(cache)


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
        chat=_chat_model(knowhow),
    )


async def _deps(knowhow: Knowhow, small_talk: SmallTalk) -> Deps:
    return Deps(
        search=knowhow.search,
        encoder=knowhow.encoder,
        router=(await current(knowhow.database, knowhow.encoder)).router(),
        small_talk=small_talk,
        domain=await load_live(knowhow.database, knowhow.encoder),
        chat=_chat_model(knowhow),
    )


def _chat_model(knowhow: Knowhow) -> ChatModel | None:
    settings = knowhow.settings
    if not settings.writes_answers:
        return None
    prices = Prices(*settings.chat_price) if settings.chat_price else None
    return ChatModel(
        knowhow.endpoint,
        settings.chat_model,
        prices=prices,
        deadlines=Deadlines(whole_s=settings.chat_timeout_s),
    )


def slack_connection(settings: Settings, *required: str) -> SlackConnection:
    """What the environment says about Slack.

    ``required`` are the variables that must be set; raises SettingsError naming all that are not.
    """
    secrets = {
        "SLACK_BOT_TOKEN": settings.slack_bot_token,
        "SLACK_APP_TOKEN": settings.slack_app_token,
        "SLACK_SIGNING_SECRET": settings.slack_signing_secret,
    }
    missing = [name for name in required if secrets[name] is None]
    if missing:
        raise SettingsError(
            f"{' and '.join(missing)} not set: `knowhow manifest` makes the Slack app, "
            "its pages show the tokens"
        )
    given = (None if one is None else one.get_secret_value() for one in secrets.values())
    bot, app, signing = given
    return SlackConnection(bot or "", settings.slack_api_url, app, signing)
