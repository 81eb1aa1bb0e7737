"""tune analyze: what the pairs are like, what is wrong with them, and what to do first."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import Json, opened, out, print_json, progress, run

if TYPE_CHECKING:
    from agent.tuning.analysis import Analysis
    from agent.tuning.figures import Figure


def register(tune: typer.Typer) -> None:
    """Add this file's command."""
    tune.command()(analyze)


def analyze(
    html: Annotated[Path | None, typer.Option(help="Write a page to look at here, too.")] = None,
    held_out: Annotated[
        Path | None,
        typer.Option(help="Questions that training must never see: JSONL, JSON, CSV or .txt."),
    ] = None,
    price: Annotated[
        float | None,
        typer.Option(min=0, metavar="USD", help="What a million tokens cost to train on."),
    ] = None,
    show: Annotated[
        str | None,
        typer.Option(metavar="FIGURE", help="List the pairs behind a figure: contradiction, …"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Look through the pairs: faults, topics, balance, lengths, costs; change nothing."""
    run(_analyze(html, held_out, price, show, as_json=as_json))


async def _analyze(
    html: Path | None,
    held_out: Path | None,
    price: float | None,
    show: str | None,
    *,
    as_json: bool,
) -> None:
    from agent.tuning.analysing import analyse_stored
    from agent.tuning.pair_files import read_questions
    from bot.cli.analysis_view import analysis_view, figure_view

    unseen = () if held_out is None else read_questions(held_out)
    async with opened() as knowhow:
        with progress("Analysing pairs") as advance:
            analysis = await analyse_stored(
                knowhow.database,
                knowhow.encoder,
                lambda _, done, total: advance(done, total),
                held_out=unseen,
                price=price,
            )
    if html is not None:
        _write(html, analysis)
    if show is not None:
        figure = _figure(analysis, show)
        if as_json:
            print_json({**figure.as_json(most=len(figure.examples)), "ids": list(figure.pairs)})
        else:
            out().print(figure_view(figure, analysis))
    elif as_json:
        print_json(analysis.as_json())
    else:
        out().print(analysis_view(analysis))
        if html is not None:
            out().print(f"\nThe page: {html}", markup=False, soft_wrap=True)


def _figure(analysis: "Analysis", show: str) -> "Figure":
    from knowledge.errors import InvalidInput

    figure = analysis.figures.get("-".join(show.lower().split()))
    if figure is None:
        known = ", ".join(analysis.figures) or "none: there are no pairs"
        raise InvalidInput(f"there is no figure {show!r} with pairs; there are: {known}")
    return figure


def _write(file: Path, analysis: "Analysis") -> None:
    from datetime import UTC, datetime

    from agent.tuning.analysis_page import analysis_page
    from knowledge.errors import InvalidInput

    try:
        file.write_text(analysis_page(analysis, datetime.now(UTC)), encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"the page cannot be written to {file}: {error.strerror}") from error
