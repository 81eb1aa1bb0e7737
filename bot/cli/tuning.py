"""tune: the domain model's life, from pairs to the live version."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from bot.cli import (
    tuning_analysis,
    tuning_cleaning,
    tuning_evaluation,
    tuning_registry,
    tuning_retrieval,
    tuning_review,
    tuning_training,
)
from bot.cli.console import Json, opened, out, print_json, run
from bot.cli.uploading import account

_tune = typer.Typer(help="Fit the domain model, and search, to the team.")

State = Literal["candidate", "approved", "rejected", "stale"]


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.add_typer(_tune, name="tune", no_args_is_help=True)
    groups = (
        tuning_analysis,
        tuning_cleaning,
        tuning_review,
        tuning_training,
        tuning_evaluation,
        tuning_registry,
        tuning_retrieval,
    )
    for commands in groups:
        commands.register(_tune)


@_tune.command("import")
def import_pairs(
    file: Annotated[
        Path | None,
        typer.Argument(help="JSONL, JSON or CSV: question and answer, or what trainers read."),
    ] = None,
    audience: Annotated[
        str,
        typer.Option(help="Who may see: public, everyone, channel:ID, user:ID or group:ID."),
    ] = "everyone",
    questions: Annotated[
        bool,
        typer.Option("--questions", help="The question set's answers, as candidates; no file."),
    ] = False,
    candidates: Annotated[
        bool, typer.Option("--candidates", help="Not to be taught before `tune review`.")
    ] = False,
    author: Annotated[
        str | None, typer.Option(help="Who answers for them; your user name if left out.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Import question/answer pairs, approved unless said otherwise; known ones are skipped."""
    if questions == (file is not None):
        raise typer.BadParameter("give a file, or --questions")
    run(_import(file, audience, author or account(), candidates=candidates, as_json=as_json))


@_tune.command()
def pairs(
    state: Annotated[State | None, typer.Option(help="Only these.")] = None,
    topic: Annotated[str | None, typer.Option(help="Only topics that hold this.")] = None,
    search: Annotated[str | None, typer.Option(help="Only where it is asked or answered.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="No more than this, the newest first.")] = 20,
    as_json: Json = False,
) -> None:
    """List the pairs."""
    run(_pairs(state, topic, search, limit, as_json=as_json))


@_tune.command()
def status(as_json: Json = False) -> None:
    """Show the pairs, the queue, the datasets, the versions, and which one is live."""
    run(_status(as_json=as_json))


async def _import(
    file: Path | None, audience: str, author: str, *, candidates: bool, as_json: bool
) -> None:
    from agent.tuning.pairs import import_pairs, import_questions
    from knowledge.documents import parse_audience

    readers = parse_audience(audience)
    async with opened() as knowhow:
        if file is None:
            done = await import_questions(knowhow.database, author)
        else:
            done = await import_pairs(
                file, knowhow.database, readers, author=author, candidates=candidates
            )
    if as_json:
        print_json(asdict(done))
        return
    out().print(f"{done.added} added, {done.updated} updated, {done.unchanged} unchanged")
    if done.added and (candidates or file is None):
        out().print("Candidates: `knowhow tune clean`, then `knowhow tune review`.", style="dim")


async def _pairs(
    state: State | None, topic: str | None, search: str | None, limit: int, *, as_json: bool
) -> None:
    from agent.tuning.stored_pairs import listed_pairs
    from bot.cli.tuning_view import pairs_view

    async with opened() as knowhow, knowhow.database.engine.connect() as connection:
        found = await listed_pairs(connection, state, topic, search, limit)
    if as_json:
        print_json({"pairs": [one.as_json() for one in found]})
    elif found:
        out().print(pairs_view(found))
        if len(found) == limit:
            out().print(f"The newest {limit}; --limit shows more.", style="dim", markup=False)
    else:
        out().print("No such pairs: `knowhow tune import` brings them in.", markup=False)


async def _status(*, as_json: bool) -> None:
    from agent.tuning.status import tuning_status
    from bot.cli.tuning_view import status_view

    async with opened() as knowhow:
        status = await tuning_status(knowhow.database)
    if as_json:
        print_json(asdict(status))
    else:
        out().print(status_view(status))
