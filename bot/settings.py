"""The settings: read once from the environment, checked together, frozen."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    AliasChoices,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_TEAM = r"T[A-Z0-9]{1,30}"


class SettingsError(Exception):
    """What is wrong with the environment, a line for each variable."""


def _plain(name: str) -> AliasChoices:
    """A variable that goes by its usual name, or with the project's prefix."""
    return AliasChoices(f"KNOWHOW_{name}", name)


class Settings(BaseSettings):
    """Everything that may differ between two installations.

    Secrets are SecretStr, so that no repr, log or traceback shows them.
    """

    model_config = SettingsConfigDict(
        env_prefix="KNOWHOW_", frozen=True, extra="ignore", env_ignore_empty=True
    )

    home: Path = Path.home() / ".knowhow"
    """Where embedded state lives: the database and the encoder's graph."""

    database_url: SecretStr | None = None
    """Any Postgres with pgvector 0.8 or newer; nothing embedded starts then."""

    replica_urls: SecretStr | None = None
    """Streaming replicas for searches to read, with commas between."""

    replica_lag_s: float = Field(default=5.0, gt=0)
    """A replica further behind than this is left out until it has caught up."""

    embedder: str = "minilm"
    """``minilm``, ``fastembed:NAME`` or ``openai:NAME``."""

    chat_model: str = "gpt-5.4-mini"
    """A model of the OpenAI-compatible endpoint; ``none`` answers by quoting the documents."""

    chat_price: Annotated[tuple[float, float] | None, NoDecode] = None
    """US dollars per million tokens, ``input/output``, for the cost of each answer."""

    chat_timeout_s: float = Field(default=60.0, gt=0)

    fallback_base_url: str | None = None
    """A second OpenAI-compatible endpoint, asked while the first fails."""

    fallback_api_key: SecretStr | None = None
    fallback_model: str | None = None

    router_model: Literal["on", "off"] = "off"
    """Whether the chat model is asked which side answers, where the router is in doubt."""

    openai_api_key: SecretStr | None = Field(
        default=None, validation_alias=_plain("OPENAI_API_KEY")
    )
    openai_base_url: str | None = Field(default=None, validation_alias=_plain("OPENAI_BASE_URL"))

    domain_url: str | None = None
    """An OpenAI-compatible server of the adapters that ``tune train --backend lora`` made."""

    domain_key: SecretStr | None = None
    """A key for it, where it wants one."""

    slack_bot_token: SecretStr | None = Field(
        default=None, validation_alias=_plain("SLACK_BOT_TOKEN")
    )
    slack_app_token: SecretStr | None = Field(
        default=None, validation_alias=_plain("SLACK_APP_TOKEN")
    )
    slack_signing_secret: SecretStr | None = Field(
        default=None, validation_alias=_plain("SLACK_SIGNING_SECRET")
    )
    slack_config_token: SecretStr | None = Field(
        default=None, validation_alias=_plain("SLACK_CONFIG_TOKEN")
    )
    """Lets the doctor read the app's own manifest."""

    slack_client_id: str | None = Field(default=None, validation_alias=_plain("SLACK_CLIENT_ID"))
    """Set: any number of workspaces install the app, each with a knowledge base of its own."""

    slack_client_secret: SecretStr | None = Field(
        default=None, validation_alias=_plain("SLACK_CLIENT_SECRET")
    )
    slack_api_url: str = Field(
        default="https://slack.com/api/", validation_alias=_plain("SLACK_API_URL")
    )

    public_url: str | None = None
    """Where ``serve --http`` is reached from outside; workspaces install under it."""

    token_keys: SecretStr | None = None
    """Keys that the workspaces' tokens are encrypted with, the newest first, commas between."""

    teams: Annotated[frozenset[str], NoDecode] = frozenset()
    """The workspaces that may install the app, by ID with commas between; none given: any may."""

    workspace: str | None = None
    """Whose knowledge base a command works on, where several workspaces installed the app."""

    admins: Annotated[frozenset[str], NoDecode] = frozenset()
    """Slack user IDs, with commas between, who run Knowhow beside the workspace's own admins."""

    daily_questions: int = Field(default=200, ge=1)
    """So many one person may ask in Slack in a day; a channel's policy may set its own limit."""

    host: str = "127.0.0.1"
    """Where ``serve --http`` listens; 0.0.0.0 behind a reverse proxy."""

    port: int = Field(default=3000, ge=0, le=65535)
    workers: int = Field(default=4, ge=1, le=256)
    """Questions answered at the same time by one process."""

    lease_s: float = Field(default=60.0, ge=5.0, le=600.0)
    """How long a worker that died or froze keeps its questions; while it lives it renews."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("chat_price", mode="before")
    @classmethod
    def _price(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            paid, written = (float(part) for part in value.split("/"))
        except ValueError:
            raise ValueError("expected two numbers, input/output, such as 0.15/0.60") from None
        if paid < 0 or written < 0:
            raise ValueError("a price is not negative")
        return (paid, written)

    @field_validator("admins", mode="before")
    @classmethod
    def _admins(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        users = frozenset(part.strip() for part in value.split(",") if part.strip())
        if not all(re.fullmatch(r"[UW][A-Z0-9]+", user) for user in users):
            raise ValueError("expected Slack user IDs with commas between, such as U012AB3CD")
        return users

    @field_validator("teams", mode="before")
    @classmethod
    def _teams(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        teams = frozenset(part.strip() for part in value.split(",") if part.strip())
        if not all(re.fullmatch(_TEAM, team) for team in teams):
            raise ValueError("expected workspaces' IDs with commas between, such as T012AB3CD")
        return teams

    @field_validator("workspace")
    @classmethod
    def _workspace(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(_TEAM, value):
            raise ValueError("expected a workspace's ID, such as T012AB3CD")
        return value

    @field_validator("public_url")
    @classmethod
    def _https(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith("https://"):
            raise ValueError("expected a URL that starts with https://: Slack calls no other")
        return value and value.rstrip("/")

    @field_validator("embedder")
    @classmethod
    def _embedder(cls, value: str) -> str:
        kind, _, name = value.partition(":")
        if value != "minilm" and not (kind in {"fastembed", "openai"} and name):
            raise ValueError("expected minilm, fastembed:NAME or openai:NAME")
        return value

    @field_validator("slack_api_url", "openai_base_url", "domain_url", "fallback_base_url")
    @classmethod
    def _http(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("expected a URL that starts with http:// or https://")
        return value

    @model_validator(mode="after")
    def _fallback(self) -> Self:
        if (self.fallback_base_url is None) != (self.fallback_model is None):
            raise ValueError("KNOWHOW_FALLBACK_BASE_URL and KNOWHOW_FALLBACK_MODEL go together")
        return self

    @property
    def lease(self) -> timedelta:
        """For `open_slack`."""
        return timedelta(seconds=self.lease_s)

    @property
    def writes_answers(self) -> bool:
        """Whether a chat model writes the answers; without a key or an endpoint none can."""
        return self.chat_model != "none" and bool(self.openai_api_key or self.openai_base_url)


def read_settings() -> Settings:
    """The environment's settings.

    Raises SettingsError with a line for every variable that cannot be used, all at once.
    """
    try:
        return Settings()
    except ValidationError as error:
        lines = [
            f"{_variable(problem['loc'])}{problem['msg'].removeprefix('Value error, ')}"
            for problem in error.errors(include_url=False, include_input=False)
        ]
        raise SettingsError("; ".join(sorted(lines))) from None


def _variable(location: tuple[int | str, ...]) -> str:
    if not location:  # a matter of several, which the message names
        return ""
    usual = str(location[0]).upper().removeprefix("KNOWHOW_")
    plain = usual.startswith(("OPENAI_", "SLACK_"))
    return f"{usual}: " if plain else f"KNOWHOW_{usual}: "
