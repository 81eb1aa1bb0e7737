"""The bot running against the fake Slack: real HTTP server, real worker, real database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from bot.http import http_app
from bot.jobs.asking import Asks
from bot.slack.connection import SlackConnection
from bot.slack.errands.model import ModelSteps
from bot.slack.service import SlackService, open_slack
from bot.slack.socket import listening
from bot.slack.watching import watching
from bot.worker import run_worker
from knowledge.database import Database
from knowledge.embedding import Encoder
from knowledge.embedding.minilm import MiniLM
from knowledge.storage.library import Library
from tests.fakes.slack_server import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, FakeSlack

WEDNESDAY = datetime(2026, 11, 25, 12, tzinfo=UTC)
"""No weekly message is due anywhere: no test tells another story because today is a Monday."""


@dataclass
class Bot:
    """A running bot; ``url`` is where its HTTP face listens."""

    url: str
    service: SlackService


def connection(slack: FakeSlack) -> SlackConnection:
    """The fake's address and secrets."""
    return SlackConnection(BOT_TOKEN, slack.url, APP_TOKEN, SIGNING_SECRET)


@asynccontextmanager
async def running_bot(
    slack: FakeSlack,
    database: Database,
    agent: Asks | None,
    *,
    socket: bool = False,
    concurrency: int = 4,
    grace_s: float = 5.0,
    encoder: Encoder | None = None,
    daily_questions: int = 200,
    admins: frozenset[str] = frozenset(),
    steps: ModelSteps | None = None,
    watch: bool = True,
    sweep_every_s: float = 0.5,
) -> AsyncIterator[Bot]:
    """Serve and work until the block ends; without an agent, serve only.

    Errands that store documents need the ``encoder``.
    """
    library = Library(database, encoder or MiniLM(Path("no encoder is used")))
    given = replace(connection(slack), daily_questions=daily_questions, admins=admins)
    async with open_slack(given, database) as service:
        served = _socket(service) if socket else _http(service)
        watched = watching(service.desk, service.workspace.me.team, every_s=0.5)
        async with served as url, watched if watch else nullcontext():
            worker = agent and asyncio.create_task(
                run_worker(
                    database,
                    service.shifts(agent, library, concurrency, steps, lambda: WEDNESDAY),
                    grace_s=grace_s,
                    sweep_every_s=sweep_every_s,
                )
            )
            try:
                yield Bot(url, service)
            finally:
                if worker:
                    worker.cancel()
                    with suppress(asyncio.CancelledError):
                        await worker


@asynccontextmanager
async def _http(service: SlackService) -> AsyncIterator[str]:
    async def ready() -> bool:
        return True

    async with serving(http_app(service.app, SIGNING_SECRET, ready)) as url:
        yield url


@asynccontextmanager
async def _socket(service: SlackService) -> AsyncIterator[str]:
    async with listening(service.app, service.client, APP_TOKEN):
        yield ""


@asynccontextmanager
async def serving(app: Starlette) -> AsyncIterator[str]:
    """An app on a free port; yields its base URL."""
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", lifespan="off")
    )
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    try:
        yield f"http://{host}:{port}"
    finally:
        server.should_exit = True
        await task
