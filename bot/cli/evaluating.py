"""evaluate: each promise measured, on a folder or file of your own questions."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import Json, counter, opened, out, print_json, progress, run, table

if TYPE_CHECKING:
    from knowledge.storage.ingest import Report

_evaluate = typer.Typer(help="Measure what it finds, answers, declines and routes.")

Folder = Annotated[
    Path, typer.Argument(help="A BEIR folder: corpus.jsonl, queries.jsonl, qrels/test.tsv.")
]
Questions = Annotated[Path, typer.Argument(help="A JSONL file, a question a line.")]


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.add_typer(_evaluate, name="evaluate", no_args_is_help=True)


@_evaluate.command()
def retrieval(
    directory: Annotated[
        Path | None,
        typer.Argument(help="A BEIR folder: corpus.jsonl, queries.jsonl, qrels/test.tsv."),
    ] = None,
    own: Annotated[
        bool, typer.Option("--own", help="The team's question set, on the live library.")
    ] = False,
    html: Annotated[Path | None, typer.Option(help="Write a page to look at here, too.")] = None,
    as_json: Json = False,
) -> None:
    """Score search on a BEIR folder, in a scratch schema, or on the team's own questions."""
    if own == (directory is not None):
        raise typer.BadParameter("give a folder, or --own for the team's question set")
    run(_retrieval(directory, html, as_json=as_json))


@_evaluate.command()
def abstention(directory: Folder, as_json: Json = False) -> None:
    """Score how well it tells what the folder answers from what it does not."""
    run(_abstention(directory, as_json=as_json))


@_evaluate.command()
def answers(
    directory: Folder,
    prompts: Annotated[
        list[str] | None,
        typer.Option(
            "--prompt",
            metavar="VERSION",
            help="Give two to compare: a version, built-in, or a file with a text for answering.",
        ),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Ask no more questions than this.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Score whole answers against gold answers, in a scratch schema."""
    if len(prompts or ()) not in {0, 2}:
        raise typer.BadParameter("give --prompt twice, for the two to compare, or not at all")
    run(_answers(directory, prompts or [], limit, as_json=as_json))


@_evaluate.command()
def routing(
    file: Questions,
    html: Annotated[Path | None, typer.Option(help="Write a page to look at here, too.")] = None,
    as_json: Json = False,
) -> None:
    """Score the router on {"question", "expected"}, with the live documents and model."""
    run(_routing(file, html, as_json=as_json))


@_evaluate.command()
def domain(file: Questions, as_json: Json = False) -> None:
    """Score the live domain model on {"question", "answer"}."""
    run(_domain(file, as_json=as_json))


async def _retrieval(directory: Path | None, html: Path | None, *, as_json: bool) -> None:
    from knowledge.evaluation.evaluation import evaluate_own, evaluate_retrieval

    async with opened() as knowhow:
        database, encoder = knowhow.database, knowhow.encoder
        if directory is None:
            with progress("Searching") as advance:
                measured = await evaluate_own(database, encoder, advance)
        else:
            with _reading() as report, progress("Searching") as advance:
                measured = await evaluate_retrieval(directory, database, encoder, report, advance)
    if html is not None:
        from datetime import UTC, datetime

        from knowledge.evaluation.retrieval_page import retrieval_page

        _write(html, retrieval_page(measured, datetime.now(UTC)))
    _show(measured.as_json(), as_json=as_json)


def _write(file: Path, page: str) -> None:
    from knowledge.errors import InvalidInput

    try:
        file.write_text(page, encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"the page cannot be written to {file}: {error.strerror}") from error


async def _abstention(directory: Path, *, as_json: bool) -> None:
    from agent.evaluation.abstention_evaluation import evaluate_abstention

    async with opened() as knowhow:
        with progress("Asking") as asking, _reading() as report:
            measured = await evaluate_abstention(
                directory, knowhow.database, knowhow.encoder, report, asking
            )
    _show(measured.as_json(), as_json=as_json)


async def _answers(
    directory: Path, prompts: list[str], limit: int | None, *, as_json: bool
) -> None:
    from agent.evaluation.answer_evaluation import evaluate_answers
    from bot.live_agent import documents_only

    async with opened() as knowhow:
        deps = await documents_only(knowhow)
        if prompts:
            from bot.cli.comparing import compare

            await compare(knowhow, deps, directory, prompts, limit, as_json=as_json)
            return
        with progress("Asking") as asking, _reading() as report:
            measured = await evaluate_answers(
                directory, knowhow.database, deps, progress=report, asking=asking, limit=limit
            )
    _show(measured.as_json(), as_json=as_json)


@contextmanager
def _reading() -> "Iterator[Report]":
    """What has been read of the folder's corpus; the questions come after."""
    with counter("Evaluating", "documents", "chunks") as count:
        yield lambda done: count(done.documents, done.chunks)


async def _routing(file: Path, html: Path | None, *, as_json: bool) -> None:
    from agent.evaluation.routing_evaluation import evaluate_routing
    from bot.live_agent import router_model

    async with opened() as knowhow:
        with progress("Routing") as advance:
            report = await evaluate_routing(
                file,
                knowhow.database,
                knowhow.encoder,
                knowhow.search,
                advance,
                judge=router_model(knowhow),
            )
    if html is not None:
        from datetime import UTC, datetime

        from agent.evaluation.routing_page import routing_page

        _write(html, routing_page(report, datetime.now(UTC)))
    _show(report.as_json(), as_json=as_json)


async def _domain(file: Path, *, as_json: bool) -> None:
    from agent.evaluation.domain_evaluation import evaluate_domain

    async with opened() as knowhow:
        with progress("Asking the domain model") as advance:
            report = await evaluate_domain(
                file, knowhow.database, knowhow.encoder, advance, knowhow.endpoints
            )
    _show(report.as_json(), as_json=as_json)


def _show(measured: Mapping[str, object], *, as_json: bool) -> None:
    if as_json:
        print_json(measured)
        return
    intervals = measured.get("intervals")
    sure = intervals if isinstance(intervals, Mapping) else {}
    figures = table("measure", "value", *(["95 % interval"] if sure else []))
    matrices = {
        name: value
        for name, value in measured.items()
        if isinstance(value, Mapping) and name != "intervals"
    }
    for name, value in measured.items():
        if name not in matrices and name != "intervals":
            shown = f"{value:.4g}" if isinstance(value, float) else str(value)
            bounds = (
                (f"{low:.3f} – {high:.3f}" for low, high in [sure[name]]) if name in sure else ()
            )
            figures.add_row(name, shown, *bounds)
    out().print(figures)
    for name, rows in matrices.items():
        columns = sorted({column for row in rows.values() for column in row})
        matrix = table(f"{name} (expected ↓, chosen →)", *columns)
        for expected, row in rows.items():
            matrix.add_row(expected, *(str(row.get(column, 0)) for column in columns))
        out().print()
        out().print(matrix)
