"""The blocks of a Markdown text (CommonMark with tables) and the lines each stands on."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

Kind = Literal["heading", "prose", "list", "table", "code", "html"]

_KINDS: dict[str, Kind] = {
    "heading_open": "heading",
    "bullet_list_open": "list",
    "ordered_list_open": "list",
    "table_open": "table",
    "fence": "code",
    "html_block": "html",
}
_HEADING_LIMIT = 300
_MARKUP = re.compile(
    r"<[^<>]*>|!?\[(?P<text>[^\[\]]*)\](?:\([^()]*\)|\[[^\[\]]*\])|[*`\\]|\{#[^{}]*\}\s*$"
)


@dataclass(frozen=True, slots=True)
class Block:
    """One top-level block: the lines ``start`` to ``end`` (not included), counted from 0.

    ``level`` (1 to 6) and ``title`` are a heading's; ``items`` are the lines on which the items
    of a list start.
    """

    kind: Kind
    start: int
    end: int
    level: int = 0
    title: str = ""
    items: tuple[int, ...] = ()


def blocks(text: str) -> Iterator[Block]:
    """The top-level blocks in order; thematic breaks are left out.

    A heading of more than 300 characters is prose: it is a paragraph that stands above a line of
    dashes more often than a heading.
    """
    tokens = _parser().parse(text)
    for index, token in enumerate(tokens):
        if token.level or token.map is None or token.type == "hr":
            continue
        kind = _KINDS.get(token.type, "prose")
        start, end = token.map
        if kind == "heading":
            content = tokens[index + 1].content
            if len(content) > _HEADING_LIMIT:
                yield Block("prose", start, end)
            elif title := plain(content):
                yield Block(kind, start, end, int(token.tag[1]), title)
        elif kind == "list":
            yield Block(kind, start, end, items=_items(tokens, index))
        else:
            yield Block(kind, start, end)


def plain(inline: str) -> str:
    """A heading's words without links, emphasis, code marks, tags and anchors."""
    return " ".join(_MARKUP.sub(lambda match: match["text"] or "", inline).split())


def _items(tokens: list[Token], opening: int) -> tuple[int, ...]:
    starts: list[int] = []
    for token in tokens[opening + 1 :]:
        if token.level == 0:
            break
        if token.level == 1 and token.type == "list_item_open" and token.map:
            starts.append(token.map[0])
    return tuple(starts)


@cache
def _parser() -> MarkdownIt:
    # Inline parsing would cost most of the time and give nothing here; link definitions would
    # vanish from the tokens, and with them from the text.
    return MarkdownIt("commonmark").enable("table").disable(["inline", "reference"])
