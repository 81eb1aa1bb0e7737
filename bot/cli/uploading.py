"""upload: the admin's knowledge-upload script."""

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.console import Json, opened, print_json, progress, run

if TYPE_CHECKING:
    from bot.wiring import Knowhow
    from knowledge.uploading.upload import UploadReport


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command()(upload)


def upload(
    paths: Annotated[
        list[str] | None, typer.Argument(help="Folders, files, BEIR folders, or web addresses.")
    ] = None,
    collection: Annotated[str, typer.Option(help="A name for what belongs together.")] = "default",
    audience: Annotated[
        str, typer.Option(help="Who may see it: public, everyone, channel:ID, user:ID or group:ID.")
    ] = "everyone",
    owner: Annotated[
        str | None, typer.Option(help="Who answers for it: a Slack ID or an address.")
    ] = None,
    expires: Annotated[
        str | None, typer.Option(help="When its owner looks at it again, such as 2027-01-31.")
    ] = None,
    author: Annotated[
        str | None, typer.Option(help="Who uploads, for the history; your user name if left out.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove documents that are gone from these paths.")
    ] = False,
    retry: Annotated[
        bool, typer.Option("--retry", help="Try again what failed, as it was uploaded; no paths.")
    ] = False,
    failures: Annotated[
        bool, typer.Option("--failures", help="List what failed and was not mended; no paths.")
    ] = False,
    local: Annotated[
        bool, typer.Option("--local", help="Encode here, even where workers run.")
    ] = False,
    private_hosts: Annotated[
        list[str] | None,
        typer.Option(
            "--allow-private-host",
            metavar="HOST[:PORT]",
            help="Read web pages of this host though its address is not public; may be repeated.",
        ),
    ] = None,
    slack_export: Annotated[
        bool,
        typer.Option("--slack-export", help="Read Slack exports: what people said in channels."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Add or update documents; what has not changed is skipped."""
    if (retry or failures) == bool(paths) or (retry and failures):
        raise typer.BadParameter("give paths, or --retry, or --failures")
    if (retry or failures) and (prune or (dry_run and failures)):
        raise typer.BadParameter("--retry and --failures do not go with --prune")
    if failures:
        run(_list_failures(as_json=as_json))
        return
    options = {
        "collection": collection,
        "audience": audience,
        "owner": owner,
        "expires_at": _moment(expires),
        "author": author or account(),
    }
    run(
        _upload(
            paths or [],
            options,
            private_hosts or [],
            slack_export=slack_export,
            dry_run=dry_run,
            prune=prune,
            local=local,
            as_json=as_json,
        )
    )


async def _upload(
    paths: list[str],
    options: dict[str, Any],
    private_hosts: list[str],
    *,
    slack_export: bool,
    dry_run: bool,
    prune: bool,
    local: bool,
    as_json: bool,
) -> None:
    from bot.cli.upload_view import print_report, print_stopped, upload_bar
    from bot.jobs.ingest import JobQueue
    from knowledge.documents import parse_audience
    from knowledge.sources import sources
    from knowledge.sources.web_browser import Browser
    from knowledge.sources.web_guard import Guard
    from knowledge.uploading.upload import upload as upload_paths

    guard = Guard.allowing(private_hosts)
    options["audience"] = parse_audience(options["audience"])
    async with opened() as knowhow:
        upload_one = partial(
            upload_paths,
            library=knowhow.library,
            encoder=knowhow.encoder,
            queue=None if local else JobQueue(knowhow.database),
            dry_run=dry_run,
            read=partial(sources, browser=Browser(guard), slack_export=slack_export),
        )
        with upload_bar() as bar:
            try:
                if paths:
                    report = await upload_one(_named(paths), **options, prune=prune, watch=bar.show)
                else:
                    again = partial(upload_one, watch=bar.show)
                    report = await _retried(knowhow, again, options["author"], dry_run=dry_run)
            except asyncio.CancelledError:
                print_stopped(bar.stored)
                raise
        if not dry_run and (report.added or report.updated or report.removed):
            await _calibrate(knowhow)
    if as_json:
        print_json(report.as_json())
    else:
        print_report(report, dry_run=dry_run)
    if report.failed:
        raise typer.Exit(1)


async def _retried(
    knowhow: "Knowhow",
    upload_one: "Callable[..., Awaitable[UploadReport]]",
    author: str,
    *,
    dry_run: bool,
) -> "UploadReport":
    """What failed under each path, with the settings of its own upload."""
    from knowledge.errors import InvalidInput
    from knowledge.uploading.upload import UploadReport
    from knowledge.uploading.upload_failures import forget_path, retries

    total = UploadReport(0, 0, 0, 0, (), 0, 0.0, () if dry_run else None)
    for one in await retries(knowhow.database.engine, author):
        try:
            total += await upload_one(_named([one.path]), **asdict(one.filing), only=one.only)
        except InvalidInput:
            if not dry_run:  # the path itself has gone, and what failed with it
                await forget_path(knowhow.database.engine, one.path)
    return total


async def _calibrate(knowhow: "Knowhow") -> None:
    """What the documents now hold moves the line between them and the domain model."""
    from agent.learned.registry import Registry
    from agent.routing.calibration import calibrate

    if await Registry(knowhow.database).live_version() is not None:
        with progress("Calibrating the router") as advance:
            await calibrate(knowhow.database, knowhow.encoder, knowhow.search, advance)


async def _list_failures(*, as_json: bool) -> None:
    from bot.cli.upload_view import print_failures
    from knowledge.uploading.upload_failures import kept_failures

    async with opened() as knowhow:
        kept = await kept_failures(knowhow.database.engine)
    if as_json:
        print_json({"failed": [{**asdict(one), "failed_at": str(one.failed_at)} for one in kept]})
    else:
        print_failures(kept)


def _named(paths: list[str]) -> list[Path | str]:
    return [one if one.startswith(("http://", "https://")) else Path(one) for one in paths]


def _moment(date: str | None) -> datetime | None:
    """The end of a day, UTC. Not a span from now: each upload would renew every document."""
    if date is None:
        return None
    try:
        return datetime.strptime(date, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise typer.BadParameter("--expires takes a date, such as 2027-01-31") from None


def account() -> str:
    """The account's name; nothing where the system knows none, as in some containers."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""
