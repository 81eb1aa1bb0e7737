"""upload, documents, search, reindex: the knowledge base from an admin's side."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.answer_view import printable
from bot.cli.console import Json, counter, err, opened, out, print_json, progress, run, table
from bot.cli.reader import Channel, User, reader_of

if TYPE_CHECKING:
    from bot.wiring import Knowhow
    from knowledge.documents import Reader
    from knowledge.upload import UploadReport

if TYPE_CHECKING:
    pass

_listing = typer.Typer(help="What is in the knowledge base.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command()(upload)
    app.add_typer(_listing, name="documents")
    app.command()(search)
    app.command()(reindex)


def upload(
    paths: Annotated[list[Path], typer.Argument(help="Folders, files, or BEIR folders.")],
    collection: Annotated[str, typer.Option(help="A name for what belongs together.")] = "default",
    audience: Annotated[
        str, typer.Option(help="Who may see it: everyone, channel:ID or user:ID.")
    ] = "everyone",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove documents that are gone from these paths.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Add or update documents; what has not changed is skipped."""
    run(_upload(paths, collection, audience, dry_run=dry_run, prune=prune, as_json=as_json))


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


def search(
    query: str,
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="How many passages.")] = 10,
    channel: Channel = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """Find passages, without an answer."""
    run(_search(query, k, reader_of(channel, user), as_json=as_json))


def reindex(as_json: Json = False) -> None:
    """Embed every chunk again with the configured encoder; questions are answered meanwhile."""
    run(_reindex(as_json=as_json))


async def _reindex(*, as_json: bool) -> None:
    from knowledge.reindex import reindex as embed_again

    async with opened() as knowhow:
        with counter("Embedding again", "chunks") as count:
            done = await embed_again(knowhow.database, knowhow.encoder, count)
    if as_json:
        print_json({"chunks": done.chunks, "removed": done.removed, "seconds": done.seconds})
        return
    name = knowhow.encoder.name
    if done.removed:
        out().print(f"{name} is in charge; removed what {', '.join(done.removed)} made")
    else:
        out().print(f"{done.chunks} chunks embedded with {name}, {done.seconds:.1f} s")


async def _upload(
    paths: list[Path],
    collection: str,
    audience: str,
    *,
    dry_run: bool,
    prune: bool,
    as_json: bool,
) -> None:
    from knowledge.documents import parse_audience
    from knowledge.upload import upload as upload_paths

    principals = parse_audience(audience)
    async with opened() as knowhow:
        with counter("Uploading", "documents", "chunks") as count:
            report = await upload_paths(
                paths,
                library=knowhow.library,
                encoder=knowhow.encoder,
                collection=collection,
                audience=principals,
                dry_run=dry_run,
                prune=prune,
                progress=lambda done: count(done.documents, done.chunks),
            )
        if not dry_run and (report.added or report.updated or report.removed):
            await _calibrate(knowhow)
    if as_json:
        print_json(report.as_json())
    else:
        _print_report(report, dry_run=dry_run)
    if report.failed:
        raise typer.Exit(1)


async def _calibrate(knowhow: "Knowhow") -> None:
    """What the documents now hold moves the line between them and the domain model."""
    from agent.calibration import calibrate
    from agent.registry import Registry

    if await Registry(knowhow.database).live_version() is not None:
        with progress("Calibrating the router") as advance:
            await calibrate(knowhow.database, knowhow.encoder, knowhow.search, advance)


def _print_report(report: "UploadReport", *, dry_run: bool) -> None:
    would = "would be " if dry_run else ""
    out().print(
        f"{report.added} {would}added, {report.updated} {would}updated, "
        f"{report.removed} {would}removed, {report.unchanged} unchanged "
        f"({report.chunks} chunks, {report.seconds:.1f} s)",
        markup=False,
    )
    for failure in report.failed:
        line = f"failed: {printable(failure.uri)}: {printable(failure.reason)}"
        err().print(line, style="red", markup=False, soft_wrap=True)


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
            }
            for one in versions
        ]
        print_json({"document_id": document_id, "versions": rows})
        return
    listing = table("version", "title", "characters", "stored")
    for one in versions:
        stored = f"{one.created_at:%Y-%m-%d %H:%M}"
        listing.add_row(str(one.version), printable(one.title), str(one.characters), stored)
    out().print(listing)


async def _search(query: str, k: int, reader: "Reader", *, as_json: bool) -> None:
    from knowledge.documents import Query

    async with opened() as knowhow:
        found = await knowhow.search.find(Query(query), reader, k)
    if as_json:
        rows = [
            {
                "document_id": one.document_id,
                "uri": one.uri,
                "title": one.title,
                "heading": list(one.heading),
                "text": one.text,
                "score": one.score,
                "lexical": one.lexical,
                "dense": one.dense,
            }
            for one in found.passages
        ]
        print_json({"passages": rows, "timings_ms": dict(found.timings_ms)})
        return
    if not found.passages:
        out().print("Nothing found.", markup=False)
    for n, one in enumerate(found.passages, 1):
        place = " › ".join((one.title, *one.heading))
        out().print(f"{n}. {printable(place)}", style="bold", markup=False)
        dense = "–" if one.dense is None else f"{one.dense:.2f}"
        scores = f"score {one.score:.2f}  lexical {one.lexical:.1f}  dense {dense}"
        out().print(f"{scores}  {printable(one.uri)}", style="dim", markup=False)
        out().print(printable(one.text) + "\n", markup=False)
