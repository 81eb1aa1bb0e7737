"""tune clean, tune undo: what must not be taught goes, and comes back when somebody wants it."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from bot.cli.console import Json, opened, out, print_json, progress, run
from bot.cli.uploading import account

Author = Annotated[
    str | None, typer.Option(help="Who does it, for the log; your user name if left out.")
]


def register(tune: typer.Typer) -> None:
    """Add this file's commands."""
    tune.command()(clean)
    tune.command()(undo)


def clean(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Change nothing, show all the same.")
    ] = False,
    held_out: Annotated[
        Path | None,
        typer.Option(help="Questions that training must never see: JSONL, JSON, CSV or .txt."),
    ] = None,
    approve: Annotated[
        bool, typer.Option("--approve", help="Approve candidates that nothing is found of.")
    ] = False,
    audience: Annotated[
        str, typer.Option(help="Whose model it is for: everyone, channel:ID, user:ID or group:ID.")
    ] = "everyone",
    author: Author = None,
    as_json: Json = False,
) -> None:
    """Examine all pairs, drop what must not be taught, ask about the rest, make a dataset."""
    run(
        _clean(
            held_out,
            audience,
            author or account(),
            dry_run=dry_run,
            approve=approve,
            as_json=as_json,
        )
    )


def undo(
    cleaning: Annotated[
        UUID | None, typer.Argument(metavar="RUN", help="What `tune clean` named.")
    ] = None,
    pair: Annotated[
        int | None, typer.Option(help="Only the last thing that was done to this pair.")
    ] = None,
    author: Author = None,
    as_json: Json = False,
) -> None:
    """Undo a cleaning or a decision; what it asked is open again."""
    if (cleaning is None) == (pair is None):
        raise typer.BadParameter("give a run, or --pair")
    run(_undo(cleaning, pair, author or account(), as_json=as_json))


async def _clean(
    held_out: Path | None,
    audience: str,
    author: str,
    *,
    dry_run: bool,
    approve: bool,
    as_json: bool,
) -> None:
    from agent.tuning.cleaning import Wishes, clean
    from agent.tuning.pair_files import read_questions
    from bot.cli.tuning_view import clean_view
    from knowledge.documents import parse_audience

    unseen = None if held_out is None else read_questions(held_out)
    wishes = Wishes(author, parse_audience(audience), unseen, approve=approve, dry_run=dry_run)
    async with opened() as knowhow:
        with progress("Examining pairs") as advance:
            done = await clean(
                knowhow.database,
                knowhow.encoder,
                wishes,
                lambda _, now, of: advance(now, of),
            )
    if as_json:
        print_json({**done.as_json(), "dry_run": dry_run})
    else:
        out().print(clean_view(done, dry_run=dry_run))


async def _undo(cleaning: UUID | None, pair: int | None, author: str, *, as_json: bool) -> None:
    from agent.tuning.pair_log import undo

    async with opened() as knowhow:
        done = await undo(knowhow.database, author, run=cleaning, pair_id=pair)
    if as_json:
        print_json(asdict(done))
        return
    restored, since = len(done.restored), len(done.changed_since)
    out().print(f"As before: {restored} of {restored + since} pairs.", markup=False)
    if since:
        out().print("The others have changed since, or were undone already.", style="yellow")
