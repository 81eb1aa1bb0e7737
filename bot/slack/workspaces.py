"""Which workspace an event or a row belongs to, and our hands in it."""

from dataclasses import dataclass
from typing import Protocol

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.belonging import Belonging
from bot.slack.connection import Identity
from bot.slack.people import People
from bot.slack.posting import Poster
from bot.slack.status import Status


@dataclass(frozen=True, slots=True)
class Workspace:
    """One workspace as the bot sees it; what it remembers and paces is its own."""

    client: AsyncWebClient
    me: Identity
    poster: Poster
    status: Status
    belonging: Belonging
    people: People


class Workspaces(Protocol):
    """All that the bot is installed in."""

    async def of(self, team: str) -> Workspace:
        """The workspace with that ID. Raises NotInstalled."""
        ...


@dataclass(frozen=True, slots=True)
class OneWorkspace:
    """The workspace that the bot token of the settings belongs to."""

    workspace: Workspace

    async def of(self, team: str) -> Workspace:
        """It, whatever is asked: events of shared channels may carry another team's ID."""
        del team
        return self.workspace
