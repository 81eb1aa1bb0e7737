"""tune evaluate: a version against what people have now, on questions that it never saw."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.answer_view import printable
from bot.cli.console import Json, err, opened, out, print_json, progress, run, table

if TYPE_CHECKING:
    from agent.tuning.evaluation import Evaluation
    from bot.wiring import Knowhow

_LIMIT = 400
_NAMED = 3


def register(tune: typer.Typer) -> None:
    """Add this file's command."""
    tune.command()(evaluate)


def evaluate(
    version: Annotated[int | None, typer.Argument(help="The newest when left out.")] = None,
    questions: Annotated[
        Path | None,
        typer.Option(help="Pairs to ask instead of those that the training held out."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Ask no more questions than this.")] = _LIMIT,
    judge: Annotated[
        bool, typer.Option("--judge", help="Ask the chat model for its opinion, too.")
    ] = False,
    html: Annotated[Path | None, typer.Option(help="Write a page to look at here, too.")] = None,
    as_json: Json = False,
) -> None:
    """Compare a version with what is live, on questions that neither was trained on."""
    run(_evaluate(version, questions, limit, html, judge=judge, as_json=as_json))


async def evaluated(
    knowhow: "Knowhow",
    version: int | None,
    questions: Path | None = None,
    limit: int = _LIMIT,
    *,
    judge: bool = False,
) -> "Evaluation":
    """The evaluation with its progress shown; not stored."""
    from agent.tuning.evaluating import Wanted
    from agent.tuning.evaluating import evaluate as compare
    from bot.live_agent import documents_only

    deps = await documents_only(knowhow)
    wanted = Wanted(deps, version, questions, limit, judge, knowhow.endpoints)
    with (
        progress("Calibrating the router") as calibrating,
        progress("Asking each arm") as asking,
    ):
        return await compare(knowhow.database, wanted, calibrating, asking)


async def _evaluate(
    version: int | None,
    questions: Path | None,
    limit: int,
    html: Path | None,
    *,
    judge: bool,
    as_json: bool,
) -> None:
    from agent.tuning.stored_evaluations import store

    async with opened() as knowhow:
        if judge and not knowhow.settings.writes_answers:
            from agent.errors import ModelUnavailable

            raise ModelUnavailable(
                "--judge needs a chat model: set OPENAI_API_KEY or OPENAI_BASE_URL"
            )
        done = await evaluated(knowhow, version, questions, limit, judge=judge)
        stored = await store(done, knowhow.database)
    if html is not None:
        _write(html, done)
    if as_json:
        print_json({"id": stored.id, **done.as_json()})
    else:
        _show(done)


def _write(file: Path, done: "Evaluation") -> None:
    from datetime import UTC, datetime

    from agent.tuning.evaluation_page import evaluation_page
    from knowledge.errors import InvalidInput

    try:
        file.write_text(evaluation_page(done, datetime.now(UTC)), encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"the page cannot be written to {file}: {error.strerror}") from error


def _show(done: "Evaluation") -> None:
    names = ("right", "exact", "wrong", "declined", "F1", "facts", "numbers", "ECE", "p95")
    listing = table("arm", *names, "cost")
    for arm, one in done.measures.items():
        shares = (one.right, one.exact, one.wrong, one.abstained)
        means = (one.token_f1, one.facts, one.numbers, one.reliability.ece)
        listing.add_row(
            arm,
            *(f"{share:.1%}" for share in shares),
            *("–" if mean is None else f"{mean:.2f}" for mean in means),
            f"{one.p95_ms:.0f} ms",
            "–" if one.cost_usd is None else f"${one.cost_usd:.2f}",
        )
    out().print(listing)
    leaked = done.held_out.leaked
    if leaked:
        few = "; ".join(printable(one) for one in leaked[:_NAMED])
        more = "; …" if len(leaked) > _NAMED else ""
        err().print(
            f"\nLeft out, for a training had them: {len(leaked)} questions ({few}{more}).",
            markup=False,
            style="yellow",
        )
    if done.opinion is not None:
        said = done.opinion
        out().print(
            f"\nThe judge {said.model} preferred it {said.wins} times, the other {said.losses} "
            f"times; {said.ties} ties.",
            markup=False,
        )
    against = f"version {done.against}" if done.against else "the documents alone"
    out().print(
        f"\nVersion {done.version} with the documents against {against}, on "
        f"{len(done.held_out.asked)} questions of {printable(done.held_out.source)}: "
        f"{done.verdict.why}.",
        markup=False,
    )
