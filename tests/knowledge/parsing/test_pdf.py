"""PDF files written byte by byte, as an upload reads them: through the sandbox."""

import io

import pytest
from pypdf import PdfReader, PdfWriter

from knowledge.chunking import anchor_of, chunk
from knowledge.errors import UnreadableDocument
from knowledge.parsing import parse


def pdf(*pages: str) -> bytes:
    """One line of text a page line, set in Helvetica."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>"]
    kids = " ".join(f"{4 + 2 * place} 0 R" for place in range(len(pages)))
    objects.append(f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>")
    objects.append("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    for place, page in enumerate(pages):
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {5 + 2 * place} 0 R >>"
        )
        lines = " ".join(f"({line}) Tj T*" for line in page.split("\n"))
        stream = f"BT /F1 12 Tf 14 TL 72 720 Td {lines} ET"
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    written = "%PDF-1.4\n"
    starts = []
    for number, content in enumerate(objects, start=1):
        starts.append(len(written))
        written += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{start:010} 00000 n \n" for start in starts)
    return (
        f"{written}xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
        f"trailer << /Root 1 0 R /Size {len(objects) + 1} >>\nstartxref\n{len(written)}\n%%EOF"
    ).encode("latin-1")


def rewritten(data: bytes, **metadata: str) -> PdfWriter:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    writer.add_metadata({f"/{name}": value for name, value in metadata.items()})
    return writer


def saved(writer: PdfWriter) -> bytes:
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def test_a_citation_leads_to_the_page() -> None:
    long = "A sentence about the moon and the tides that it pulls. "
    parsed = parse(pdf(f"{long * 20}\nfirst", f"{long * 20}\nsecond"), "tides.pdf")
    anchors = [anchor_of(one, parsed.anchors) for one in chunk(parsed.text, parsed.title)]
    assert set(anchors) == {"page=1", "page=2"}
    assert parsed.title == "tides"


def test_what_every_page_repeats_is_left_out_and_words_are_whole() -> None:
    pages = [
        f"Handbook\n{name} has infor-\nmation {name}\nPage {n} of 5"
        for n, name in enumerate(("alpha", "beta", "gamma", "delta", "epsilon"), start=1)
    ]
    text = parse(pdf(*pages), "x.pdf").text
    assert "Handbook" not in text
    assert "of 5" not in text
    assert "information gamma" in text


def test_title_bookmarks_and_attachments_are_said() -> None:
    writer = rewritten(pdf("one", "two"), Title="Moon and Tides")
    writer.add_outline_item(title="Second part", page_number=1)
    writer.add_attachment("data.bin", b"\0")
    parsed = parse(saved(writer), "x.pdf")
    assert parsed.title == "Moon and Tides"
    assert "## Page 2: Second part\n\ntwo" in parsed.text
    assert "Attached file, not read: data.bin" in parsed.text
    assert parsed.anchors["Page 2: Second part"] == "page=2"


def test_without_a_password_or_a_text_layer_the_reason_is_named() -> None:
    locked = rewritten(pdf("secret"))
    locked.encrypt("key", algorithm="RC4-128")
    with pytest.raises(UnreadableDocument, match="encrypted: remove the password"):
        parse(saved(locked), "x.pdf")
    with pytest.raises(UnreadableDocument, match="no text layer"):
        parse(pdf(""), "scan.pdf")
