"""tune runs, cancel, export: trainings as they were left, and datasets for other trainers."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.answer_view import printable
from bot.cli.console import Json, opened, out, print_json, run, table

if TYPE_CHECKING:
    from agent.tuning.training.runs import Listed, Run
    from bot.wiring import Knowhow


class Form(StrEnum):
    """What reads an export."""

    ALPACA = "alpaca"
    SHAREGPT = "sharegpt"
    AXOLOTL = "axolotl"
    MESSAGES = "messages"


def register(tune: typer.Typer) -> None:
    """Add this file's commands."""
    tune.command()(runs)
    tune.command()(cancel)
    tune.command()(export)


def runs(as_json: Json = False) -> None:
    """List the trainings, newest first."""
    run(_runs(as_json=as_json))


def cancel(
    training: Annotated[int, typer.Argument(help="Its number, as `tune runs` lists it.")],
    as_json: Json = False,
) -> None:
    """End a training that is not finished, at its endpoint too."""
    run(_cancel(training, as_json=as_json))


def export(
    form: Annotated[
        Form,
        typer.Argument(
            metavar="FORMAT",
            help="alpaca or sharegpt for LLaMA-Factory, axolotl, or messages for the API.",
        ),
    ],
    target: Annotated[
        Path, typer.Argument(metavar="FILE", help="JSON or JSONL; others beside it.")
    ],
    dataset: Annotated[
        int | None, typer.Option(help="A dataset's version; else the pairs as they are now.")
    ] = None,
    base: Annotated[str | None, typer.Option(help="The base model, for Axolotl.")] = None,
    as_json: Json = False,
) -> None:
    """Write a dataset for another trainer, its held-out pairs apart."""
    run(_export(form, target, dataset, base, as_json=as_json))


async def _runs(*, as_json: bool) -> None:
    from agent.tuning.training.runs import runs

    async with opened() as knowhow:
        found = await runs(knowhow.database)
    if as_json:
        print_json({"runs": [_row(one) for one in found]})
        return
    if not found:
        out().print("No trainings yet: `knowhow tune train`.", markup=False)
        return
    listing = table("id", "backend", "dataset", "state", "version", "begun", "why")
    for one in found:
        listing.add_row(
            str(one.id),
            one.backend,
            str(one.dataset),
            one.shown_state,
            str(one.version or ""),
            f"{one.created_at:%Y-%m-%d %H:%M}",
            printable(one.error or ""),
        )
    out().print(listing)


def _row(one: "Listed") -> dict[str, object]:
    return {
        "id": one.id,
        "backend": one.backend,
        "dataset": one.dataset,
        "encoder": one.encoder,
        "settings": dict(one.settings),
        "state": one.shown_state,
        "job": one.progress.get("job"),
        "error": one.error,
        "version": one.version,
        "created_at": one.created_at.isoformat(),
        "updated_at": one.updated_at.isoformat(),
    }


async def _cancel(number: int, *, as_json: bool) -> None:
    from agent.tuning.training.runs import cancel

    async with opened() as knowhow:

        async def stop(run: "Run", listed: "Listed") -> None:
            await _stop(knowhow, run, listed)

        await cancel(knowhow.database, number, stop)
    if as_json:
        print_json({"cancelled": number})
    else:
        out().print(f"Training {number} is cancelled.")


async def _stop(knowhow: "Knowhow", run: "Run", listed: "Listed") -> None:
    """What goes on elsewhere is stopped there; an adapter's process looks for the word itself."""
    if listed.backend == "openai":
        from agent.tuning.training.openai_trainer import stop

        if knowhow.endpoint is None:
            from bot.settings import SettingsError

            raise SettingsError("OPENAI_API_KEY not set: the job runs at its endpoint")
        await stop(knowhow.endpoint, run, listed.settings["base_url"])
    elif listed.backend == "lora" and not listed.held:
        from agent.tuning.training.lora_trainer import discard

        await discard(run)


async def _export(
    form: Form, target: Path, number: int | None, base: str | None, *, as_json: bool
) -> None:
    from agent.tuning.datasets import freeze, load_dataset
    from agent.tuning.exporting import export_dataset

    async with opened() as knowhow:
        database = knowhow.database
        dataset = await (freeze(database) if number is None else load_dataset(database, number))
    done = await export_dataset(dataset, form.value, target, base)
    if as_json:
        print_json(
            {
                "dataset": dataset.version,
                "pairs": done.taught,
                "held_out": done.held_out,
                "files": [str(path) for path in done.files],
            }
        )
        return
    names = ", ".join(printable(str(path)) for path in done.files)
    out().print(
        f"Dataset {dataset.version}: {done.taught} pairs and {done.held_out} held out in {names}",
        markup=False,
        soft_wrap=True,
    )
