"""Office files made by the usual libraries, as an upload reads them: through the sandbox."""

import io
from datetime import UTC, datetime

import docx
import pytest
from docx.oxml import OxmlElement
from openpyxl import Workbook
from pptx import Presentation
from pptx.util import Inches

from knowledge.chunking import anchor_of, chunk
from knowledge.errors import UnreadableDocument
from knowledge.parsing import parse


def saved(made: object) -> bytes:
    buffer = io.BytesIO()
    made.save(buffer)  # type: ignore[attr-defined]  # each library's document has it
    return buffer.getvalue()


def test_a_word_document_keeps_its_structure() -> None:
    document = docx.Document()
    document.core_properties.title = ""
    document.core_properties.modified = datetime(2026, 5, 4, 3, 2, 1)  # noqa: DTZ001 - Word has no zones
    document.add_heading("Travel", 0)
    document.add_heading("Booking", 1)
    document.add_paragraph("Book at least a week ahead.")
    document.add_paragraph("Train first", style="List Bullet")
    document.add_paragraph("Then plane", style="List Bullet")
    table = document.add_table(rows=2, cols=2)
    for place, text in enumerate(("Grade", "Limit | night", "Senior", "180")):
        table.cell(place // 2, place % 2).text = text
    changed = document.add_paragraph("Kept ")
    inserted = OxmlElement("w:ins")
    inserted.append(changed.add_run("inserted")._r)
    changed._p.append(inserted)
    parsed = parse(saved(document), "travel.docx")
    assert parsed.title == "Travel"
    assert parsed.updated_at == datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
    assert parsed.text == (
        "# Travel\n\n# Booking\n\nBook at least a week ahead.\n\n- Train first\n- Then plane\n\n"
        "| Grade | Limit \\| night |\n| --- | --- |\n| Senior | 180 |\n\nKept inserted"
    )


def test_a_workbook_shows_what_people_see() -> None:
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = "Rates"
    sheet.append(["Country", None, "Rate", "Since"])
    sheet.append(["France", None, 0.2, datetime(2026, 1, 1)])  # noqa: DTZ001 - Excel has no zones
    sheet["C2"].number_format = "0.0%"
    workbook.create_sheet("Secret").sheet_state = "hidden"
    parsed = parse(saved(workbook), "rates.xlsx")
    assert parsed.title == "rates"
    assert parsed.text == (
        "## Rates\n\n| Country | Rate | Since |\n| --- | --- | --- |\n"
        "| France | 20 % | 2026-01-01 |\n\nThe sheet “Secret” is hidden and was not read."
    )


def test_a_long_sheet_keeps_its_headers_in_every_chunk() -> None:
    rows = "\n".join(f"name {number},value {number}" for number in range(400))
    parsed = parse(f"who;x,what\n{rows}".replace(";x", "").encode(), "table.csv")
    chunks = chunk(parsed.text, parsed.title)
    assert len(chunks) > 5
    assert all(one.text.startswith("| who | what |") for one in chunks)


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_the_lines_tell_the_delimiter(mark: str) -> None:
    text = f"a{mark}b\n1{mark}2\n"
    assert parse(text.encode(), "x.tsv").text == "| a | b |\n| --- | --- |\n| 1 | 2 |"


def test_a_slide_is_cited_by_its_number() -> None:
    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[1])
    slide.shapes.title.text = "Plan"
    slide.placeholders[1].text = "First"
    table = slide.shapes.add_table(1, 2, Inches(1), Inches(6), Inches(4), Inches(1)).table
    table.cell(0, 0).text, table.cell(0, 1).text = "Q1", "Q2"
    slide.notes_slide.notes_text_frame.text = "Say it slowly"
    hidden = presentation.slides.add_slide(presentation.slide_layouts[5])
    hidden._element.set("show", "0")
    parsed = parse(saved(presentation), "plan.pptx")
    assert parsed.text == (
        "## Slide 1: Plan\n\n- First\n\n| Q1 | Q2 |\n| --- | --- |\n\nNotes: Say it slowly\n\n"
        "Slide 2 is hidden and was not read."
    )
    first = chunk(parsed.text)[0]
    assert anchor_of(first, parsed.anchors) == "slide=1"


def test_a_word_document_without_words_is_named() -> None:
    with pytest.raises(UnreadableDocument, match="it has no text"):
        parse(saved(docx.Document()), "empty.docx")
