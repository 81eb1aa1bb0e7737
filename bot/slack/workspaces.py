"""Which workspace an event or a row belongs to, and our hands in it."""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from slack_sdk.web.async_client import AsyncWebClient

from agent.findings import Findings
from bot.slack.belonging import Belonging
from bot.slack.connection import Identity
from bot.slack.people import People
from bot.slack.posting import Poster
from bot.slack.status import Status

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Workspace:
    """One workspace as the bot sees it; what it remembers and paces is its own."""

    client: AsyncWebClient
    me: Identity
    poster: Poster
    status: Status
    belonging: Belonging
    people: People
    findings: Findings


class Workspaces(Protocol):
    """All that the bot is installed in."""

    async def of(self, team: str) -> Workspace:
        """The workspace with that ID. Raises NotInstalled."""
        ...

    async def left(self, when: datetime) -> None:
        """The workspace removed us, or took our token back, at ``when``."""
        ...


@dataclass(frozen=True, slots=True)
class OneWorkspace:
    """The workspace that the bot token of the settings belongs to."""

    workspace: Workspace

    async def of(self, team: str) -> Workspace:
        """It, whatever is asked: events of shared channels may carry another team's ID."""
        del team
        return self.workspace

    async def left(self, when: datetime) -> None:
        """Nothing is deleted: the knowledge base belongs to whoever runs the bot."""
        del when
        logger.error(
            "the app was removed from the workspace or its token revoked: install it again and "
            "put the new token into SLACK_BOT_TOKEN; the knowledge base stays as it is"
        )
