"""serve, work, migrate, doctor, manifest: running Knowhow for a team."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import Json, err, out, print_json, run
from bot.cli.duty import on_duty

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.slack.connection import SlackConnection
    from bot.slack.service import SlackService
    from bot.wiring import Knowhow


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command()(serve)
    app.command()(work)
    app.command()(migrate)
    app.command()(doctor)
    app.command()(manifest)


def serve(
    http: Annotated[bool, typer.Option("--http", help="Take events over HTTP.")] = False,
    socket: Annotated[bool, typer.Option("--socket", help="Take events by Socket Mode.")] = False,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="Only take questions; others answer them.")
    ] = False,
) -> None:
    """Run the Slack app: Socket Mode with an app token, else HTTP."""
    run(_serve(http=http, socket=socket, worker=not no_worker))


def work() -> None:
    """Answer queued questions; run as many as you like, on as many machines."""
    run(_work())


def migrate(as_json: Json = False) -> None:
    """Bring the database's schema to this version."""
    run(_migrate(as_json=as_json))


def doctor(as_json: Json = False) -> None:
    """Check settings, database, encoder, models and Slack; each line says how to mend it."""
    run(_doctor(as_json=as_json))


def manifest(
    http: Annotated[
        str | None, typer.Option("--http", help="Request URL base; Socket Mode when left out.")
    ] = None,
    features: Annotated[
        str | None,
        typer.Option(help="Only these, with commas between: answers,commands,files,…"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Print the Slack app manifest, each scope and event with its reason on stderr."""
    run(_manifest(http, features, as_json=as_json))


async def _serve(*, http: bool, socket: bool, worker: bool) -> None:
    from bot.settings import read_settings
    from bot.slack.service import open_slack
    from bot.wiring import open_knowhow, slack_connection

    settings = read_settings()
    _log(settings)
    if http and socket:
        raise typer.BadParameter("choose --http or --socket: Slack delivers over one of them")
    if settings.slack_client_id is not None:
        from bot.cli.serving_installs import serve_installs

        await serve_installs(settings, socket=socket, worker=worker)
        return
    over_socket = socket or (not http and settings.slack_app_token is not None)
    connection = slack_connection(
        settings, "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN" if over_socket else "SLACK_SIGNING_SECRET"
    )
    async with (
        open_knowhow(settings, on_duty=True) as knowhow,
        open_slack(connection, knowhow.database, settings.lease) as slack,
        _working(knowhow, slack, wanted=worker),
    ):
        if over_socket:
            await _take_by_socket(slack, connection)
        else:
            await _take_over_http(knowhow, slack, connection)


async def _work() -> None:
    from bot.settings import read_settings
    from bot.slack.service import open_slack
    from bot.wiring import open_knowhow, slack_connection

    settings = read_settings()
    _log(settings)
    if settings.slack_client_id is not None:
        from bot.cli.serving_installs import work_installs

        await work_installs(settings)
        return
    connection = slack_connection(settings, "SLACK_BOT_TOKEN")
    async with (
        open_knowhow(settings, on_duty=True) as knowhow,
        open_slack(connection, knowhow.database, settings.lease) as slack,
        _working(knowhow, slack, wanted=True),
    ):
        err().print(f"Answering questions, {settings.workers} at a time. Ctrl-C stops.")
        await on_duty()


@asynccontextmanager
async def _working(
    knowhow: "Knowhow", slack: "SlackService", *, wanted: bool
) -> AsyncIterator[None]:
    """A worker beside the block; at the block's end it drains: finishes, or hands back."""
    from bot.jobs.ingest import IngestJob
    from bot.live_agent import open_agent
    from bot.model_steps import model_steps
    from bot.worker import run_worker

    if not wanted:
        yield
        return
    async with open_agent(knowhow) as agent:
        worker = asyncio.create_task(
            run_worker(
                knowhow.database,
                slack.shifts(
                    agent, knowhow.library, knowhow.settings.workers, model_steps(knowhow)
                ),
                ingest=IngestJob(knowhow.library, knowhow.encoder),
            )
        )
        try:
            yield
        finally:
            worker.cancel()
            with suppress(asyncio.CancelledError):
                await worker


async def _take_by_socket(slack: "SlackService", connection: "SlackConnection") -> None:
    from bot.slack.socket import listening
    from bot.slack.watching import watching

    async with (
        listening(slack.app, slack.client, connection.app_token or "") as connected,
        watching(slack.desk, slack.workspace.me.team, connected),
    ):
        err().print("Listening over Socket Mode. Ctrl-C stops.")
        await on_duty()


async def _take_over_http(
    knowhow: "Knowhow", slack: "SlackService", connection: "SlackConnection"
) -> None:
    from bot.http import http_app, serving
    from bot.slack.watching import watching
    from knowledge.database import answers

    settings = knowhow.settings
    app = http_app(slack.app, connection.signing_secret or "", lambda: answers(knowhow.database))
    async with (
        serving(app, settings.host, settings.port),
        watching(slack.desk, slack.workspace.me.team),
    ):
        err().print(f"Listening on http://{settings.host}:{settings.port}. Ctrl-C stops.")
        await on_duty()


def _log(settings: "Settings") -> None:
    import logging

    logging.basicConfig(
        level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    # Their debug and info lines hold messages and tokens.
    for name in ("slack_bolt", "slack_sdk", "httpx2", "openai", "procrastinate", "uvicorn"):
        logging.getLogger(name).setLevel(logging.WARNING)


async def _migrate(*, as_json: bool) -> None:
    from bot.settings import read_settings
    from knowledge.database import HEAD, current_revision, migrate, open_for_migration
    from knowledge.schemas import workspace_schemas

    settings = read_settings()
    url = settings.database_url
    async with open_for_migration(
        url.get_secret_value() if url else None, settings.home
    ) as database:
        before = await current_revision(database)
        await migrate(database)
        for schema in await workspace_schemas(database):
            await migrate(schema)
    if as_json:
        print_json({"from": before, "to": HEAD})
    else:
        out().print(f"The schema is at {HEAD} (was at {before or 'nothing'}).", markup=False)


async def _doctor(*, as_json: bool) -> None:
    from bot.doctor import examine
    from bot.settings import read_settings

    checks = await examine(read_settings())
    if as_json:
        rows = [
            {"name": one.name, "ok": one.ok, "found": one.found, "mend": one.mend} for one in checks
        ]
        print_json({"checks": rows})
    else:
        for one in checks:
            mark = "[green]✓[/]" if one.ok else "[red]✗[/]"
            out().print(mark, end=" ")
            out().print(f"{one.name}: {one.found}", markup=False, soft_wrap=True)
            if not one.ok:
                out().print(f"  → {one.mend}", markup=False, soft_wrap=True)
    if not all(one.ok for one in checks):
        raise typer.Exit(1)


async def _manifest(url: str | None, features: str | None, *, as_json: bool) -> None:
    from bot.slack.manifest import EVENTS, FEATURES, SCOPES
    from bot.slack.manifest import manifest as slack_manifest

    wanted = {one.strip() for one in features.split(",")} if features else set(FEATURES)
    if unknown := ", ".join(sorted(wanted - FEATURES.keys())):
        known = ", ".join(FEATURES)
        raise typer.BadParameter(f"no such feature: {unknown}; there are {known}")

    if url is not None and not url.startswith("https://"):
        raise typer.BadParameter("Slack only calls addresses that start with https://")
    made = slack_manifest(url=url, features=wanted)
    print_json(made)
    if not as_json:
        err().print("\nEach scope and event, and what it is for:", style="dim")
        for scope in made["oauth_config"]["scopes"]["bot"]:
            err().print(f"  {scope}: to {SCOPES[scope]}", style="dim", markup=False)
        for event in made["settings"]["event_subscriptions"]["bot_events"]:
            err().print(f"  {event}: {EVENTS[event]}", style="dim", markup=False)
