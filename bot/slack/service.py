"""Slack's side put together from its parts, for whoever serves it or works for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from agent.errands import Errands
from agent.findings import Findings
from agent.leasing import LEASE
from agent.ledger import Ledger
from agent.policies import Policies
from bot.jobs.admission import Admission
from bot.jobs.answer import AnswerJob
from bot.jobs.asking import Asks
from bot.jobs.digest_clock import DigestClock, Now, now_utc
from bot.jobs.errand import ErrandJob
from bot.jobs.forgetting import Forgetting
from bot.jobs.queue import (
    ANSWER,
    ERRAND,
    ERRANDS,
    QUEUE,
    WakeUps,
    job_app,
    wake_ups,
)
from bot.jobs.stale_clock import StaleClock
from bot.jobs.sweep import Wakes
from bot.slack.app import build_app
from bot.slack.attachments import Attachments
from bot.slack.belonging import Belonging
from bot.slack.clock import Clock, LoopClock
from bot.slack.connection import Identity, SlackConnection, identify, open_client
from bot.slack.desk import Desk
from bot.slack.digest_zones import DigestZones
from bot.slack.errands.model import ModelSteps, model_handlers
from bot.slack.errands.stale import flag_stale
from bot.slack.handlers import HANDLERS
from bot.slack.pacing import Pacing
from bot.slack.people import People
from bot.slack.posting import Poster
from bot.slack.status import Status
from bot.slack.workspaces import OneWorkspace, Workspace, Workspaces
from bot.worker import Shift
from knowledge.database import Database
from knowledge.storage.library import Library
from knowledge.storage.scopes import principal_kinds

_ERRANDS_AT_A_TIME = 2


@dataclass(frozen=True, slots=True)
class SlackService:
    """What listens, and the desk behind it."""

    app: AsyncApp
    desk: Desk
    workspace: Workspace
    admission: Admission

    @property
    def ledger(self) -> Ledger:
        """Where questions are written down."""
        return self.desk.ledger

    @property
    def client(self) -> AsyncWebClient:
        """The client of the workspace that the bot token belongs to."""
        return self.workspace.client

    def answer_job(self, agent: Asks, library: Library | None = None) -> AnswerJob:
        """What a worker runs for each question; attached files are read into the library."""
        attachments = None if library is None else Attachments(library)
        return AnswerJob(self.desk, agent, self.admission, attachments)

    def shifts(
        self,
        agent: Asks,
        library: Library,
        concurrency: int,
        steps: ModelSteps | None = None,
        now: Now = now_utc,
    ) -> tuple[Shift, ...]:
        """All that a worker does for Slack; so many questions are answered at a time.

        Without ``steps`` it leaves the domain model alone. The weekly message is due by ``now``.
        """
        handlers = {**HANDLERS, **(model_handlers(steps) if steps else {})}
        errands = ErrandJob(self.desk, library, handlers)
        rows = errand_rows(self.desk, library, now)
        return (
            Shift(QUEUE, ANSWER, self.answer_job(agent, library).run, self.ledger, concurrency),
            Shift(ERRANDS, ERRAND, errands.run, rows, _ERRANDS_AT_A_TIME),
        )


@asynccontextmanager
async def open_slack(
    connection: SlackConnection,
    database: Database,
    lease: timedelta = LEASE,
    clock: Clock | None = None,
) -> AsyncIterator[SlackService]:
    """Connect to Slack. Raises SlackError with what to mend when it does not know us."""
    async with open_client(connection) as client:
        me = await identify(client)
        workspace = workspace_of(client, me, database, connection.admins, clock)
        desk = desk_of(database, OneWorkspace(workspace), lease)
        admission = Admission(desk.policies, database, connection.daily_questions)
        yield SlackService(build_app(desk, me, connection.api_url), desk, workspace, admission)


def errand_rows(desk: Desk, library: Library, now: Now = now_utc) -> Wakes:
    """The sweep of the errands, with all that the clock brings."""
    zones = DigestZones(desk.workspaces)
    digests = DigestClock(desk.database, desk.errands, zones.of, now)
    return Forgetting(StaleClock(digests, partial(flag_stale, desk)), library)


def desk_of(
    database: Database,
    workspaces: Workspaces,
    lease: timedelta = LEASE,
    wakes: WakeUps | None = None,
) -> Desk:
    """What listeners write down on, over one database; workers are woken there by default."""
    wakes = wakes or wake_ups(job_app(database))
    return Desk(
        database,
        Ledger(database, wakes.answers, lease),
        Errands(database, wakes.errands, lease),
        Policies(database),
        workspaces,
    )


def workspace_of(
    client: AsyncWebClient,
    me: Identity,
    database: Database,
    admins: frozenset[str] = frozenset(),
    clock: Clock | None = None,
) -> Workspace:
    """Our hands in one workspace, which keep the pace of the clock."""
    clock = clock or LoopClock()
    people = People(client, me.team, admins)
    belonging = Belonging(client, partial(principal_kinds, database.engine), people)
    poster = Poster(client, Pacing(database.autocommit, clock), clock)
    status, findings = Status(client, clock), Findings(database)
    return Workspace(client, me, poster, status, belonging, people, findings)
