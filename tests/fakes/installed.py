"""The bot as workspaces install it: a door, a worker, and an agent for each workspace."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import aiohttp
from cryptography.fernet import Fernet, MultiFernet
from yarl import URL

from bot.http import http_app
from bot.jobs.asking import Asks
from bot.jobs.repeating import repeated
from bot.slack.installs_agents import Agents
from bot.slack.installs_connection import InstallsConnection, open_services
from bot.slack.installs_services import Services
from bot.slack.installs_work import InstallsWork
from bot.slack.oauth import InstallFlow
from bot.slack.watching import watching_installed
from bot.worker import run_worker
from knowledge.database import Database
from knowledge.embedding.minilm import MiniLM
from knowledge.schemas import workspace_schema
from knowledge.storage.library import Library
from tests.fakes.running import serving
from tests.fakes.scripted_agent import ScriptedAgent
from tests.fakes.slack_methods.oauth import CLIENT_ID, CLIENT_SECRET
from tests.fakes.slack_server import SIGNING_SECRET, FakeSlack
from tests.fakes.slack_state import Json, SlackState

PUBLIC = "https://bot.example"


@dataclass
class Page:
    """What a browser shows at the end, and the cookies that it holds."""

    status: int
    text: str


@dataclass
class InstalledBot:
    """A running bot and the workspaces of the fake Slack around it."""

    url: str
    slack: FakeSlack
    services: Services
    agents: dict[str, Any] = field(default_factory=dict)

    def workspace(self, team: str) -> SlackState:
        """A workspace of the fake that has nothing to do with us yet."""
        return SlackState(
            self.slack.url,
            team,
            bot_user=f"UBOT{team}",
            bot_id=f"BBOT{team}",
            revoked=self.slack.revoked,
        )

    async def install(self, workspace: SlackState, language: str = "en", **change: str) -> Page:
        """As an admin's browser does it; ``change`` replaces parts of what comes back."""
        async with aiohttp.ClientSession(headers={"Accept-Language": language}) as browser:
            begun = await browser.get(
                f"{self.url}/slack/install",
                params={"team": workspace.team},
                allow_redirects=False,
            )
            allowed = await browser.get(begun.headers["Location"], allow_redirects=False)
            back = URL(allowed.headers["Location"])
            assert str(back).startswith(f"{PUBLIC}/slack/oauth_redirect?")
            code = f"code-{workspace.team}"
            self.slack.codes[code] = workspace
            cookie = SimpleCookie(begun.headers["Set-Cookie"])
            assert all(morsel["secure"] and morsel["httponly"] for morsel in cookie.values())
            sent = "; ".join(f"{name}={morsel.value}" for name, morsel in cookie.items())
            query = {**back.query, "code": code, **change}
            headers = {"Cookie": query.pop("cookie", sent)}
            url = f"{self.url}/slack/oauth_redirect"
            async with browser.get(url, params=query, headers=headers) as ended:
                return Page(ended.status, await ended.text())

    async def ask(self, workspace: SlackState, text: str, channel: str = "C1", **say: Any) -> Json:
        """Somebody mentions us there; Slack sends its event."""
        message = workspace.say(channel, f"<@{workspace.bot_user}> {text}", **say)
        event = self.slack.event(message, channel, "app_mention", **_of(workspace))
        status, _ = await self.slack.send_http(self.url, event)
        assert status == 200
        return message

    async def tell(self, workspace: SlackState, kind: str, **event: Any) -> int:
        """Slack tells of something that happened to the app itself."""
        now = int(datetime.now(UTC).timestamp())
        body = {
            "type": "event_callback",
            "event_id": f"Ev{kind}{workspace.team}",
            "event_time": now + 1,
            "event": {"type": kind, **event.pop("event", {})},
            **_of(workspace),
            **event,
        }
        status, _ = await self.slack.send_http(self.url, body)
        return status


def _of(workspace: SlackState) -> Json:
    who = {"team_id": workspace.team, "user_id": workspace.bot_user, "is_bot": True}
    return {"team_id": workspace.team, "authorizations": [who]}


def app_of(slack: FakeSlack, **change: Any) -> InstallsConnection:
    """The app's own ids and secrets at the fake."""
    keys = MultiFernet([Fernet(Fernet.generate_key())])
    given = InstallsConnection(CLIENT_ID, CLIENT_SECRET, SIGNING_SECRET, keys, PUBLIC, slack.url)
    return replace(given, **change)


@asynccontextmanager
async def installed_bot(
    slack: FakeSlack,
    database: Database,
    agent_of: Callable[[str, Database], Asks] = lambda _team, _own: ScriptedAgent(),
    connection: InstallsConnection | None = None,
    models: Path = Path("no models"),
) -> AsyncIterator[InstalledBot]:
    """Serve and work until the block ends."""
    connection = connection or app_of(slack)
    encoder = MiniLM(Path("no encoder is used"))
    agents: dict[str, Any] = {}

    @asynccontextmanager
    async def open_agent(team: str) -> AsyncIterator[Asks]:
        agents[team] = agent_of(team, workspace_schema(database, team))
        yield agents[team]

    async def ready() -> bool:
        return True

    async with open_services(connection, database, models) as (services, client):
        flow = InstallFlow(connection, services, client)
        opened = Agents(open_agent)
        work = InstallsWork(
            services, opened, lambda team: Library(workspace_schema(database, team), encoder)
        )
        app = http_app(services, SIGNING_SECRET, ready, flow=flow)
        async with serving(app) as url, watching_installed(services, every_s=0.5):
            tasks = (
                asyncio.create_task(
                    run_worker(database, work.shifts(4), grace_s=5.0, sweep_every_s=0.5)
                ),
                asyncio.create_task(repeated(services.delete_removed, 0.2, "deletion")),
            )
            try:
                yield InstalledBot(url, slack, services, agents)
            finally:
                for task in tasks:
                    task.cancel()
                    with suppress(asyncio.CancelledError):
                        await task
                await opened.close()
