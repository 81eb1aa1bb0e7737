"""documents: what is in the knowledge base, from an admin's side."""

from typing import Annotated

import typer

from bot.cli.answer_view import printable
from bot.cli.console import Json, err, opened, out, print_json, run, table

_listing = typer.Typer(help="What is in the knowledge base.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.add_typer(_listing, name="documents")


@_listing.command("list")
def list_documents(
    collection: Annotated[str | None, typer.Option(help="Only this collection.")] = None,
    as_json: Json = False,
) -> None:
    """List the documents."""
    run(_list(collection, as_json=as_json))


@_listing.command()
def show(document_id: int, as_json: Json = False) -> None:
    """Show one document as it was understood."""
    run(_show(document_id, as_json=as_json))


@_listing.command()
def remove(document_ids: Annotated[list[int], typer.Argument()], as_json: Json = False) -> None:
    """Remove documents, with everything that was made of them."""
    run(_remove(document_ids, as_json=as_json))


@_listing.command()
def history(document_id: int, as_json: Json = False) -> None:
    """List a document's versions."""
    run(_history(document_id, as_json=as_json))


@_listing.command()
def restore(
    document_id: int,
    version: Annotated[int, typer.Argument(help="As `documents history` numbers them.")],
    as_json: Json = False,
) -> None:
    """Make an earlier version the newest again; who may see it stays as it is."""
    run(_restore(document_id, version, as_json=as_json))


async def _restore(document_id: int, version: int, *, as_json: bool) -> None:
    from getpass import getuser

    from knowledge.restore import restore as bring_back

    async with opened() as knowhow:
        made = await bring_back(document_id, version, knowhow.database, knowhow.encoder, getuser())
    if as_json:
        print_json({"document_id": document_id, "restored": version, "version": made})
        return
    out().print(
        f"Version {version} is back, as version {made}. The next upload of its source brings the "
        "source's text again.",
        markup=False,
    )


async def _list(collection: str | None, *, as_json: bool) -> None:
    async with opened() as knowhow:
        documents = await knowhow.library.documents(collection)
    if as_json:
        rows = [
            {
                "document_id": one.id,
                "collection": one.collection,
                "title": one.title,
                "uri": one.uri,
                "audience": list(one.audience),
                "version": one.version,
                "chunks": one.chunks,
                "updated_at": one.updated_at.isoformat(),
            }
            for one in documents
        ]
        print_json({"documents": rows})
        return
    if not documents:
        out().print("No documents yet: `knowhow upload PATH` adds some.", markup=False)
        return
    listing = table("id", "title", "collection", "audience", "chunks", "updated")
    for one in documents:
        listing.add_row(
            str(one.id),
            printable(one.title),
            one.collection,
            ", ".join(one.audience),
            str(one.chunks),
            f"{one.updated_at:%Y-%m-%d %H:%M}",
        )
    out().print(listing)


async def _show(document_id: int, *, as_json: bool) -> None:
    async with opened() as knowhow:
        shown = await knowhow.library.show(document_id)
    one = shown.listed
    if as_json:
        print_json(
            {
                "document_id": one.id,
                "title": one.title,
                "uri": one.uri,
                "source": one.source,
                "collection": one.collection,
                "audience": list(one.audience),
                "version": one.version,
                "chunks": one.chunks,
                "metadata": dict(shown.metadata),
                "text": shown.text,
            }
        )
        return
    out().print(f"{printable(one.title)}\n{printable(one.uri)}", style="bold", markup=False)
    out().print(
        f"version {one.version}, {one.chunks} chunks, for {', '.join(one.audience)}\n",
        style="dim",
        markup=False,
    )
    out().print(printable(shown.text), markup=False)


async def _remove(document_ids: list[int], *, as_json: bool) -> None:
    async with opened() as knowhow:
        removed = await knowhow.library.remove(document_ids)
    if as_json:
        print_json({"removed": removed})
    else:
        out().print(f"{removed} removed", markup=False)
    if removed < len(set(document_ids)):
        err().print("knowhow: some of these documents do not exist: `knowhow documents list`")
        raise typer.Exit(1)


async def _history(document_id: int, *, as_json: bool) -> None:
    async with opened() as knowhow:
        versions = await knowhow.library.history(document_id)
    if as_json:
        rows = [
            {
                "version": one.version,
                "title": one.title,
                "content_hash": one.content_hash,
                "characters": one.characters,
                "created_at": one.created_at.isoformat(),
                "author": one.author,
            }
            for one in versions
        ]
        print_json({"document_id": document_id, "versions": rows})
        return
    listing = table("version", "title", "characters", "stored", "by")
    for one in versions:
        stored = f"{one.created_at:%Y-%m-%d %H:%M}"
        row = (str(one.version), printable(one.title), str(one.characters), stored)
        listing.add_row(*row, printable(one.author))
    out().print(listing)
