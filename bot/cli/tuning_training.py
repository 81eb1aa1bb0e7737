"""tune train: a frozen dataset in, a new version out."""

from dataclasses import asdict

import typer

from bot.cli.console import Json, opened, out, print_json, progress, run


def register(tune: typer.Typer) -> None:
    """Add this file's commands."""
    tune.command()(train)


def train(as_json: Json = False) -> None:
    """Train a new version on the approved pairs; nothing goes live yet."""
    run(_train(as_json=as_json))


async def _train(*, as_json: bool) -> None:
    from agent.tuning.training.training import train as train_head

    async with opened() as knowhow:
        with progress("Training the domain model") as advance:
            done = await train_head(knowhow.database, knowhow.encoder, advance)
    if as_json:
        print_json(asdict(done))
        return
    out().print(
        f"Version {done.version}: {done.pairs} pairs, {done.answers} answers, {done.seconds:.1f} s"
    )
    if done.exact_answer_rate is not None:
        out().print(
            f"Held out in cross-validation: {done.exact_answer_rate:.1%} answered exactly, "
            f"{done.wrong_rate:.1%} wrong, the rest declined."
        )
    out().print("Not live yet: `knowhow tune promote`.", markup=False)
