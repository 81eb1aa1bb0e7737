"""Rows of cells as a Markdown table, whatever the cells hold."""

from collections.abc import Iterable, Sequence

from knowledge.errors import UnreadableDocument
from knowledge.parsing.parsed import MAX_CHARACTERS


def markdown_table(rows: Iterable[Sequence[str]]) -> str:
    """The first row that has anything is the header; empty rows and columns are left out.

    Raises UnreadableDocument for a table of more characters than a document may have.
    """
    kept: list[list[str]] = []
    characters = 0
    for row in rows:
        cells = [_cell(cell) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            kept.append(cells)
            characters += sum(map(len, cells)) + 3 * len(cells)
        if characters > MAX_CHARACTERS:
            raise UnreadableDocument(f"a table exceeds {MAX_CHARACTERS:,} characters: split it")
    if not kept:
        return ""
    held = [any(index < len(row) and row[index] for row in kept) for index in range(_width(kept))]
    lines = []
    for number, row in enumerate(kept):
        cells = [row[index] if index < len(row) else "" for index, used in enumerate(held) if used]
        lines.append(f"| {' | '.join(cells)} |")
        if not number:
            lines.append(f"|{' --- |' * sum(held)}")
    return "\n".join(lines)


def _width(rows: Iterable[Sequence[str]]) -> int:
    return max(map(len, rows))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
