"""What it takes to be installed in many workspaces, and the services behind it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from cryptography.fernet import MultiFernet
from slack_sdk.web.async_client import AsyncWebClient

from agent.leasing import LEASE
from bot.slack.connection import SlackConnection, answered, open_client
from bot.slack.errors import Refused, SlackError
from bot.slack.installs import Installs
from bot.slack.installs_services import Services
from knowledge.database import Database

_OUT = frozenset({"token_revoked", "account_inactive", "invalid_auth"})


@dataclass(frozen=True, slots=True)
class InstallsConnection:
    """What the environment says of the app; secrets stay out of the repr.

    ``teams`` are the workspaces that may install it, none named: any may.
    """

    client_id: str
    client_secret: str = field(repr=False)
    signing_secret: str = field(repr=False)
    keys: MultiFernet = field(repr=False)
    public_url: str = ""
    api_url: str = "https://slack.com/api/"
    teams: frozenset[str] = frozenset()
    daily_questions: int = 200

    async def uninstall(self, client: AsyncWebClient, token: str) -> bool:
        """Have Slack take the app out of the token's workspace; whether it is out."""
        arguments = {"client_id": self.client_id, "client_secret": self.client_secret}
        try:
            await answered(client.apps_uninstall(**arguments, token=token))
        except Refused as error:
            return error.code in _OUT
        except SlackError:
            return False
        return True

    def installs(self, main: Database) -> Installs:
        """Who has the app, over the main database."""
        return Installs(main, self.client_id, self.keys)


@asynccontextmanager
async def open_services(
    connection: InstallsConnection, main: Database, models: Path, lease: timedelta = LEASE
) -> AsyncIterator[tuple[Services, AsyncWebClient]]:
    """All workspaces, and a client without a token; ``models`` is the folder of their adapters.

    Raises SlackError when a token cannot be decrypted: better known at the start.
    """
    installs = connection.installs(main)
    await installs.all()
    async with open_client(SlackConnection("", connection.api_url)) as client:
        url = f"{connection.public_url}/slack/install"
        yield (
            Services(
                main,
                installs,
                client,
                url,
                models,
                lease=lease,
                daily_questions=connection.daily_questions,
            ),
            client,
        )
