"""Markdown to Slack's mrkdwn, with everything escaped: pure functions from text to text.

The only ``<…>`` in the result are links that are made here, so nothing that a document, a user or
a model wrote can ping anybody, whatever it contains.
Syntax: https://docs.slack.dev/messaging/formatting-message-text
"""

import re
from collections.abc import Callable, Mapping
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from rich.cells import cell_len

_EDGE = "\u200b"
"""Slack takes ``*`` for bold only at a word's edge, which Chinese text, say, does not have."""

_LONGEST_URL = 2000
_URL = re.compile(r"https?://[^\s<>\"'|\\^`{}]+[^\s<>\"'|\\^`{}.,;:!?)\]*_~]")
_CITED = re.compile(r"\[(\d{1,3})\]")
_FENCE = "```"
_NOT_A_BACKTICK = "\u02cb"
"""Looks like one and ends no code."""

Sources = Mapping[int, str]
"""The addresses of the numbered sources that can be linked."""


def escape(text: str) -> str:
    """Slack's three control characters, made harmless."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def link(url: str, label: str) -> str:
    """A link; only the escaped label when the address is not one that a browser should open."""
    shown = escape(" ".join(label.split())).replace("|", "¦")
    if not url.startswith(("https://", "http://")):
        return shown
    address = "".join(_PERCENT.get(character, character) for character in url if character > "\x1f")
    address = address.replace("&", "&amp;")
    return f"<{address}|{shown or escape(url)}>" if len(address) <= _LONGEST_URL else shown


_PERCENT = {"<": "%3C", ">": "%3E", "|": "%7C", " ": "%20"}


def to_mrkdwn(markdown: str, sources: Sources | None = None) -> tuple[str, ...]:
    """The document's blocks (paragraphs, lists, code, tables), each as mrkdwn.

    ``[n]`` becomes a link to the n-th source.
    """
    root = SyntaxTreeNode(_parser().parse(markdown))
    rendered = (_block(node, sources or {}) for node in root.children)
    return tuple(block for block in rendered if block.strip())


@cache
def _parser() -> MarkdownIt:
    # HTML stays off: it is shown as the text it is.
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def _block(node: SyntaxTreeNode, sources: Sources) -> str:
    match node.type:
        case "heading":
            # Bold inside bold would end it.
            title = _inline(node, sources).replace("*", "").replace(_EDGE, "")
            rendered = f"*{title}*" if title else ""
        case "fence" | "code_block":
            rendered = _code_block(node.content)
        case "bullet_list" | "ordered_list":
            rendered = _list(node, sources)
        case "blockquote":
            inner = "\n\n".join(_block(child, sources) for child in node.children)
            rendered = "\n".join(f"> {line}".rstrip() for line in inner.splitlines())
        case "table":
            rendered = _table(node)
        case "hr":
            rendered = "———"
        case _:
            rendered = _inline(node, sources)
    return rendered


def _code_block(content: str) -> str:
    # A fence inside would end the block and let what follows be formatted.
    inner = escape(content.rstrip("\n")).replace(_FENCE, f"``{_EDGE}`")
    return f"{_FENCE}\n{inner}\n{_FENCE}"


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


def _table(node: SyntaxTreeNode) -> str:
    """Columns of even width, in a code block: Slack's mrkdwn has no tables."""
    rows = [
        [_plain(cell) for cell in row.children] for part in node.children for row in part.children
    ]
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    rows.insert(1, ["-" * width for width in widths])
    lines = (
        "  ".join(
            cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)
        )
        for row in rows
    )
    return _code_block("\n".join(line.rstrip() for line in lines))


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
    return _EDGE if neighbour.isalnum() else ""


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
