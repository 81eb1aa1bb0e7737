"""CSV and TSV: one table that keeps its headers."""

import csv
from pathlib import PurePath

from knowledge.errors import UnreadableDocument
from knowledge.parsing.decoding import decode
from knowledge.parsing.markdown_table import markdown_table
from knowledge.parsing.parsed import Format, Parsed

_DELIMITERS = ",;\t|"
_LOOKED_AT = 20
_LONGEST_FIELD = 1_000_000


def parse_csv(data: bytes, name: str) -> Parsed:
    """The file's name is the title; the delimiter is the one that its first lines agree on."""
    text = decode(data)
    csv.field_size_limit(_LONGEST_FIELD)
    rows = csv.reader(text.splitlines(keepends=True), delimiter=_delimiter(text))
    try:
        return Parsed(PurePath(name).stem, markdown_table(rows))
    except csv.Error as error:
        raise UnreadableDocument(f"line {rows.line_num} is no row: {error}") from error


def _delimiter(text: str) -> str:
    """The one found most often in every line of the first twenty; a comma when none is."""
    lines = [line for line in text.split("\n", _LOOKED_AT)[:_LOOKED_AT] if line.strip()]
    least = {mark: min((line.count(mark) for line in lines), default=0) for mark in _DELIMITERS}
    return max(_DELIMITERS, key=lambda mark: least[mark])


FORMAT = Format((".csv", ".tsv"), parse_csv)
