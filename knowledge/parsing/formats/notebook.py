"""Jupyter notebooks: prose as it stands, code fenced, outputs that are text."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

from knowledge.errors import UnreadableDocument
from knowledge.parsing.decoding import clean, decode
from knowledge.parsing.fences import fenced
from knowledge.parsing.formats.html import html_to_markdown
from knowledge.parsing.parsed import Format, Parsed

_LONGEST_OUTPUT = 2_000
_TITLE = re.compile(r"^#\s+(.+?)\s*#*\s*$", re.MULTILINE)
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def parse_notebook(data: bytes, name: str) -> Parsed:
    """The title is the first heading of level 1 in a Markdown cell, else the file's name.

    Images are left out, of an error only its last line is kept. Raises UnreadableDocument for
    what is no notebook of format 3 or later.
    """
    try:
        notebook = json.loads(decode(data))
        cells = notebook.get("cells") or notebook["worksheets"][0]["cells"]
        language = _language(notebook.get("metadata") or {})
        texts = [text for cell in cells for text in _cell(cell, language)]
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError) as error:
        raise UnreadableDocument("it is no Jupyter notebook") from error
    prose = "\n\n".join(_source(cell) for cell in cells if cell.get("cell_type") == "markdown")
    title = _TITLE.search(prose)
    return Parsed(title[1] if title else PurePath(name).stem, "\n\n".join(texts))


def _language(metadata: Mapping[str, Any]) -> str:
    named = metadata.get("language_info", {}).get("name") or metadata.get("kernelspec", {}).get(
        "language", "python"
    )
    return re.sub(r"[^\w+#-]", "", str(named))[:20]


def _cell(cell: Mapping[str, Any], language: str) -> Iterator[str]:
    source = _source(cell)
    kind = cell.get("cell_type")
    if kind == "code":
        if source.strip():
            yield fenced(source, language)
        for output in cell.get("outputs") or ():
            if text := _output(output):
                yield text
    elif kind == "markdown" and source.strip():
        yield source
    elif kind == "heading":
        yield f"{'#' * min(6, int(cell.get('level', 1)))} {source}"
    elif source.strip():
        yield fenced(source)


def _source(cell: Mapping[str, Any]) -> str:
    return _joined(cell.get("source", cell.get("input", "")))


def _output(output: Mapping[str, Any]) -> str:
    """What a reader of the notebook sees, as far as it is text; long ones are cut short."""
    if output.get("output_type") == "error":
        return fenced(f"{output.get('ename', 'Error')}: {output.get('evalue', '')}")
    data = output.get("data") or {}
    html = _joined(data.get("text/html", ""))
    if "<table" in html and len(html) < 50 * _LONGEST_OUTPUT:
        return html_to_markdown(html)
    if markdown := _joined(data.get("text/markdown", "")):
        return markdown[:_LONGEST_OUTPUT]
    plain = _COLOUR.sub("", _joined(data.get("text/plain", "") or output.get("text", ""))).strip()
    if len(plain) > _LONGEST_OUTPUT:
        plain = f"{plain[:_LONGEST_OUTPUT]}\n…"
    return fenced(plain) if plain else ""


def _joined(text: object) -> str:
    lines = text if isinstance(text, list) else [text]
    return clean("".join(str(line) for line in lines))


FORMAT = Format((".ipynb",), parse_notebook)
