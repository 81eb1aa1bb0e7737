"""search, reindex: passages without an answer, and the encoder that finds them."""

from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.answer_view import printable
from bot.cli.console import Json, counter, opened, out, print_json, run
from bot.cli.reader import Channel, User, reader_of

if TYPE_CHECKING:
    from knowledge.documents import Reader


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command()(search)
    app.command()(reindex)


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


async def _reindex(*, as_json: bool) -> None:
    from agent.feedback.verified_vectors import encode_again
    from knowledge.storage.reindex import reindex as embed_again

    async with opened() as knowhow:
        with counter("Embedding again", "chunks") as count:
            done = await embed_again(knowhow.database, knowhow.encoder, count)
        await encode_again(knowhow.database, knowhow.encoder)
    if as_json:
        print_json({"chunks": done.chunks, "removed": done.removed, "seconds": done.seconds})
        return
    name = knowhow.encoder.name
    if done.removed:
        out().print(f"{name} is in charge; removed what {', '.join(done.removed)} made")
    else:
        out().print(f"{done.chunks} chunks embedded with {name}, {done.seconds:.1f} s")
