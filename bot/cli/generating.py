"""questions generate, contexts generate: what a chat model writes about the documents."""

from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.answer_view import printable
from bot.cli.console import Json, opened, out, print_json, progress, run, table

if TYPE_CHECKING:
    from agent.generating.question_generation import Generated
    from agent.models import ChatModel
    from bot.wiring import Knowhow

_contexts = typer.Typer(
    help="Lines that say what a passage is about, so that it is found.", no_args_is_help=True
)

Collection = Annotated[str | None, typer.Option(help="Only this collection.")]


def register(app: typer.Typer) -> None:
    """Add this file's commands; `questions` has its other ones in a file of its own."""
    app.add_typer(_contexts, name="contexts")


def generate(
    collection: Collection = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Ask about no more passages.")] = None,
    each: Annotated[int, typer.Option(min=1, max=10, help="Questions for each passage.")] = 3,
    again: Annotated[
        bool, typer.Option("--again", help="Also for passages that have some.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Let the chat model write them; kept are those that search and passage bear out."""
    run(_questions(collection, limit, each, again=again, as_json=as_json))


@_contexts.command("generate")
def generate_contexts(
    collection: Collection = None,
    limit: Annotated[int | None, typer.Option(min=1, help="No more documents than this.")] = None,
    as_json: Json = False,
) -> None:
    """Let the chat model write a line for each passage that has none."""
    run(_situate(collection, limit, as_json=as_json))


async def _questions(
    collection: str | None, limit: int | None, each: int, *, again: bool, as_json: bool
) -> None:
    from agent.generating.question_generation import Generator
    from agent.prompting.prompt_registry import load_prompts
    from agent.prompting.prompt_texts import QUESTIONS

    async with opened() as knowhow:
        chat = _writer(
            knowhow, "questions are", "`knowhow questions import FILE` takes your own without one"
        )
        await knowhow.library.check_encoder()
        prompt = (await load_prompts(knowhow.database)).of(QUESTIONS, collection=collection or "")
        generator = Generator(knowhow.database, knowhow.search, knowhow.encoder, chat, prompt)
        with progress("Writing questions") as advance:
            done = await generator.run(
                collection=collection, limit=limit, each=each, again=again, advance=advance
            )
    if as_json:
        print_json(done.as_json())
    else:
        _print(done)


async def _situate(collection: str | None, limit: int | None, *, as_json: bool) -> None:
    from agent.generating.context_writing import Situater
    from agent.prompting.prompt_registry import load_prompts
    from agent.prompting.prompt_texts import CONTEXTS

    async with opened() as knowhow:
        chat = _writer(knowhow, "context lines are", "documents are found without them, too")
        await knowhow.library.check_encoder()
        prompt = (await load_prompts(knowhow.database)).of(CONTEXTS, collection=collection or "")
        situater = Situater(knowhow.library, knowhow.encoder, chat, prompt)
        with progress("Writing context lines") as advance:
            done = await situater.run(collection, limit, advance)
    if as_json:
        print_json(done.as_json())
    else:
        out().print(
            f"{done.chunks} lines for {done.documents} documents, {_cost(done.cost_usd)}",
            markup=False,
        )


def _writer(knowhow: "Knowhow", what: str, else_what: str) -> "ChatModel":
    """The chat model; raises InvalidInput where none is configured."""
    from bot.live_agent import chat_model
    from knowledge.errors import InvalidInput

    chat = chat_model(knowhow)
    if chat is None:
        raise InvalidInput(
            f"{what} written by a chat model, and none is configured: set OPENAI_API_KEY or "
            f"OPENAI_BASE_URL; {else_what}"
        )
    return chat


def _print(done: "Generated") -> None:
    out().print(
        f"{done.added} of {done.written} questions kept, for {done.chunks} passages, "
        f"{_cost(done.cost_usd)}",
        markup=False,
    )
    if done.left_out:
        listing = table("left out", "because", "such as")
        for reason, count in done.left_out.items():
            example = next(iter(done.examples[reason]), "")
            listing.add_row(str(count), reason, printable(example))
        out().print()
        out().print(listing)


def _cost(cost: float | None) -> str:
    return "cost unknown (set KNOWHOW_CHAT_PRICE)" if cost is None else f"${cost:.4f}"
