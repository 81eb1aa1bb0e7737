"""PDF: the text of each page under its number, so that a citation leads to the page."""

import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any

from knowledge.errors import UnreadableDocument
from knowledge.parsing.parsed import MAX_CHARACTERS, MAX_TITLE, Format, Parsed

_PAGES = 5_000
_FEW = 4
"""Pages below which a line that comes again may as well be content."""

_REPEATED = 0.6
_EDGE = 2
_HYPHENATED = re.compile(r"(?<=[a-z])-\n(?=[a-z])")
_LIGATURES = str.maketrans({mark: unicodedata.normalize("NFKC", mark) for mark in "ﬀﬁﬂﬃﬄﬅﬆ"})
_NO_TITLE = re.compile(r"untitled|microsoft word|\.(docx?|tex|indd|dvi|pdf)\b|^\W*$", re.IGNORECASE)


def parse_pdf(data: bytes, name: str) -> Parsed:
    """Pages with what repeats on them taken out, then filled-in fields, notes, attachments' names.

    The title is the file's own if it is a sane one, else the file's name.
    """
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        raise UnreadableDocument("it is encrypted: remove the password")
    count = len(reader.pages)
    if count > _PAGES:
        raise UnreadableDocument(f"it has {count:,} pages, more than {_PAGES:,}: split it")
    pages = list(_texts(reader))
    repeated = _repeated(pages)
    outline = _outline(reader)
    parts, anchors = [], {}
    for number, page in enumerate(pages, start=1):
        text = _reflowed([line for line in page if _shape(line) not in repeated])
        notes = _notes(reader.pages[number - 1])
        if text or notes:
            heading = f"Page {number}" + (f": {outline[number]}" if number in outline else "")
            anchors[heading] = f"page={number}"
            parts += [f"## {heading}", *filter(None, (text, *notes))]
    parts += _fields(reader)
    if not parts and count:
        raise UnreadableDocument("it has no text layer (scanned?): run OCR on it first")
    parts += [f"Attached file, not read: {' '.join(one.split())}" for one in reader.attachments]
    stated = reader.metadata
    title = " ".join(str((stated and stated.title) or "").split())
    return Parsed(
        PurePath(name).stem if _NO_TITLE.search(title) or not title else title[:MAX_TITLE],
        "\n\n".join(parts),
        updated_at=_moment(stated),
        anchors=anchors,
    )


def _texts(reader: Any) -> Iterator[list[str]]:
    """The lines of each page."""
    characters = 0
    for page in reader.pages:
        text = (page.extract_text() or "").translate(_LIGATURES)
        characters += len(text)
        if characters > MAX_CHARACTERS:
            raise UnreadableDocument(f"its text exceeds {MAX_CHARACTERS:,} characters: split it")
        yield [line.strip() for line in text.split("\n")]


def _shape(line: str) -> str:
    """A line without its numbers: page 3 of 7 is page 4 of 7."""
    return re.sub(r"\d+", "#", line)


def _repeated(pages: Sequence[Sequence[str]]) -> set[str]:
    """Headers and footers: shapes of first and last lines that most pages share."""
    if len(pages) < _FEW:
        return set()
    shapes: Counter[str] = Counter()
    for page in pages:
        lines = [line for line in page if line]
        shapes.update({_shape(line) for line in (*lines[:_EDGE], *lines[-_EDGE:])})
    return {shape for shape, count in shapes.items() if count >= _REPEATED * len(pages)}


def _reflowed(lines: Sequence[str]) -> str:
    text = _HYPHENATED.sub("", "\n".join(lines))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _outline(reader: Any) -> dict[int, str]:
    """The first bookmark on each page; a broken outline is none."""
    found: dict[int, str] = {}

    def walk(items: Sequence[Any], depth: int) -> None:
        for item in items:
            if isinstance(item, list):
                if depth < 2:  # noqa: PLR2004 - parts and chapters
                    walk(item, depth + 1)
                continue
            page = reader.get_destination_page_number(item)
            title = " ".join(str(item.title).split())
            if page is not None and page >= 0 and title:
                found.setdefault(page + 1, title[:MAX_TITLE])

    try:
        walk(reader.outline, 0)
    except Exception:  # noqa: BLE001 - an outline is a convenience; files break it in many ways
        return {}
    return found


def _notes(page: Any) -> list[str]:
    """What people wrote on the page."""
    notes = []
    for one in page.get("/Annots") or ():
        annotation = one.get_object()
        if annotation.get("/Subtype") in {"/Text", "/FreeText", "/Highlight", "/Underline"}:
            said = " ".join(str(annotation.get("/Contents") or "").split())
            notes += [f"Note: {said}"] if said else []
    return notes


def _fields(reader: Any) -> list[str]:
    filled = reader.get_form_text_fields() or {}
    lines = [f"- {name}: {value}" for name, value in filled.items() if value]
    return ["## Form fields", "\n".join(lines)] if lines else []


def _moment(stated: Any) -> datetime | None:
    try:
        moment = stated.modification_date if stated else None
    except ValueError:
        return None
    if not isinstance(moment, datetime):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


FORMAT = Format((".pdf",), parse_pdf, binary=True)
