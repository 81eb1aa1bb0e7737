"""Many workspaces behind one door: each is a Slack service of its own over a schema of its own.

Nothing else knows that there are several: listeners, ledger, errands, policies, search and models
of a workspace see its schema alone, and its data is deleted by dropping it.
"""

import asyncio
import logging
import shutil
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path

from procrastinate import App
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import delete, text

from agent.errands import Errands
from agent.leasing import LEASE
from agent.ledger import Ledger
from agent.texts import Text
from bot.jobs.admission import Admission
from bot.jobs.queue import FORGET, QUEUE, WakeUps, job_app, wake_ups_of
from bot.jobs.sweep import Wakes
from bot.slack.app import build_app
from bot.slack.errors import NotInstalled, SlackError
from bot.slack.installs import Installed, Installs
from bot.slack.service import SlackService, desk_of, workspace_of
from bot.slack.workspaces import Workspace
from knowledge.database import HEAD, Database, current_revision, migrate
from knowledge.errors import DatabaseError, KnowledgeError
from knowledge.schemas import workspace_schema

logger = logging.getLogger(__name__)

_MOST_OPEN = 64

_NOT_INSTALLED = Text(
    en="I am not installed in this workspace any more. An admin can install me at {where}",
    zh="我已不再安装于此工作区。管理员可在这里重新安装：{where}",
)


@dataclass(frozen=True, slots=True)
class InstalledWorkspace:
    """One of many, to the service that is its own."""

    workspace: Workspace
    installs: Installs

    async def of(self, team: str) -> Workspace:
        """It, whatever is asked: events of shared channels may carry another team's ID."""
        del team
        return self.workspace

    async def left(self, when: datetime) -> None:
        """Forget the token at once; a worker deletes the data."""
        team = self.workspace.me.team
        if await self.installs.revoke(team, when):
            logger.warning("%s removed the app: its data is being deleted", team)


class Services:
    """The services of all workspaces, opened when first needed; the least used ones are closed.

    A service holds no connection: ``client`` lends its pool of them, and the main database its.
    ``models`` is the folder in which each has its adapters.
    """

    def __init__(
        self,
        main: Database,
        installs: Installs,
        client: AsyncWebClient,
        install_url: str,
        models: Path,
        *,
        lease: timedelta = LEASE,
        daily_questions: int = 200,
    ) -> None:
        self._daily_questions = daily_questions
        self.main = main
        self.installs = installs
        self.install_url = install_url
        self._client = client
        self._models = models
        self._lease = lease
        self._jobs: App = job_app(main)
        self._open: OrderedDict[int, SlackService] = OrderedDict()

    async def of(self, team: str) -> tuple[Installed, SlackService]:
        """The workspace's service with the token it has now.

        Raises NotInstalled, and DatabaseError where its schema is behind.
        """
        installed = await self.installs.find(team)
        service = self._open.get(installed.id)
        if service is None:
            service = await self._opened(installed)
            self._open[installed.id] = service
        self._open.move_to_end(installed.id)
        while len(self._open) > _MOST_OPEN:
            self._open.popitem(last=False)
        return installed, service

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        """Hand a verified request to its workspace's Bolt app; named as Bolt names it."""
        if req.body.get("type") == "url_verification":
            return BoltResponse(status=200, body={"challenge": req.body.get("challenge")})
        if req.body.get("ssl_check"):
            return BoltResponse(status=200)
        try:
            _, service = await self.of(req.context.team_id or "")
        except NotInstalled as error:
            # Acknowledged: delivered again it would find nothing either.
            logger.warning("a request was left alone: %s", error)
            asked = "command" in req.body
            # Who reads it is not known without a token: both languages.
            said = "\n".join(_NOT_INSTALLED.to(one, where=self.install_url) for one in ("en", "zh"))
            return BoltResponse(status=200, body=said if asked else "")
        except Exception as error:  # noqa: BLE001 - whatever it is, Slack delivers it again
            known = isinstance(error, (SlackError, KnowledgeError))
            logger.error("a request was not taken: %s", error if known else type(error).__name__)  # noqa: TRY400 - others may quote
            return BoltResponse(status=HTTPStatus.INTERNAL_SERVER_ERROR)
        return await service.app.async_dispatch(req)

    async def provide(self, team: str) -> None:
        """Make an empty schema for a workspace that is about to install us, if it has none."""
        if team in await self.installs.removed():
            await self.delete(team)
        own = workspace_schema(self.main, team)
        if await current_revision(own) != HEAD:
            await migrate(own)

    def rows(self, team: str, queue: str) -> Wakes:
        """The rows of one of a workspace's queues."""
        own, wakes = self._own(team)
        if queue == QUEUE:
            return Ledger(own, wakes.answers, self._lease)
        return Errands(own, wakes.errands, self._lease)

    async def delete(self, team: str) -> None:
        """Delete all that there is of a workspace whose token is revoked, in one transaction.

        Adapters go from this machine's disk before: until both are done, it is tried again.
        """
        await asyncio.to_thread(shutil.rmtree, self._models / team, ignore_errors=True)
        bots = self.installs.bots
        async with self.main.engine.begin() as connection:
            await connection.execute(text("SET LOCAL lock_timeout = '5s'"))
            name = workspace_schema(self.main, team).schema
            await connection.execute(text(f'DROP SCHEMA IF EXISTS "{name}" CASCADE'))
            await connection.execute(FORGET, {"team": team})
            await connection.execute(
                delete(bots).where(bots.c.team_id == team, bots.c.bot_token.is_(None))
            )
        logger.warning("all data of %s is deleted", team)

    async def delete_removed(self) -> None:
        """Delete what is left of the workspaces that removed us."""
        for team in await self.installs.removed():
            await self.delete(team)

    async def _opened(self, installed: Installed) -> SlackService:
        own, wakes = self._own(installed.team)
        if await current_revision(own) != HEAD:
            raise DatabaseError(f"the schema of {installed.team} is behind: run `knowhow migrate`")
        client = AsyncWebClient(
            token=installed.token,
            base_url=self._client.base_url,
            session=self._client.session,
            retry_handlers=[],
            logger=self._client.logger,
        )
        # Admins of the settings are people of one workspace; here each has its own admins alone.
        workspace = workspace_of(client, installed.me, own)
        desk = desk_of(own, InstalledWorkspace(workspace, self.installs), self._lease, wakes)
        admission = Admission(desk.policies, own, self._daily_questions)
        app = build_app(desk, installed.me, client.base_url)
        return SlackService(app, desk, workspace, admission)

    def _own(self, team: str) -> tuple[Database, WakeUps]:
        own = workspace_schema(self.main, team)
        return own, wake_ups_of(team, self._jobs, self.main, own)
