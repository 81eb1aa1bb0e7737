"""serve and work for an app that any number of workspaces install."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from bot.cli.console import err
from bot.cli.duty import on_duty

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.slack.installs_services import Services
    from bot.wiring import Knowhow

_DELETE_EVERY_S = 5.0


async def serve_installs(settings: "Settings", *, socket: bool, worker: bool) -> None:
    """Take events and installations over HTTP."""
    from bot.http import http_app, serving
    from bot.settings import SettingsError
    from bot.slack.installs_connection import open_services
    from bot.slack.oauth import INSTALL, InstallFlow
    from bot.slack.watching import watching_installed
    from bot.wiring import installs_connection, open_main
    from knowledge.database import answers

    if socket:
        raise SettingsError(
            "--socket serves one workspace: for SLACK_CLIENT_ID, whose workspaces install the "
            "app from a browser, use --http"
        )
    connection = installs_connection(settings, serving=True)
    async with (
        open_main(settings, on_duty=True) as main,
        open_services(connection, main.database, main.models) as (services, client),
        _working(main, services, wanted=worker),
    ):
        app = http_app(
            services,
            connection.signing_secret,
            lambda: answers(main.database),
            flow=InstallFlow(connection, services, client),
        )
        async with serving(app, settings.host, settings.port), watching_installed(services):
            err().print(f"Listening on http://{settings.host}:{settings.port}. Ctrl-C stops.")
            err().print(f"Workspaces install at {connection.public_url}{INSTALL}", soft_wrap=True)
            await on_duty()


async def work_installs(settings: "Settings") -> None:
    """Answer the queued questions of all workspaces."""
    from bot.slack.installs_connection import open_services
    from bot.wiring import installs_connection, open_main

    connection = installs_connection(settings)
    async with (
        open_main(settings, on_duty=True) as main,
        open_services(connection, main.database, main.models) as (services, _),
        _working(main, services, wanted=True),
    ):
        err().print(f"Answering questions, {settings.workers} at a time. Ctrl-C stops.")
        await on_duty()


@asynccontextmanager
async def _working(main: "Knowhow", services: "Services", *, wanted: bool) -> AsyncIterator[None]:
    """A worker beside the block; at the block's end it drains: finishes, or hands back."""
    from bot.jobs.repeating import repeated
    from bot.live_agent import open_agent
    from bot.slack.installs_agents import Agents
    from bot.slack.installs_work import InstallsWork
    from bot.wiring import of_workspace
    from bot.worker import run_worker

    if not wanted:
        yield
        return
    agents = Agents(lambda team: open_agent(of_workspace(main, team)))
    work = InstallsWork(services, agents, lambda team: of_workspace(main, team).library)
    tasks = (
        asyncio.create_task(run_worker(main.database, work.shifts(main.settings.workers))),
        asyncio.create_task(repeated(services.delete_removed, _DELETE_EVERY_S, "deletion")),
    )
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await agents.close()
