"""tune review: what waits for a person, walked through, listed, or decided in one command."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import Json, opened, out, print_json, run
from bot.cli.tuning_cleaning import Author
from bot.cli.uploading import account

if TYPE_CHECKING:
    from agent.tuning.reviewing import Decision, Reviewer
    from knowledge.database import Database


def register(tune: typer.Typer) -> None:
    """Add this file's command."""
    tune.command()(review)


@dataclass(frozen=True, slots=True)
class _Choice:
    """What the options say: one of these."""

    approve: bool
    reject: bool
    merge_into: int | None
    question: str | None
    answer: str | None

    @property
    def edits(self) -> bool:
        return self.question is not None or self.answer is not None

    @property
    def made(self) -> int:
        return self.approve + self.reject + (self.merge_into is not None) + self.edits


def review(
    item: Annotated[
        int | None, typer.Argument(help="Decide about this one, with one of the options below.")
    ] = None,
    pair: Annotated[
        list[int] | None,
        typer.Option(help="About this pair of the item, or a pair alone; may be repeated."),
    ] = None,
    approve: Annotated[bool, typer.Option("--approve", help="Teach it as it is.")] = False,
    reject: Annotated[bool, typer.Option("--reject", help="Never teach it.")] = False,
    merge_into: Annotated[
        int | None, typer.Option(metavar="PAIR", help="Give all the answer of this pair.")
    ] = None,
    question: Annotated[str | None, typer.Option(help="Ask it so, and teach it.")] = None,
    answer: Annotated[str | None, typer.Option(help="Answer it so, and teach it.")] = None,
    kind: Annotated[
        str | None, typer.Option(help="Only this kind, such as contradiction or candidate.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why; kept in the log.")] = "",
    author: Author = None,
    as_json: Json = False,
) -> None:
    """Walk through what waits for a person: approve, edit, reject, merge; --json lists it."""
    choice = _Choice(approve, reject, merge_into, question, answer)
    named = item is not None or bool(pair)
    if choice.made > 1 or bool(choice.made) != named:
        raise typer.BadParameter(
            "an item or --pair goes with one of --approve, --reject, --merge-into and a new text"
        )
    who = author or account()
    if named:
        run(_decide(item, pair or [], choice, reason, who, as_json=as_json))
    elif as_json:
        run(_list(kind))
    else:
        run(_walk(kind, who))


async def _list(kind: str | None) -> None:
    from agent.tuning.review_queue import questions

    async with opened() as knowhow:
        found = await questions(knowhow.database, kind)
    print_json({"items": [one.as_json() for one in found]})


async def _walk(kind: str | None, author: str) -> None:
    from agent.tuning.review_queue import questions
    from bot.cli.review_walk import Walk

    async with opened() as knowhow:
        found = await questions(knowhow.database, kind)
        if not found:
            out().print("Nothing waits for you.", markup=False)
            return
        await Walk(knowhow.database, author, found).to_its_end()


async def _decide(
    item: int | None, pairs: list[int], choice: _Choice, reason: str, author: str, *, as_json: bool
) -> None:
    from agent.tuning.reviewing import Reviewer, item_of

    async with opened() as knowhow:
        meant = pairs or list((await item_of(knowhow.database, item or 0)).meant)
        done = await _done(knowhow.database, meant, choice, Reviewer(author, reason, item))
    if as_json:
        print_json({"run": str(done.run), "changed": list(done.changed)})
        return
    changed = ", ".join(map(str, done.changed))
    out().print(f"Changed: {changed}." if changed else "Nothing had to be changed.", markup=False)
    if changed:
        out().print(f"`knowhow tune undo {done.run}` undoes it.", style="dim", markup=False)


async def _done(
    database: "Database", pairs: list[int], choice: _Choice, by: "Reviewer"
) -> "Decision":
    from agent.tuning import reviewing

    if choice.approve:
        return await reviewing.approve(database, pairs, by)
    if choice.reject:
        return await reviewing.reject(database, pairs, by)
    if choice.merge_into is not None:
        return await reviewing.merge(database, pairs, choice.merge_into, by)
    if len(pairs) > 1:
        raise typer.BadParameter("a new text is for one pair: name it with --pair")
    return await reviewing.edit(
        database, pairs[0], by, question=choice.question, answer=choice.answer
    )
