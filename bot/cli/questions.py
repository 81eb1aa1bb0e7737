"""questions: the question set, which says what each passage answers."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli import generating
from bot.cli.answer_view import printable
from bot.cli.console import Json, err, opened, out, print_json, run, table

_questions = typer.Typer(help="Which questions your documents answer.", no_args_is_help=True)
_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    _questions.command()(generating.generate)
    app.add_typer(_questions, name="questions")


@_questions.command("import")
def import_questions(
    path: Annotated[
        Path,
        typer.Argument(help='JSONL: {"question", "document", "answer"?}, or a BEIR folder.'),
    ],
    as_json: Json = False,
) -> None:
    """Take a team's own questions; each is placed at the passage that answers it."""
    run(_import(path, as_json=as_json))


@_questions.command("list")
def list_questions(
    document: Annotated[int | None, typer.Option(help="Only this document's (its ID).")] = None,
    as_json: Json = False,
) -> None:
    """List the questions."""
    run(_list(document, as_json=as_json))


@_questions.command()
def export(
    target: Annotated[Path, typer.Argument(help="A folder; with an option, a file.")],
    pairs: Annotated[
        bool, typer.Option("--pairs", help="Question/answer pairs, for `knowhow tune import`.")
    ] = False,
    verified: Annotated[
        bool,
        typer.Option(
            "--verified", help="What people corrected and answered, for `evaluate domain`."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Write them as a BEIR folder, for `knowhow evaluate`, or as training pairs."""
    if pairs and verified:
        raise typer.BadParameter("one of --pairs and --verified")
    run(
        _export_verified(target, as_json=as_json)
        if verified
        else _export(target, pairs=pairs, as_json=as_json)
    )


async def _import(path: Path, *, as_json: bool) -> None:
    from knowledge.questions.question_import import import_questions as take

    async with opened() as knowhow:
        await knowhow.library.check_encoder()
        done = await take(path, knowhow.database, knowhow.encoder)
    if as_json:
        print_json(done.as_json())
    else:
        out().print(f"{done.added} added, {done.unchanged} known already", markup=False)
        for line in done.unresolved[:_SHOWN]:
            err().print(f"left out: {printable(line)}", style="red", markup=False, soft_wrap=True)
        if len(done.unresolved) > _SHOWN:
            err().print(f"and {len(done.unresolved) - _SHOWN} more", style="red", markup=False)
    if done.unresolved:
        raise typer.Exit(1)


async def _list(document: int | None, *, as_json: bool) -> None:
    from knowledge.questions.question_set import listed

    async with opened() as knowhow:
        questions = await listed(knowhow.database, document)
    if as_json:
        rows = [
            {
                "question_id": one.id,
                "question": one.question,
                "answer": one.answer,
                "origin": one.origin,
                "document_id": one.document_id,
                "uri": one.uri,
            }
            for one in questions
        ]
        print_json({"questions": rows})
        return
    if not questions:
        out().print(
            "No questions yet: `knowhow questions generate`, or `questions import FILE`.",
            markup=False,
        )
        return
    listing = table("id", "question", "document", "origin")
    for one in questions:
        title = f"{one.document_id} {printable(one.title)}"
        listing.add_row(str(one.id), printable(one.question), title, printable(one.origin))
    out().print(listing)


async def _export(target: Path, *, pairs: bool, as_json: bool) -> None:
    from agent.generating.pair_export import export_pairs
    from knowledge.questions.question_set import export as write

    async with opened() as knowhow:
        count = await (export_pairs if pairs else write)(target, knowhow.database)
    if as_json:
        print_json({"pairs" if pairs else "questions": count})
    elif pairs:
        out().print(f"{count} pairs written to {target}: look them through first", markup=False)
    else:
        out().print(f"{count} questions and their documents written to {target}", markup=False)


async def _export_verified(target: Path, *, as_json: bool) -> None:
    from agent.feedback.cases import export_cases

    async with opened() as knowhow:
        count = await export_cases(target, knowhow.database)
    if as_json:
        print_json({"cases": count})
    else:
        out().print(
            f"{count} verified questions with their answers written to {target}", markup=False
        )
