"""Markdown to Slack's mrkdwn, with everything escaped: pure functions from text to text.

The only ``<…>`` in the result are links that are made here, so nothing that a document, a user or
a model wrote can ping anybody, whatever it contains.
Syntax: https://docs.slack.dev/messaging/formatting-message-text
"""

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from rich.cells import cell_len

from bot.slack.escaping import EDGE, FENCE, escape, link
from bot.slack.splitting import cut_up

__all__ = ["escape", "link", "to_mrkdwn"]

_URL = re.compile(r"https?://[^\s<>\"'|\\^`{}]+[^\s<>\"'|\\^`{}.,;:!?)\]*_~]")
_CITED = re.compile(r"\[(\d{1,3})\]")
_NOT_A_BACKTICK = "\u02cb"
"""Looks like one and ends no code."""

Sources = Mapping[int, str]
"""The addresses of the numbered sources that can be linked."""


def to_mrkdwn(
    markdown: str, sources: Sources | None = None, limit: int | None = None
) -> tuple[str, ...]:
    """The document's blocks (paragraphs, lists, code, tables), each as mrkdwn.

    ``[n]`` becomes a link to the n-th source. Of blocks longer than ``limit``, tables are divided
    with their heads repeated, and marked text with its marks; all else is `splitting`'s to cut.
    """
    root = SyntaxTreeNode(_parser().parse(markdown))
    rendered = (
        part
        for node in root.children
        for part in _divided(node, sources or {}, limit or sys.maxsize)
    )
    return tuple(block for block in rendered if block.strip())


def _divided(node: SyntaxTreeNode, sources: Sources, limit: int) -> Sequence[str]:
    if node.type == "table":
        return _table(node, limit)
    whole = _block(node, sources)
    if len(whole) <= limit or node.type != "paragraph":
        return (whole,)
    return _marked(node, sources, limit)


@cache
def _parser() -> MarkdownIt:
    # HTML stays off: it is shown as the text it is.
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def _block(node: SyntaxTreeNode, sources: Sources) -> str:
    match node.type:
        case "heading":
            # Bold inside bold would end it.
            title = _inline(node, sources).replace("*", "")
            rendered = f"*{title}*" if title else ""
        case "fence" | "code_block":
            rendered = _code_block(node.content)
        case "bullet_list" | "ordered_list":
            rendered = _list(node, sources)
        case "blockquote":
            inner = "\n\n".join(_block(child, sources) for child in node.children)
            rendered = "\n".join(f"> {line}".rstrip() for line in inner.splitlines())
        case "table":
            rendered = "\n\n".join(_table(node, sys.maxsize))
        case "hr":
            rendered = "———"
        case _:
            rendered = _inline(node, sources)
    return rendered


def _code_block(content: str) -> str:
    return f"{FENCE}\n{escape(content.rstrip(chr(10)))}\n{FENCE}"


def _list(node: SyntaxTreeNode, sources: Sources, depth: int = 0) -> str:
    lines = []
    start = int(node.attrs.get("start", 1))
    for number, item in enumerate(node.children, start):
        mark = f"{number}." if node.type == "ordered_list" else ("•", "◦", "▪")[min(depth, 2)]
        indent = "    " * depth
        first = True
        for child in item.children:
            if child.type in {"bullet_list", "ordered_list"}:
                lines.append(_list(child, sources, depth + 1))
                continue
            text = _block(child, sources).replace("\n", f"\n{indent}    ")
            lines.append(f"{indent}{mark} {text}" if first else f"{indent}    {text}")
            first = False
    return "\n".join(lines)


def _table(node: SyntaxTreeNode, limit: int) -> Sequence[str]:
    """Columns of even width, in code blocks with the head each: Slack's mrkdwn has no tables."""
    rows = [
        [_plain(cell) for cell in row.children] for part in node.children for row in part.children
    ]
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    rows.insert(1, ["-" * width for width in widths])
    lines = [
        "  ".join(
            cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)
        )
        for row in rows
    ]
    head, blocks = [line.rstrip() for line in lines[:2]], list[str]()
    rest = head
    for line in lines[2:]:
        more = [*rest, line.rstrip()]
        if len(_code_block("\n".join(more))) > limit and len(rest) > len(head):
            blocks.append(_code_block("\n".join(rest)))
            more = [*head, line.rstrip()]
        rest = more
    return [*blocks, _code_block("\n".join(rest))]


def _marked(node: SyntaxTreeNode, sources: Sources, limit: int) -> Sequence[str]:
    """A long paragraph in parts that each close the marks they open; whole where it has none."""
    runs = list(_runs(node, sources, ""))
    if not any(marks for _, marks in runs):
        return ("".join(text for text, _ in runs),)
    parts = [""]
    for text, marks in runs:
        for piece in cut_up(text, limit - 2 * len(marks) - 2) if marks else (text,):
            inner = piece.strip() if marks else piece
            marked = f"{marks}{inner}{marks[::-1]}" if inner else ""
            edge = _gap(parts[-1][-1:]) if marks else ""
            if len(parts[-1]) + len(edge) + len(marked) > limit:
                parts.append("")
                edge = ""
            parts[-1] += edge + marked
    return parts


def _runs(node: SyntaxTreeNode, sources: Sources, marks: str) -> Iterator[tuple[str, str]]:
    """Texts and the marks around each, outermost first."""
    for child in node.children:
        if child.type in {"strong", "em", "s"}:
            yield from _runs(child, sources, marks + _MARKS[child.type])
        elif child.type == "code_inline":
            yield _span(child, sources)[1:-1], marks + "`"
        elif child.type == "inline":
            yield from _runs(child, sources, marks)
        else:
            yield _span(child, sources), marks


def _plain(node: SyntaxTreeNode) -> str:
    if node.type in {"softbreak", "hardbreak"}:
        return " "
    return node.content if not node.children else "".join(_plain(child) for child in node.children)


def _inline(node: SyntaxTreeNode, sources: Sources) -> str:
    parts = [(_span(child, sources), child.type) for child in node.children]
    text = ""
    for index, (part, kind) in enumerate(parts):
        if kind not in _MARKS or not part:
            text += part
            continue
        following = parts[index + 1][0] if index + 1 < len(parts) else ""
        text += f"{_gap(text[-1:])}{part}{_gap(following[:1])}"
    return text


def _gap(neighbour: str) -> str:
    return EDGE if neighbour.isalnum() else ""


_MARKS = {"strong": "*", "em": "_", "s": "~", "code_inline": "`"}


def _span(node: SyntaxTreeNode, sources: Sources) -> str:
    match node.type:
        case "text":
            rendered = _text(node.content, sources)
        case "softbreak" | "hardbreak":
            rendered = "\n"
        case "strong" | "em" | "s":
            inner = _inline(node, sources).strip()
            rendered = f"{_MARKS[node.type]}{inner}{_MARKS[node.type]}" if inner else ""
        case "code_inline":
            rendered = f"`{escape(node.content.replace('`', _NOT_A_BACKTICK))}`"
        case "link":
            label = "".join(_plain(child) for child in node.children)
            rendered = link(str(node.attrs.get("href", "")), label)
        case "image":
            rendered = escape(node.content)
        case _:
            rendered = _inline(node, sources)
    return rendered


def _text(text: str, sources: Sources) -> str:
    """Plain text: addresses and citations become links, all else is escaped."""
    return _linked(
        text,
        _URL,
        lambda found: link(found[0], found[0]),
        lambda rest: _linked(rest, _CITED, lambda found: _citation(found, sources), escape),
    )


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
