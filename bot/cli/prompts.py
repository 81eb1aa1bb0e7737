"""prompts: what a chat model is told, worded by the team."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.answer_view import printable
from bot.cli.console import Json, opened, out, print_json, run, table

_prompts = typer.Typer(help="What a chat model is told, in your words.", no_args_is_help=True)

Workspace = Annotated[str, typer.Option(help="Only for this Slack workspace (its team ID).")]
Collection = Annotated[str, typer.Option(help="Only where this collection answers.")]
Name = Annotated[str, typer.Argument(help="As `prompts list` names them.")]


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.add_typer(_prompts, name="prompts")


@_prompts.command("list")
def list_prompts(as_json: Json = False) -> None:
    """List the prompts, and where another text than the built-in one is in use."""
    run(_list(as_json=as_json))


@_prompts.command()
def show(
    name: Name,
    version: Annotated[
        int | None, typer.Option(help="An earlier text; the one in use if left out.")
    ] = None,
    built_in: Annotated[bool, typer.Option("--built-in", help="The text it came with.")] = False,
    workspace: Workspace = "",
    collection: Collection = "",
    as_json: Json = False,
) -> None:
    """Show a prompt's text."""
    run(_show(name, version, workspace, collection, built_in=built_in, as_json=as_json))


@_prompts.command("set")
def set_text(
    name: Name,
    file: Annotated[Path, typer.Argument(help="The text; rules for safety are added to it.")],
    workspace: Workspace = "",
    collection: Collection = "",
    as_json: Json = False,
) -> None:
    """Use the text of a file from now on, in every running process."""
    run(_set(name, file, workspace, collection, as_json=as_json))


@_prompts.command()
def reset(
    name: Name, workspace: Workspace = "", collection: Collection = "", as_json: Json = False
) -> None:
    """Take back what was set, for this place."""
    run(_reset(name, workspace, collection, as_json=as_json))


@_prompts.command()
def history(name: Name, as_json: Json = False) -> None:
    """List every text that a prompt has had."""
    run(_history(name, as_json=as_json))


async def _list(*, as_json: bool) -> None:
    from agent.prompting.prompt_registry import load_prompts
    from agent.prompting.prompt_texts import BUILT_IN
    from agent.prompting.prompts import built_in

    async with opened() as knowhow:
        prompts = await load_prompts(knowhow.database)
    rows = [
        (name, place.workspace, place.collection, prompt.version)
        for (name, place), prompt in sorted(prompts.overrides.items(), key=str)
    ]
    rows += [(name, "", "", built_in(name).version) for name in BUILT_IN]
    if as_json:
        names = ("prompt", "workspace", "collection", "version")
        print_json({"prompts": [dict(zip(names, row, strict=True)) for row in rows]})
        return
    listing = table("prompt", "does", "workspace", "collection", "version")
    for name, built in BUILT_IN.items():
        for number, (_, workspace, collection, version) in enumerate(
            r for r in rows if r[0] == name
        ):
            listing.add_row(
                name if not number else "",
                built.purpose if not number else "",
                printable(workspace) or "all",
                printable(collection) or "all",
                version,
            )
    out().print(listing)


async def _show(
    name: str,
    version: int | None,
    workspace: str,
    collection: str,
    *,
    built_in: bool,
    as_json: bool,
) -> None:
    from agent.prompting.prompt_registry import built_in_prompt, load_prompts, prompt_version

    original = built_in_prompt(name)
    async with opened() as knowhow:
        if version is not None:
            prompt = await prompt_version(knowhow.database, name, version)
        elif built_in:
            prompt = original
        else:
            prompt = (await load_prompts(knowhow.database)).of(name, workspace, collection)
    if as_json:
        print_json({"prompt": name, "version": prompt.version, "text": prompt.text})
    else:
        out().print(prompt.label, style="dim", markup=False)
        out().print(printable(prompt.text), markup=False)


async def _set(name: str, file: Path, workspace: str, collection: str, *, as_json: bool) -> None:
    from agent.prompting.prompt_registry import set_prompt
    from agent.prompting.prompts import Place

    content = read_text(file)
    async with opened() as knowhow:
        prompt = await set_prompt(knowhow.database, name, content, Place(workspace, collection))
    if as_json:
        print_json({"prompt": name, "version": prompt.version})
    else:
        out().print(f"{prompt.label} is in use.", markup=False)


async def _reset(name: str, workspace: str, collection: str, *, as_json: bool) -> None:
    from agent.prompting.prompt_registry import load_prompts, reset_prompt
    from agent.prompting.prompts import Place

    async with opened() as knowhow:
        await reset_prompt(knowhow.database, name, Place(workspace, collection))
        prompt = (await load_prompts(knowhow.database)).of(name, workspace, collection)
    if as_json:
        print_json({"prompt": name, "version": prompt.version})
    else:
        out().print(f"{prompt.label} is in use.", markup=False)


async def _history(name: str, *, as_json: bool) -> None:
    from agent.prompting.prompt_registry import prompt_history

    async with opened() as knowhow:
        entries = await prompt_history(knowhow.database, name)
    if as_json:
        rows = [
            {
                "version": one.version,
                "workspace": one.place.workspace,
                "collection": one.place.collection,
                "text": one.text,
                "created_at": one.created_at.isoformat(),
            }
            for one in entries
        ]
        print_json({"prompt": name, "versions": rows})
        return
    listing = table("version", "workspace", "collection", "set", "text")
    for one in entries:
        first = "(taken back)" if one.text is None else printable(one.text).splitlines()[0]
        listing.add_row(
            str(one.version),
            printable(one.place.workspace) or "all",
            printable(one.place.collection) or "all",
            f"{one.created_at:%Y-%m-%d %H:%M}",
            first,
        )
    out().print(listing if entries else "Only the built-in text has been in use.")


def read_text(file: Path) -> str:
    """A file's text; raises InvalidInput where it is none."""
    from knowledge.errors import InvalidInput

    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file} cannot be read as UTF-8 text: {error}") from error
