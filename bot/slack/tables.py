"""A table of an answer: as Slack's own block where it fits, and as code of even columns.

https://docs.slack.dev/reference/block-kit/blocks/table-block
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from markdown_it.tree import SyntaxTreeNode
from rich.cells import cell_len

from bot.slack.escaping import FENCE, escape, visible
from bot.slack.frame import Block
from bot.slack.inline import plain

_MOST_ROWS, _MOST_COLUMNS = 100, 20
_MOST_CHARACTERS = 8000
"""Of all cells; Slack takes 10,000."""

_NOTHING = "–"
"""Slack refuses the whole message for an empty cell."""

_LONGEST_RULE = 30
_LEFT_TO_RIGHT = "\u200e"

Align = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Table:
    """The cells' words, the head first; every row as long as it."""

    rows: tuple[tuple[str, ...], ...]
    aligned: tuple[Align, ...]

    @property
    def fits(self) -> bool:
        """Whether Slack takes it as a table."""
        written = sum(len(cell) for row in self.rows for cell in row)
        return (
            1 < len(self.rows) <= _MOST_ROWS
            and len(self.aligned) <= _MOST_COLUMNS
            and written <= _MOST_CHARACTERS
        )

    @property
    def block(self) -> Block:
        """Raw text in every cell: Slack makes neither links nor mentions of it."""
        return {
            "type": "table",
            "rows": [
                [{"type": "raw_text", "text": visible(cell).strip() or _NOTHING} for cell in row]
                for row in self.rows
            ],
            "column_settings": [{"align": align, "is_wrapped": True} for align in self.aligned],
        }

    def as_code(self, limit: int) -> Sequence[str]:
        """Columns of even width, in code blocks with the head each."""
        rows = [tuple(map(_in_its_column, row)) for row in self.rows]
        widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
        rows.insert(1, tuple("-" * min(width, _LONGEST_RULE) for width in widths))
        lines = [
            "  ".join(
                cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
            ).rstrip()
            for row in rows
        ]
        head, blocks = lines[:2], list[str]()
        rest = head
        for line in lines[2:]:
            more = [*rest, line]
            if len(code_block("\n".join(more))) > limit and len(rest) > len(head):
                blocks.append(code_block("\n".join(rest)))
                more = [*head, line]
            rest = more
        return [*blocks, code_block("\n".join(rest))]


def _width(cell: str) -> int:
    return cell_len(cell.replace(_LEFT_TO_RIGHT, ""))


def table_of(node: SyntaxTreeNode) -> Table:
    """The table of a parsed document."""
    rows = tuple(
        tuple(plain(cell) for cell in row.children)
        for part in node.children
        for row in part.children
    )
    head = node.children[0].children[0]
    return Table(rows, tuple(_align(cell) for cell in head.children))


def code_block(content: str) -> str:
    """Text as it is, in letters of even width."""
    return f"{FENCE}\n{escape(content.rstrip(chr(10)))}\n{FENCE}"


def _in_its_column(cell: str) -> str:
    """So that Arabic or Hebrew words turn no more of the line around than their own cell."""
    turns = any(unicodedata.bidirectional(character) in {"R", "AL", "AN"} for character in cell)
    return f"{_LEFT_TO_RIGHT}{cell}{_LEFT_TO_RIGHT}" if turns else cell


def _align(cell: SyntaxTreeNode) -> Align:
    style = str(cell.attrs.get("style", ""))
    if "right" in style:
        return "right"
    return "center" if "center" in style else "left"
