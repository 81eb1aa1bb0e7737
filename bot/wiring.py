"""The composition root: settings in, the parts put together out; `live_agent` adds the agent.

What is heavy to import is imported when it is needed, so that `knowhow search` need not load what
only an answer takes.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from agent.breaker import Breaker
from agent.learned.endpoints import Endpoints
from bot.settings import Settings, SettingsError
from knowledge.database import IDLE, Database, current_revision, open_database
from knowledge.embedding import Encoder
from knowledge.replicas import Replicas, open_replicas
from knowledge.retrieval.search import Search
from knowledge.schemas import workspace_schema
from knowledge.storage.library import Library

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from bot.slack.connection import SlackConnection
    from bot.slack.installs_connection import InstallsConnection


@dataclass(frozen=True, slots=True)
class Knowhow:
    """The parts every command may need; heavier ones are opened on top by who needs them."""

    settings: Settings
    database: Database
    encoder: Encoder
    endpoint: "AsyncOpenAI | None"
    """The OpenAI-compatible endpoint; None where no setting asks for one."""
    adapters: "AsyncOpenAI | None" = None
    """The server of domain models trained on this machine; None where no setting names one."""
    fallback: "AsyncOpenAI | None" = None
    """The endpoint that is asked while the first fails; None where no setting names one."""
    breakers: tuple[Breaker, Breaker] = field(default_factory=lambda: (Breaker(), Breaker()))
    """What this process knows of the two endpoints' failures, whichever workspace met them."""
    replicas: Replicas | None = None
    """Where searches read beside the primary."""

    @property
    def models(self) -> Path:
        """The folder of adapters that were trained here, each workspace's apart."""
        models = self.settings.home.resolve() / "models"
        return models / self.settings.workspace if self.settings.workspace else models

    @property
    def endpoints(self) -> Endpoints:
        """Where the answers of generative domain models come from."""
        return Endpoints(self.endpoint, self.adapters, self.settings.chat_timeout_s)

    @property
    def library(self) -> Library:
        """The write side of the knowledge base."""
        return Library(self.database, self.encoder)

    @property
    def search(self) -> Search:
        """The read side of the knowledge base."""
        return Search(self.database, self.encoder, replicas=self.replicas)


@asynccontextmanager
async def open_knowhow(settings: Settings, *, on_duty: bool = False) -> AsyncIterator[Knowhow]:
    """Open the database, embedded or given, and name the encoder; models load when first used.

    Where several workspaces installed the app, it is that of the one that the settings name.
    Raises SettingsError when they name none, or one that has not.
    """
    async with open_main(settings, on_duty=on_duty) as main:
        if settings.workspace is not None:
            own = of_workspace(main, settings.workspace)
            if await current_revision(own.database) is None:
                raise SettingsError(
                    f"KNOWHOW_WORKSPACE: {settings.workspace} has not installed the app; "
                    "`knowhow workspaces list` shows which have"
                )
            yield own
        elif settings.slack_client_id is not None:
            raise SettingsError(
                "KNOWHOW_WORKSPACE not set: each workspace has a knowledge base of its own, "
                "`knowhow workspaces list` shows which there are"
            )
        else:
            yield main


def of_workspace(main: Knowhow, team: str) -> Knowhow:
    """The same parts over the schema of one workspace among many."""
    database = workspace_schema(main.database, team)
    settings = main.settings.model_copy(update={"workspace": team})
    return replace(main, database=database, settings=settings)


