"""documents review: what the owners of documents should look at."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.console import Json, opened, out, print_json, run, table
from bot.cli.documents_view import plain

if TYPE_CHECKING:
    from rich.table import Table

    from agent.feedback.stale_answers import StaleAnswer
    from knowledge.reviewing.review import Named, Review


def register(documents: typer.Typer) -> None:
    """Add this file's command."""
    documents.command()(review)


def review(
    owner: Annotated[str | None, typer.Option(help="Only what this owner answers for.")] = None,
    collection: Annotated[str | None, typer.Option(help="Only this collection.")] = None,
    unchanged: Annotated[
        int, typer.Option(min=1, metavar="DAYS", help="Unchanged for so long is long.")
    ] = 365,
    cited: Annotated[
        int, typer.Option(min=1, metavar="TIMES", help="Cited by so many answers is often.")
    ] = 3,
    as_json: Json = False,
) -> None:
    """List what was found wrong, conflicts, duplicates, expired, and old documents cited often."""
    run(_review(owner, collection, unchanged, cited, as_json=as_json))


async def _review(
    owner: str | None, collection: str | None, unchanged: int, cited: int, *, as_json: bool
) -> None:
    from agent.citing import cited_documents
    from agent.feedback.blaming import blamed_documents
    from agent.feedback.stale_answers import stale_answers
    from knowledge.reviewing.review import review as look_through

    async with opened() as knowhow:
        often = await cited_documents(knowhow.database, cited)
        before = datetime.now(UTC) - timedelta(days=unchanged)
        findings = await look_through(
            knowhow.database.engine,
            often,
            before,
            collection=collection,
            owner=owner,
            blamed=await blamed_documents(knowhow.database),
        )
        stale = await stale_answers(knowhow.database)
        stale = tuple(one for one in stale if owner in {None, one.author})
    if as_json:
        print_json(_plainly({**asdict(findings), "answers": [asdict(one) for one in stale]}))
        return
    tables = [*_tables(findings), *_answers(stale)]
    for title, what_to_do, listing in tables:
        out().print(title, style="bold", markup=False)
        out().print(what_to_do, style="dim", markup=False)
        out().print(listing)
        out().print()
    if not tables:
        out().print("Nothing to look at.", markup=False)


def _tables(findings: "Review") -> "Sequence[tuple[str, str, Table]]":
    """A title, what to do, and a table for each kind that was found."""
    found = _blamed(findings)
    if findings.conflicts:
        listing = table("document", "says", "while", "says", "owners")
        for conflict in findings.conflicts:
            listing.add_row(
                _name(conflict.document),
                plain(conflict.says),
                _name(conflict.other),
                plain(conflict.other_says),
                _owners(conflict.document, conflict.other),
            )
        what = f"Conflicts: {len(findings.conflicts)}"
        found.append((what, "Mend the document that is wrong, and upload it again.", listing))
    if findings.duplicates:
        listing = table("document", "is like", "alike", "", "owners")
        for pair in findings.duplicates:
            listing.add_row(
                _name(pair.document),
                _name(pair.other),
                f"{pair.similarity:.0%}",
                "both are searched" if pair.indexed else "found through the other",
                _owners(pair.document, pair.other),
            )
        what = f"Duplicates: {len(findings.duplicates)}"
        found.append((what, "Keep one at its source, and upload with --prune.", listing))
    if findings.expired:
        listing = table("document", "expired", "owner")
        for one in findings.expired:
            listing.add_row(_name(one.document), f"{one.since:%Y-%m-%d}", _owners(one.document))
        what = f"Expired: {len(findings.expired)}"
        found.append((what, "Look it through, and upload it with a later --expires.", listing))
    if findings.unchanged:
        listing = table("document", "unchanged since", "cited", "owner")
        for one in findings.unchanged:
            since, times = f"{one.since:%Y-%m-%d}", f"{one.cited} times"
            listing.add_row(_name(one.document), since, times, _owners(one.document))
        what = f"Old and often cited: {len(findings.unchanged)}"
        found.append((what, "Answers rest on it: does it still hold?", listing))
    return found


def _answers(stale: "Sequence[StaleAnswer]") -> "list[tuple[str, str, Table]]":
    if not stale:
        return []
    listing = table("question", "answer", "verified by")
    for one in stale:
        listing.add_row(plain(one.question), plain(one.answer), plain(one.author_name))
    what = f"Verified answers out of date: {len(stale)}"
    return [(what, "Their documents changed, so they are not used: do they still hold?", listing)]


def _blamed(findings: "Review") -> "list[tuple[str, str, Table]]":
    if not findings.blamed:
        return []
    listing = table("document", "right is", "owner")
    for one in findings.blamed:
        listing.add_row(_name(one.document), plain(one.right), _owners(one.document))
    what = f"Found wrong: {len(findings.blamed)}"
    return [(what, "Mend the document, and upload it again.", listing)]


def _name(document: "Named") -> Any:
    return plain(f"{document.id} {document.title}")


def _owners(*documents: "Named") -> Any:
    owners = dict.fromkeys(one.owner for one in documents if one.owner)
    return plain(", ".join(owners) or "–")


def _plainly(value: Any) -> Any:
    """Moments as ISO 8601, all else as it is."""
    if isinstance(value, dict):
        return {name: _plainly(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plainly(one) for one in value]
    return value.isoformat() if isinstance(value, datetime) else value
