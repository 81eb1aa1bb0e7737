"""documents: what is in the knowledge base, from an admin's side."""

import sys
from typing import Annotated

import typer

from bot.cli import reviewing
from bot.cli.answer_view import printable
from bot.cli.console import Json, err, opened, out, print_json, run, table

_listing = typer.Typer(help="What is in the knowledge base.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.add_typer(_listing, name="documents")
    reviewing.register(_listing)


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
def remove(
    document_ids: Annotated[list[int], typer.Argument()],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Remove documents, with everything that was made of them."""
    ask = sys.stdin.isatty() and not (yes or as_json)
    run(_remove(document_ids, dry_run=dry_run, ask=ask, as_json=as_json))


@_listing.command()
def history(
    document_id: int,
    diff: Annotated[
        int | None, typer.Option(metavar="VERSION", help="Show what this version changed.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List a document's versions, or what one of them changed."""
    if diff is None:
        run(_history(document_id, as_json=as_json))
    else:
        run(_diff(document_id, diff, as_json=as_json))


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

    from knowledge.storage.restore import restore as bring_back

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
    from bot.cli.documents_view import list_view

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
                "owner": one.owner,
                "expires_at": one.expires_at and one.expires_at.isoformat(),
                "duplicate_of": one.duplicate_of,
            }
            for one in documents
        ]
        print_json({"documents": rows})
        return
    if not documents:
        out().print("No documents yet: `knowhow upload PATH` adds some.", markup=False)
        return
    out().print(list_view(documents))


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


async def _remove(document_ids: list[int], *, dry_run: bool, ask: bool, as_json: bool) -> None:
    from agent.learned.stale_pairs import resting_on
    from bot.cli.documents_view import removal_view
    from knowledge.storage.uncovered import index_uncovered

    async with opened() as knowhow:
        held = await knowhow.library.holdings(document_ids)
        resting = await resting_on(knowhow.database, document_ids)
        if not as_json:
            out().print(removal_view(held, resting, dry_run=dry_run))
        if ask and held.documents and not dry_run and not typer.confirm("Remove?", err=True):
            raise typer.Exit(1)
        if not dry_run:
            await knowhow.library.remove(document_ids)
            await index_uncovered(knowhow.library, knowhow.encoder)
    if as_json:
        print_json(
            {
                "removed": 0 if dry_run else held.documents,
                "documents": held.documents,
                "chunks": held.chunks,
                "questions": held.questions,
                "versions": held.versions,
                "duplicates": held.standing_in,
                "stale_pairs": resting.pairs,
                "stale_topics": list(resting.topics),
            }
        )
    if held.documents < len(set(document_ids)):
        err().print("knowhow: some of these documents do not exist: `knowhow documents list`")
        raise typer.Exit(1)


async def _diff(document_id: int, version: int, *, as_json: bool) -> None:
    from bot.cli.documents_view import diff_view, unified_diff

    async with opened() as knowhow:
        after = await knowhow.library.text_of(document_id, version)
        before = await knowhow.library.text_of(document_id, version - 1) if version > 1 else ""
    lines = unified_diff(before, after, version)
    if as_json:
        print_json({"document_id": document_id, "version": version, "diff": "\n".join(lines)})
    else:
        out().print(diff_view(lines))


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
