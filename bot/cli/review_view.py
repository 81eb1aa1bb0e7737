"""A question of the review as a person reads it: the pairs side by side, what differs marked."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from bot.cli.answer_view import printable

if TYPE_CHECKING:
    from rich.console import Group, RenderableType
    from rich.text import Text

    from agent.tuning.review_queue import Question
    from agent.tuning.stored_pairs import StoredPair

_LONGEST = 1_500
_TOKEN = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]|\w+|\s+|.", re.DOTALL)
"""A word, or one Chinese, Japanese or Korean character."""

_SIDE_BY_SIDE = 2


def question_view(question: "Question", place: int, total: int) -> "Group":
    """What is asked, why, and the pairs."""
    from rich.console import Group
    from rich.padding import Padding
    from rich.rule import Rule
    from rich.text import Text

    item = question.item
    title = Text(f"{place} of {total}", style="dim")
    title.append(f"  {item.kind if item else 'candidate'}", style="bold")
    if item is not None:
        title.append(f"  item {item.id}", style="dim")
    why = Text(printable(item.why) if item else "Nobody has looked at it yet.", style="italic")
    pairs = list(_pairs(question.pairs))
    shown: RenderableType = Group(*(Padding(one, (0, 0, 1, 0)) for one in pairs))
    if len(pairs) == _SIDE_BY_SIDE:
        shown = Padding(_columns(pairs), (0, 0, 1, 0))
    return Group(Text(), Rule(title, align="left", style="dim"), why, Text(), shown)


def _columns(pairs: "Sequence[Text]") -> "RenderableType":
    from rich.table import Table

    columns = Table.grid(padding=(0, 3), expand=True)
    for _ in pairs:
        columns.add_column(ratio=1, overflow="fold")
    columns.add_row(*pairs)
    return columns


def _pairs(pairs: "Sequence[StoredPair]") -> "Iterator[Text]":
    """Each pair; the first is held against the second, all others against the first."""
    for place, one in enumerate(pairs):
        other = pairs[0] if place else pairs[min(1, len(pairs) - 1)]
        yield _pair(one, other, place + 1 if len(pairs) > 1 else None)


def _pair(one: "StoredPair", other: "StoredPair", number: int | None) -> "Text":
    from rich.text import Text

    view = Text()
    if number is not None:
        view.append(f"[{number}] ", style="bold cyan")
    view.append(f"pair {one.id} · {one.state}\n", style="dim")
    view.append_text(_marked(one.question, other.question, "bold"))
    view.append("\n")
    view.append_text(_marked(one.answer, other.answer, ""))
    view.append(f"\n{_about(one)}", style="dim")
    return view


def _about(one: "StoredPair") -> str:
    document = f"document {one.document_id}, version {one.document_version}"
    parts = (
        "" if one.answer.startswith(one.topic.removesuffix("…")) else f"topic {one.topic}",
        one.source or one.origin,
        document if one.document_id else "",
        one.author,
        f"{one.created_at:%Y-%m-%d}",
        "" if one.audience == ("everyone",) else f"for {', '.join(one.audience)}",
    )
    return " · ".join(" ".join(printable(part).split()) for part in parts if part)


def _marked(text: str, other: str, style: str) -> "Text":
    """The text, with what the other one does not say set off."""
    from rich.text import Text

    mine, theirs = _TOKEN.findall(_safe(text)), _TOKEN.findall(_safe(other))
    view = Text(style=style)
    for kind, start, end, _, _ in SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes():
        said = "".join(mine[start:end])
        view.append(said, style="" if kind == "equal" or not said.strip() else "yellow")
    return view


def _safe(text: str) -> str:
    from knowledge.secret_patterns import without_secrets

    safe = printable(without_secrets(text))
    return safe if len(safe) <= _LONGEST else f"{safe[:_LONGEST]}… ({len(text)} characters)"
