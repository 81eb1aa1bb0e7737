"""upload: the admin's knowledge-upload script."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.answer_view import printable
from bot.cli.console import Json, counter, err, opened, out, print_json, progress, run

if TYPE_CHECKING:
    from bot.wiring import Knowhow
    from knowledge.upload import UploadReport


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command()(upload)


def upload(
    paths: Annotated[list[Path], typer.Argument(help="Folders, files, or BEIR folders.")],
    collection: Annotated[str, typer.Option(help="A name for what belongs together.")] = "default",
    audience: Annotated[
        str, typer.Option(help="Who may see it: everyone, channel:ID or user:ID.")
    ] = "everyone",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove documents that are gone from these paths.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Add or update documents; what has not changed is skipped."""
    run(_upload(paths, collection, audience, dry_run=dry_run, prune=prune, as_json=as_json))


async def _upload(
    paths: list[Path],
    collection: str,
    audience: str,
    *,
    dry_run: bool,
    prune: bool,
    as_json: bool,
) -> None:
    from knowledge.documents import parse_audience
    from knowledge.upload import upload as upload_paths

    principals = parse_audience(audience)
    async with opened() as knowhow:
        with counter("Uploading", "documents", "chunks") as count:
            report = await upload_paths(
                paths,
                library=knowhow.library,
                encoder=knowhow.encoder,
                collection=collection,
                audience=principals,
                dry_run=dry_run,
                prune=prune,
                progress=lambda done: count(done.documents, done.chunks),
            )
        if not dry_run and (report.added or report.updated or report.removed):
            await _calibrate(knowhow)
    if as_json:
        print_json(report.as_json())
    else:
        _print_report(report, dry_run=dry_run)
    if report.failed:
        raise typer.Exit(1)


async def _calibrate(knowhow: "Knowhow") -> None:
    """What the documents now hold moves the line between them and the domain model."""
    from agent.calibration import calibrate
    from agent.registry import Registry

    if await Registry(knowhow.database).live_version() is not None:
        with progress("Calibrating the router") as advance:
            await calibrate(knowhow.database, knowhow.encoder, knowhow.search, advance)


def _print_report(report: "UploadReport", *, dry_run: bool) -> None:
    would = "would be " if dry_run else ""
    out().print(
        f"{report.added} {would}added, {report.updated} {would}updated, "
        f"{report.removed} {would}removed, {report.unchanged} unchanged "
        f"({report.chunks} chunks, {report.seconds:.1f} s)",
        markup=False,
    )
    for failure in report.failed:
        line = f"failed: {printable(failure.uri)}: {printable(failure.reason)}"
        err().print(line, style="red", markup=False, soft_wrap=True)
