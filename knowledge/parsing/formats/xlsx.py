"""Excel workbooks: each sheet a table that keeps its headers."""

import io
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import PurePath
from typing import Any

from knowledge.errors import UnreadableDocument
from knowledge.parsing.archives import check_archive
from knowledge.parsing.markdown_table import markdown_table
from knowledge.parsing.parsed import Format, Parsed

_ROWS = 100_000
"""Of one sheet; more are data to be queried, not knowledge to be read."""


def parse_xlsx(data: bytes, name: str) -> Parsed:
    """What people see in the cells; of a formula its last value. Hidden sheets are only named."""
    from openpyxl import load_workbook

    check_archive(data)
    workbook = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    parts = []
    for sheet in workbook.worksheets:
        if sheet.sheet_state != "visible":
            parts.append(f"The sheet “{sheet.title}” is hidden and was not read.")
        elif table := markdown_table(_rows(sheet)):
            parts.append(f"## {' '.join(sheet.title.split())}\n\n{table}")
    properties = workbook.properties
    return Parsed(properties.title or PurePath(name).stem, "\n\n".join(parts))


def _rows(sheet: Any) -> Iterator[list[str]]:
    sheet.reset_dimensions()  # a sheet may claim any size
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells = [_shown(cell) for cell in row]
        if number > _ROWS and any(cells):
            raise UnreadableDocument(f"the sheet {sheet.title!r} has more than {_ROWS:,} rows")
        yield cells


def _shown(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}" if value.time() == time() else f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, int | float) and "%" in (cell.number_format or ""):
        return f"{round(100 * value, 4):g} %"
    return f"{value:.12g}" if isinstance(value, float) else str(value)


FORMAT = Format((".xlsx", ".xlsm"), parse_xlsx, binary=True)
