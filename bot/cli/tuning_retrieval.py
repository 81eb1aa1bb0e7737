"""tune retrieval: the weights of search's legs, fitted to the team's question set."""

from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import Json, opened, out, print_json, progress, run, table

if TYPE_CHECKING:
    from knowledge.evaluation.retrieval_tuning import TuningReport


def register(tune: typer.Typer) -> None:
    """Add this file's command."""
    tune.command()(retrieval)


def retrieval(
    reset: Annotated[bool, typer.Option("--reset", help="Back to the built-in weights.")] = False,
    as_json: Json = False,
) -> None:
    """Fit search to the team's question set; kept only if unseen questions improve."""
    run(_reset(as_json=as_json) if reset else _retrieval(as_json=as_json))


async def _reset(*, as_json: bool) -> None:
    from knowledge.evaluation.retrieval_tuning import use
    from knowledge.retrieval.blending import Blend

    async with opened() as knowhow:
        await use(knowhow.database, Blend(), {"reset": True})
    if as_json:
        print_json({"kept": False, "weights": {}})
    else:
        out().print("Search uses the built-in weights again.", markup=False)


async def _retrieval(*, as_json: bool) -> None:
    from knowledge.evaluation.retrieval_tuning import tune_retrieval

    async with opened() as knowhow:
        with progress("Searching") as advance:
            report = await tune_retrieval(knowhow.database, knowhow.encoder, advance)
    if as_json:
        print_json(report.as_json())
    else:
        _show(report)


def _show(report: "TuningReport") -> None:
    listing = table("held out", "questions", "nDCG@10 before", "after", "gain, 95 % interval")
    for one in (report.overall, *report.cases):
        low, high = one.difference
        listing.add_row(
            one.case,
            str(one.questions),
            f"{one.before:.3f}",
            f"{one.after:.3f}",
            f"{one.after - one.before:+.3f} ({low:+.3f} to {high:+.3f})",
        )
    out().print(listing)
    weights = table("weights for", "lexical", "dense", "questions")
    for case, fitted in report.blend.special.items():
        row = (fitted.lexical, fitted.dense, fitted.questions)
        weights.add_row(case, *(f"{weight:.1f}" for weight in row))
    if report.blend.special:
        out().print()
        out().print(weights)
    verdict = (
        "Kept: search uses these weights from now on. `knowhow tune retrieval --reset` undoes it."
        if report.kept
        else "Not kept: the questions they were not fitted on do not improve beyond doubt."
    )
    out().print(f"\nFitted on {report.fitted_on} questions. {verdict}", markup=False)
