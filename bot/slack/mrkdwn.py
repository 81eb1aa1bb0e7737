"""Markdown to Slack's mrkdwn, with everything escaped: pure functions from text to text.

The only ``<…>`` in the result are links that are made here, so nothing that a document, a user or
a model wrote can ping anybody, whatever it contains.
Syntax: https://docs.slack.dev/messaging/formatting-message-text
"""

import sys
from collections.abc import Iterable, Iterator
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from bot.slack.escaping import FENCE, escape, link
from bot.slack.inline import Sources, divided, inline, is_marked
from bot.slack.tables import Table, code_block, table_of

__all__ = ["escape", "link", "to_blocks", "to_mrkdwn"]

_SHORTEST_LINE = 100
_QUOTE = "> "
_BULLETS = ("•", "◦", "▪")


def to_mrkdwn(
    markdown: str, sources: Sources | None = None, limit: int | None = None
) -> tuple[str, ...]:
    """The document's blocks (paragraphs, lists, code, tables), each as mrkdwn.

    ``[n]`` becomes a link to the n-th source. Of blocks longer than ``limit``, tables are divided
    with their heads repeated, and marked text with its marks; all else is `splitting`'s to cut.
    """
    blocks = to_blocks(markdown, sources, limit)
    return tuple(
        text
        for block in blocks
        for text in ((block,) if isinstance(block, str) else block.as_code(limit or sys.maxsize))
    )


def to_blocks(
    markdown: str, sources: Sources | None = None, limit: int | None = None
) -> tuple[str | Table, ...]:
    """As `to_mrkdwn`, with tables as such where they are no part of something else."""
    root = SyntaxTreeNode(_parser().parse(markdown))
    blocks = (
        block
        for node in root.children
        for block in (
            (table_of(node),)
            if node.type == "table"
            else _blocks(node, sources or {}, limit or sys.maxsize)
        )
    )
    return tuple(block for block in blocks if not isinstance(block, str) or block.strip())


@cache
def _parser() -> MarkdownIt:
    # HTML stays off: it is shown as the text it is.
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def _blocks(node: SyntaxTreeNode, sources: Sources, limit: int) -> Iterator[str]:
    """A block; code in a list or a quote is one of its own, because Slack has none in there."""
    match node.type:
        case "heading":
            # Bold inside bold would end it.
            title = inline(node, sources).replace("*", "")
            if len(title) + 2 > limit:
                yield from divided(node, sources, limit, "*")
            elif title:
                yield f"*{title}*"
        case "fence" | "code_block":
            yield code_block(node.content)
        case "bullet_list" | "ordered_list":
            yield from _joined(_list(node, sources, limit // 2), "\n")
        case "blockquote":
            room = max(limit // 2 - len(_QUOTE), _SHORTEST_LINE)
            inner = (block for child in node.children for block in _inside(child, sources, room))
            yield from map(_quoted, _joined(inner, "\n\n"))
        case "table":
            yield from table_of(node).as_code(limit)
        case "hr":
            yield "———"
        case _:
            whole = inline(node, sources)
            too_long = len(whole) > limit and is_marked(node)
            yield from divided(node, sources, limit) if too_long else (whole,)


def _list(node: SyntaxTreeNode, sources: Sources, line: int, depth: int = 0) -> Iterator[str]:
    """Its items and what is in them, with marks that last no longer than a ``line`` does.

    However the list is cut then, it is between lines.
    """
    start = int(node.attrs.get("start", 1))
    indent = "    " * depth
    for number, item in enumerate(node.children, start):
        bullet = _BULLETS[min(depth, len(_BULLETS) - 1)]
        mark = f"{number}." if node.type == "ordered_list" else bullet
        for child in item.children:
            if child.type in {"bullet_list", "ordered_list"}:
                yield from _list(child, sources, line, depth + 1)
                continue
            room = max(line - len(indent) - len(mark) - 4, _SHORTEST_LINE)
            for block in _inside(child, sources, room):
                if _is_code(block):
                    yield block
                    continue
                text = block.replace("\n", f"\n{indent}    ")
                yield f"{indent}{mark} {text}" if mark else f"{indent}    {text}"
                mark = ""


def _inside(node: SyntaxTreeNode, sources: Sources, line: int) -> Iterable[str]:
    """A block within another: a paragraph stays one, of lines that are short enough."""
    blocks = _blocks(node, sources, line)
    return ("\n".join(blocks),) if node.type in {"paragraph", "heading"} else blocks


def _quoted(block: str) -> str:
    if _is_code(block):
        return block
    return "\n".join(f"{_QUOTE}{line}".rstrip() for line in block.splitlines())


def _joined(blocks: Iterable[str], joint: str) -> Iterator[str]:
    """Text in one block, up to code."""
    texts: list[str] = []
    for block in blocks:
        if not _is_code(block):
            texts.append(block)
            continue
        if texts:
            yield joint.join(texts)
        texts = []
        yield block
    if texts:
        yield joint.join(texts)


def _is_code(block: str) -> bool:
    return block.startswith(FENCE)
