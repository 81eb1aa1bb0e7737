"""Documents as a person sees them: the list, what a removal takes along, what a version changed."""

import difflib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.cli.answer_view import printable
from bot.cli.console import table

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from agent.learned.stale_pairs import Resting
    from knowledge.storage.catalogue import Holdings, Listed

_SHOWN_TOPICS = 10
_DIFF_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def list_view(documents: "Sequence[Listed]") -> "Table":
    """A line a document; owner and expiry only where any has one."""
    owned = any(one.owner or one.expires_at for one in documents)
    listing = table(
        "id",
        "title",
        "collection",
        "audience",
        "chunks",
        "updated",
        *(["owner", "expires"] * owned),
    )
    for one in documents:
        duplicate = f"= {one.duplicate_of}" if one.duplicate_of else str(one.chunks)
        expires = f"{one.expires_at:%Y-%m-%d}" if one.expires_at else ""
        listing.add_row(
            str(one.id),
            plain(one.title),
            plain(one.collection),
            ", ".join(one.audience),
            duplicate,
            f"{one.updated_at:%Y-%m-%d %H:%M}",
            *([plain(one.owner or ""), expires] if owned else ()),
        )
    return listing


def removal_view(held: "Holdings", resting: "Resting", *, dry_run: bool) -> "Text":
    """What goes, what goes stale, and what comes to be indexed instead."""
    from rich.text import Text

    view = Text(f"{_counted(held.documents, 'document')} {'would go' if dry_run else 'to remove'}")
    view.append(
        f", with {_counted(held.versions, 'version')}, {_counted(held.chunks, 'chunk')} and "
        f"{_counted(held.questions, 'question')}.",
    )
    if held.standing_in:
        documents = _counted(held.standing_in, "other document")
        view.append(f"\n{documents} say the same and will be found instead.", style="yellow")
    if resting.pairs:
        pairs = _counted(resting.pairs, "training pair")
        view.append(f"\n{pairs} made from them go stale: no model is trained on them.", "yellow")
    if resting.topics:
        names = "; ".join(map(printable, resting.topics[:_SHOWN_TOPICS]))
        more = "; …" if len(resting.topics) > _SHOWN_TOPICS else ""
        view.append(f"\nThe domain model keeps silent about: {names}{more}", style="yellow")
    return view


def unified_diff(before: str, after: str, version: int) -> list[str]:
    """Lines of a unified diff between a version's text and the one before it."""
    names = (f"version {version - 1}", f"version {version}")
    return list(difflib.unified_diff(before.split("\n"), after.split("\n"), *names, lineterm=""))


def diff_view(lines: Sequence[str]) -> "Text":
    """The diff with its colours."""
    from rich.text import Text

    if not lines:
        return Text("The text is the same; title, address, audience or settings changed.")
    view = Text()
    for line in lines:
        view.append(printable(line) + "\n", style=_DIFF_STYLES.get(line[:1], ""))
    view.rstrip()
    return view


def plain(text: str) -> "Text":
    """One line of what a file or a person wrote, without effect on the terminal."""
    from rich.text import Text

    return Text(" ".join(printable(text).split()), overflow="fold")


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" + "s" * (count != 1)
