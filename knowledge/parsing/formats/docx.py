"""Word documents: headings, lists, tables and links as Markdown."""

import io
import re
from collections.abc import Iterator
from datetime import UTC
from pathlib import PurePath
from typing import Any

from knowledge.parsing.archives import check_archive
from knowledge.parsing.markdown_table import markdown_table
from knowledge.parsing.parsed import Format, Parsed

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_HEADING = re.compile(r"(?:heading|标题|überschrift|titre|título)\s*([1-6])", re.IGNORECASE)
_CODE = re.compile(r"code|source|preformatted", re.IGNORECASE)
_WEB = re.compile(r"https?://[^\s()<>]+")
_NOT_TEXT = {f"{_W}{name}" for name in ("del", "pPr", "rPr", "footnoteReference")}
_DEEPEST = 5


def parse_docx(data: bytes, name: str) -> Parsed:
    """What a reader sees with all changes accepted; comments, headers and footers are left out.

    The title is the document's own, else its first title or heading, else the file's name.
    """
    from docx import Document

    check_archive(data)
    document = Document(io.BytesIO(data))
    first, parts = "", list[str]()
    for block in document.iter_inner_content():
        if hasattr(block, "rows"):
            parts.append(_table(block, 0))
            continue
        text, kind = _text(block._p, document.part), block.style.name if block.style else ""  # noqa: SLF001 - the element; python-docx has no other way
        if not text:
            continue
        heading = _HEADING.match(kind or "")
        if heading or kind == "Title":
            first = first or text
            parts.append(f"{'#' * (int(heading[1]) if heading else 1)} {text}")
        else:
            parts.append(_paragraph(block, text, kind or ""))
    properties = document.core_properties
    modified = properties.modified
    return Parsed(
        properties.title or first or PurePath(name).stem,
        "\n\n".join(filter(None, (*_tight(parts), *_footnotes(document.part)))),
        updated_at=modified.replace(tzinfo=modified.tzinfo or UTC) if modified else None,
    )


def _paragraph(block: Any, text: str, kind: str) -> str:
    number = block._p.pPr.numPr if block._p.pPr is not None else None  # noqa: SLF001 - the element; python-docx has no other way
    if number is not None or kind.startswith("List"):
        level = number.ilvl.val if number is not None and number.ilvl is not None else 0
        return f"{'  ' * min(level, _DEEPEST)}- {text}"
    return f"```\n{text}\n```" if _CODE.search(kind) else text


def _tight(parts: list[str]) -> Iterator[str]:
    """Items of a list stand together, lines of code in one block."""
    held = ""
    for part in parts:
        if held.lstrip().startswith("- ") and part.lstrip().startswith("- "):
            held = f"{held}\n{part}"
        elif held.startswith("```") and part.startswith("```"):
            held = f"{held[:-4]}\n{part[4:]}"
        else:
            yield held
            held = part
    yield held


def _table(table: Any, depth: int) -> str:
    """Merged cells once; a table inside a cell is said in a line."""
    rows = []
    for row in table.rows:
        cells, seen = [], None
        for cell in row.cells:
            if cell._tc is seen:  # noqa: SLF001 - the element; python-docx has no other way
                continue
            seen = cell._tc  # noqa: SLF001 - the element; python-docx has no other way
            inner = [_table(one, depth + 1) for one in cell.tables] if depth < _DEEPEST else []
            cells.append(" ".join((cell.text, *inner)))
        rows.append(cells)
    return markdown_table(rows)


def _text(paragraph: Any, part: Any) -> str:
    """All text below the element, insertions with it, deletions not; links where they lead."""
    pieces: list[str] = []

    def walk(element: Any) -> None:
        for child in element:
            tag = child.tag
            if tag == f"{_W}t":
                pieces.append(child.text or "")
            elif tag in {f"{_W}tab", f"{_W}br", f"{_W}cr"}:
                pieces.append(" ")
            elif tag == f"{_W}hyperlink" and (address := _address(child, part)):
                before = len(pieces)
                walk(child)
                label = "".join(pieces[before:]).replace("]", "\\]")
                pieces[before:] = [f"[{label}]({address})"]
            elif tag not in _NOT_TEXT and not str(tag).endswith("}Fallback"):
                walk(child)

    walk(paragraph)
    return " ".join("".join(pieces).split())


def _address(link: Any, part: Any) -> str | None:
    relation = part.rels.get(link.get(_ID)) if link.get(_ID) else None
    target = relation.target_ref if relation is not None and relation.is_external else ""
    return target if _WEB.fullmatch(target) else None


def _footnotes(part: Any) -> list[str]:
    from lxml import etree  # type: ignore[import-untyped]  # it ships no types

    lines = []
    for relation in part.rels.values():
        if relation.is_external or not relation.reltype.endswith(("/footnotes", "/endnotes")):
            continue
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        root = etree.fromstring(relation.target_part.blob, parser)
        for note in root:
            text = _text(note, part)
            lines += [f"- {text}"] if text else []
    return ["## Notes", "\n".join(lines)] if lines else []


FORMAT = Format((".docx",), parse_docx, binary=True)
