"""tune: the domain model's life, from pairs to the live version."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from bot.cli import tuning_evaluation, tuning_registry, tuning_retrieval, tuning_training
from bot.cli.answer_view import printable
from bot.cli.console import Json, opened, out, print_json, run, table

_SHOWN_TOPICS = 5

_tune = typer.Typer(help="Fit the domain model, and search, to the team.")


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.add_typer(_tune, name="tune", no_args_is_help=True)
    for commands in (tuning_training, tuning_evaluation, tuning_registry, tuning_retrieval):
        commands.register(_tune)


@_tune.command("import")
def import_pairs(
    file: Annotated[
        Path, typer.Argument(help="JSONL, JSON or CSV: question and answer, or what trainers read.")
    ],
    audience: Annotated[
        str, typer.Option(help="Who may see them: everyone, channel:ID or user:ID.")
    ] = "everyone",
    as_json: Json = False,
) -> None:
    """Import curated question/answer pairs; known ones are skipped."""
    run(_import(file, audience, as_json=as_json))


@_tune.command()
def status(as_json: Json = False) -> None:
    """Show the pairs, the versions, and which one is live."""
    run(_status(as_json=as_json))


async def _import(file: Path, audience: str, *, as_json: bool) -> None:
    from agent.tuning.pairs import import_pairs
    from knowledge.documents import parse_audience

    principals = parse_audience(audience)
    async with opened() as knowhow:
        done = await import_pairs(file, knowhow.database, principals)
    if as_json:
        print_json(asdict(done))
    else:
        out().print(f"{done.added} added, {done.updated} updated, {done.unchanged} unchanged")


async def _status(*, as_json: bool) -> None:
    from agent.tuning.status import tuning_status

    async with opened() as knowhow:
        status = await tuning_status(knowhow.database)
    if as_json:
        print_json(asdict(status))
        return
    counts = ", ".join(f"{count} {state}" for state, count in status.pairs.items())
    out().print(f"Pairs: {counts or 'none'} in {status.topics} topics.", markup=False)
    if status.stale_topics:
        names = "; ".join(printable(name) for name in status.stale_topics[:_SHOWN_TOPICS])
        more = "; …" if len(status.stale_topics) > _SHOWN_TOPICS else ""
        out().print(
            f"Stale, their documents have changed or gone: {names}{more}. The live model keeps "
            "silent about them; `knowhow tune train` leaves them out.",
            style="yellow",
            markup=False,
        )
    if not status.versions:
        out().print("No version yet: `knowhow tune import`, then `knowhow tune train`.")
        return
    versions = table("version", "backend", "pairs", "exact", "wrong", "trained", "")
    for one in status.versions:
        held_out = one["held_out"] or {}
        rates = [held_out.get(name) for name in ("exact_answer_rate", "wrong_rate")]
        versions.add_row(
            str(one["version"]),
            one["backend"],
            str(one["pairs"]),
            *("–" if rate is None else f"{rate:.1%}" for rate in rates),
            one["created_at"][:16].replace("T", " "),
            "live" if one["live"] else "canary" if one["canary"] else "",
        )
    out().print(versions)
    for line in status.warnings:
        out().print(line, style="yellow", markup=False)
