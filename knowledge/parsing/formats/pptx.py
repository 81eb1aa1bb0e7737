"""PowerPoint: each slide under its number and title, with its notes."""

import io
from collections.abc import Iterable, Iterator
from datetime import UTC
from pathlib import PurePath
from typing import Any

from knowledge.parsing.archives import check_archive
from knowledge.parsing.markdown_table import markdown_table
from knowledge.parsing.parsed import Format, Parsed

_DEEPEST = 10


def parse_pptx(data: bytes, name: str) -> Parsed:
    """Shapes from top to bottom, left to right; hidden slides are only named."""
    from pptx import Presentation

    check_archive(data)
    presentation = Presentation(io.BytesIO(data))
    parts, anchors = [], {}
    for number, slide in enumerate(presentation.slides, start=1):
        if slide._element.get("show") == "0":  # noqa: SLF001 - python-pptx does not read it
            parts.append(f"Slide {number} is hidden and was not read.")
            continue
        title = " ".join((slide.shapes.title.text if slide.shapes.title else "").split())
        heading = f"Slide {number}" + (f": {title}" if title else "")
        anchors[heading] = f"slide={number}"
        parts += [f"## {heading}", *_shown(slide.shapes, slide.shapes.title, 0)]
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            notes = slide.notes_slide.notes_text_frame.text.strip()
            parts += [f"Notes: {notes}"] if notes else []
    properties = presentation.core_properties
    modified = properties.modified
    return Parsed(
        properties.title or PurePath(name).stem,
        "\n\n".join(filter(None, parts)),
        updated_at=modified.replace(tzinfo=modified.tzinfo or UTC) if modified else None,
        anchors=anchors,
    )


def _shown(shapes: Iterable[Any], title: Any, depth: int) -> Iterator[str]:
    for shape in sorted(shapes, key=lambda one: (one.top or 0, one.left or 0)):
        if title is not None and shape.shape_id == title.shape_id:
            continue
        if hasattr(shape, "shapes"):
            if depth < _DEEPEST:
                yield from _shown(shape.shapes, None, depth + 1)
        elif shape.has_table:
            rows = ([cell.text for cell in row.cells] for row in shape.table.rows)
            yield markdown_table(rows)
        elif shape.has_text_frame:
            yield _paragraphs(shape.text_frame.paragraphs)


def _paragraphs(paragraphs: Iterable[Any]) -> str:
    lines = [(one.level, " ".join(one.text.split())) for one in paragraphs]
    return "\n".join(f"{'  ' * level}- {text}" for level, text in lines if text)


FORMAT = Format((".pptx",), parse_pptx, binary=True)
