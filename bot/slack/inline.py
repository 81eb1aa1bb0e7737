"""Markdown inside one paragraph to Slack's mrkdwn: marks, links and citations, all else escaped.

Slack takes marks only at the edges of words and only within one line, so every line of marked
text closes what it opens.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from markdown_it.tree import SyntaxTreeNode

from bot.slack.escaping import EDGE, escape, link
from bot.slack.splitting import cut_up

Sources = Mapping[int, str]
"""The addresses of the numbered sources that can be linked."""

_URL = re.compile(r"https?://[^\s<>\"'|\\^`{}]+[^\s<>\"'|\\^`{}.,;:!?)\]*_~]")
_CITED = re.compile(r"\[(\d{1,3})\]")
_NOT_A_BACKTICK = "\u02cb"
"""Looks like one and ends no code."""

_LONGEST_LINK = 1300
"""No cut may fall within one: shorter than any line that text is cut to."""

_LABEL, _LONGEST_ADDRESS = 60, 200
"""What is shown of a link that is longer, each time."""

_MARKS = {"strong": "*", "em": "_", "s": "~", "code_inline": "`"}


def inline(node: SyntaxTreeNode, sources: Sources) -> str:
    """All of it, however long."""
    parts = [(_span(child, sources), child.type) for child in node.children]
    text = ""
    for index, (part, kind) in enumerate(parts):
        if kind not in _MARKS or not part:
            text += part
            continue
        following = parts[index + 1][0] if index + 1 < len(parts) else ""
        text += f"{_gap(text[-1:])}{part}{_gap(following[:1])}"
    return text


def divided(node: SyntaxTreeNode, sources: Sources, limit: int, marks: str = "") -> Sequence[str]:
    """In parts that each close the marks they open; only unmarked text may be longer.

    ``marks`` are around all of it.
    """
    parts = [""]
    marked_before = False
    for text, around in _runs(node, sources, marks):
        for piece in cut_up(text, limit - 2 * len(around) - 2) if around else (text,):
            marked = _wrapped(piece, around)
            edge = _gap(parts[-1][-1:] if around else marked[:1] * marked_before)
            if len(parts[-1]) + len(edge) + len(marked) > limit:
                parts.append("")
                edge, marked = "", marked.lstrip()
            parts[-1] += edge + marked
            marked_before = bool(around)
    return [part for part in parts if part]


def is_marked(node: SyntaxTreeNode) -> bool:
    """Whether any of it is bold, slanted, struck through or code."""
    return any(child.type in _MARKS for child in node.walk())


def plain(node: SyntaxTreeNode) -> str:
    """Its words alone, in one line; nothing is escaped."""
    if node.type in {"softbreak", "hardbreak"}:
        return " "
    return node.content if not node.children else "".join(plain(child) for child in node.children)


def _runs(node: SyntaxTreeNode, sources: Sources, marks: str) -> Iterator[tuple[str, str]]:
    """Texts and the marks around each, outermost first."""
    for child in node.children:
        mark = _MARKS.get(child.type, "")
        if child.type == "code_inline":
            yield _span(child, sources)[1:-1], marks + mark
        elif mark or child.type == "inline":
            yield from _runs(child, sources, marks if mark in marks else marks + mark)
        else:
            text = _span(child, sources)
            # A star of its own would end the bold text around it.
            yield text.replace("*", "") if "*" in marks else text, marks


def _wrapped(text: str, marks: str) -> str:
    """The marks around each line's words."""
    lines = []
    for line in text.split("\n"):
        inner = line.strip()
        if not inner or not marks:
            lines.append(line)
            continue
        before, after = line[: len(line) - len(line.lstrip())], line[len(line.rstrip()) :]
        lines.append(f"{before}{marks}{inner}{marks[::-1]}{after}")
    return "\n".join(lines)


def _gap(neighbour: str) -> str:
    return EDGE if neighbour.isalnum() or neighbour in {*_MARKS.values()} else ""


def _span(node: SyntaxTreeNode, sources: Sources) -> str:
    match node.type:
        case "text":
            rendered = _text(node.content, sources)
        case "softbreak" | "hardbreak":
            rendered = "\n"
        case "strong" | "em" | "s":
            rendered = _wrapped(inline(node, sources).strip(), _MARKS[node.type])
        case "code_inline":
            rendered = f"`{escape(node.content.replace('`', _NOT_A_BACKTICK))}`"
        case "link":
            label = "".join(plain(child) for child in node.children)
            rendered = _links(str(node.attrs.get("href", "")), label)
        case "image":
            rendered = escape(node.content)
        case _:
            rendered = inline(node, sources)
    return rendered


def _text(text: str, sources: Sources) -> str:
    """Plain text: addresses and citations become links, all else is escaped."""
    return _linked(
        text,
        _URL,
        lambda found: _address(found[0]),
        lambda rest: _linked(rest, _CITED, lambda found: _citation(found, sources), escape),
    )


def _links(url: str, label: str) -> str:
    """A link, or several where the words are many; the words alone where the address is endless."""
    whole = link(url, label)
    if len(whole) <= _LONGEST_LINK:
        return whole
    if len(link(url, "&" * _LABEL)) > _LONGEST_LINK:
        return escape(label)
    pieces = (piece for piece in cut_up(label, _LABEL) if piece.strip())
    return "".join(f"{' ' * piece[0].isspace()}{link(url, piece)}" for piece in pieces)


def _address(url: str) -> str:
    shown = url if len(url) <= _LONGEST_ADDRESS else f"{url[:_LONGEST_ADDRESS]}…"
    linked = link(url, shown)
    return linked if linked.startswith("<") and len(linked) <= _LONGEST_LINK else escape(url)


def _citation(found: re.Match[str], sources: Sources) -> str:
    return link(sources.get(int(found[1]), ""), found[0])


def _linked(
    text: str,
    pattern: re.Pattern[str],
    make: Callable[[re.Match[str]], str],
    between: Callable[[str], str],
) -> str:
    done, position = [], 0
    for found in pattern.finditer(text):
        done += [between(text[position : found.start()]), make(found)]
        position = found.end()
    return "".join([*done, between(text[position:])])
