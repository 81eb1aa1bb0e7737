"""Slack's side put together from its parts, for whoever serves it or works for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from agent.ledger import LEASE, Ledger
from bot.jobs.answer import AnswerJob, Asks
from bot.jobs.delivery import Delivery
from bot.jobs.queue import enqueue_answers, job_app
from bot.slack.app import build_app
from bot.slack.belonging import Belonging
from bot.slack.connection import Identity, SlackConnection, identify, open_client
from bot.slack.posting import Poster
from bot.slack.status import Status
from bot.slack.thread import earlier_turns
from knowledge.database import Database
from knowledge.storage.scopes import principal_kinds


@dataclass(frozen=True, slots=True)
class SlackService:
    """Who we are, how we call Slack, what listens, and where it is written down."""

    client: AsyncWebClient
    me: Identity
    ledger: Ledger
    app: AsyncApp
    belonging: Belonging

    def answer_job(self, agent: Asks) -> AnswerJob:
        """What a worker runs for each wake-up."""
        return AnswerJob(
            ledger=self.ledger,
            agent=agent,
            delivery=Delivery(self.ledger, Poster(self.client)),
            status=Status(self.client),
            earlier=partial(earlier_turns, self.client, self.me),
            reader=self.belonging.reader,
        )


@asynccontextmanager
async def open_slack(
    connection: SlackConnection, database: Database, lease: timedelta = LEASE
) -> AsyncIterator[SlackService]:
    """Connect to Slack. Raises SlackError with what to mend when it does not know us."""
    ledger = Ledger(database, enqueue_answers(job_app(database)), lease)
    async with open_client(connection) as client:
        me = await identify(client)
        belonging = Belonging(client, partial(principal_kinds, database.engine))
        app = build_app(ledger, me, connection.api_url)
        yield SlackService(client, me, ledger, app, belonging)