@asynccontextmanager
async def open_main(settings: Settings, *, on_duty: bool = False) -> AsyncIterator[Knowhow]:
    """As `open_knowhow`, over the main schema, whatever workspaces there are.

    ``on_duty`` are the processes that serve Slack: one that is frozen within a transaction keeps
    its locks no longer than a lease.
    """
    url = settings.database_url
    idle = settings.lease if on_duty else IDLE
    asked = settings.openai_api_key or settings.openai_base_url
    wanted = bool(asked) or settings.embedder.startswith("openai:")
    replicas = [one.strip() for one in _secret(settings.replica_urls).split(",") if one.strip()]
    async with (
        _client(settings.openai_base_url, settings.openai_api_key, wanted=wanted) as endpoint,
        _client(
            settings.domain_url, settings.domain_key, wanted=bool(settings.domain_url)
        ) as adapters,
        _client(
            settings.fallback_base_url,
            settings.fallback_api_key,
            wanted=settings.fallback_base_url is not None,
        ) as fallback,
        open_database(url.get_secret_value() if url else None, settings.home, idle) as database,
        open_replicas(database, replicas, settings.replica_lag_s) as opened,
    ):
        encoder = _encoder(settings, endpoint)
        yield Knowhow(
            settings,
            database,
            encoder,
            endpoint,
            adapters,
            fallback,
            replicas=opened if replicas else None,
        )


def _secret(given: SecretStr | None) -> str:
    return given.get_secret_value() if given else ""


@asynccontextmanager
async def _client(
    url: str | None, key: SecretStr | None, *, wanted: bool
) -> "AsyncIterator[AsyncOpenAI | None]":
    if not wanted:
        yield None
        return
    from openai import AsyncOpenAI

    # A local server needs no key, the SDK insists on one.
    given = key.get_secret_value() if key else "none"
    async with AsyncOpenAI(api_key=given, base_url=url, max_retries=0) as client:
        yield client


def _encoder(settings: Settings, endpoint: "AsyncOpenAI | None") -> Encoder:
    kind, _, name = settings.embedder.partition(":")
    cache = settings.home / "encoders"
    if endpoint is not None and kind == "openai":
        from knowledge.embedding.openai import OpenAIEncoder

        return OpenAIEncoder(endpoint, name)
    if kind == "fastembed":
        from knowledge.embedding.fastembed import FastEmbed

        return FastEmbed(name, cache)
    from knowledge.embedding.minilm import MiniLM

    return MiniLM(cache)


def slack_connection(settings: Settings, *required: str) -> "SlackConnection":
    """What the environment says about Slack.

    ``required`` are the variables that must be set; raises SettingsError naming all that are not.
    """
    from bot.slack.connection import SlackConnection

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
    return SlackConnection(
        bot or "", settings.slack_api_url, app, signing, settings.admins, settings.daily_questions
    )


def installs_connection(settings: Settings, *, serving: bool = False) -> "InstallsConnection":
    """What the environment says about an app that workspaces install.

    ``serving`` takes more of it than working or looking does. Raises SettingsError naming all
    that is not set.
    """
    from bot.slack.installs_connection import InstallsConnection
    from bot.slack.installs_keys import read_keys

    if settings.slack_client_id is None:
        raise SettingsError(
            "SLACK_CLIENT_ID not set: without it there is one workspace, that of SLACK_BOT_TOKEN"
        )
    if settings.slack_bot_token is not None:
        raise SettingsError(
            "SLACK_BOT_TOKEN and SLACK_CLIENT_ID are both set: the first is for one workspace, "
            "the second for any number; unset one"
        )
    given = {
        "SLACK_CLIENT_SECRET": settings.slack_client_secret,
        "SLACK_SIGNING_SECRET": settings.slack_signing_secret,
        "KNOWHOW_PUBLIC_URL": settings.public_url,
    }
    missing = [name for name, value in given.items() if value is None]
    if serving and missing:
        raise SettingsError(
            f"{' and '.join(missing)} not set: “Basic Information” of the Slack app shows its "
            "secrets, KNOWHOW_PUBLIC_URL is where `knowhow serve --http` is reached"
        )
    return InstallsConnection(
        settings.slack_client_id,
        _secret(settings.slack_client_secret),
        _secret(settings.slack_signing_secret),
        read_keys(_secret(settings.token_keys)),
        settings.public_url or "",
        settings.slack_api_url,
        settings.teams,
        settings.daily_questions,
    )
