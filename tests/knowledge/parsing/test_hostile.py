"""Files made to hurt: each ends soon with a reason or text, and the next file is read."""

import io
import socket
import threading
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator

import pytest

from knowledge.errors import UnreadableDocument
from knowledge.parsing import parse
from knowledge.parsing.sandbox import Sandbox

_LONGEST_S = 30


@pytest.fixture
def listener() -> Iterator[tuple[int, list[str]]]:
    """A port on this machine, and who called it."""
    calls: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        stop = threading.Event()

        def accept() -> None:
            while not stop.is_set():
                try:
                    connection, address = server.accept()
                except TimeoutError:
                    continue
                connection.close()
                calls.append(str(address))

        thread = threading.Thread(target=accept)
        thread.start()
        yield server.getsockname()[1], calls
        stop.set()
        thread.join()


def archive(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name.replace("__", "/"), content)
    return buffer.getvalue()


def workbook(sheet: str, strings: str = "", head: str = "") -> bytes:
    ns = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    return archive(
        **{
            "[Content_Types].xml": (
                f'<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType='
                '"application/vnd.openxmlformats-package.relationships+xml"/>'
                f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
                f'<Override PartName="/xl/s.xml" ContentType="{kind}.worksheet+xml"/>'
                f'<Override PartName="/xl/t.xml" ContentType="{kind}.sharedStrings+xml"/></Types>'
            ).encode(),
            "_rels__.rels": (
                f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
                f'Type="{rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
            ).encode(),
            "xl__workbook.xml": (
                f'<workbook {ns} xmlns:r="{rel}"><sheets><sheet name="S" sheetId="1" r:id="r1"/>'
                "</sheets></workbook>"
            ).encode(),
            "xl___rels__workbook.xml.rels": (
                f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
                f'Type="{rel}/worksheet" Target="s.xml"/><Relationship Id="r2" '
                f'Type="{rel}/sharedStrings" Target="t.xml"/></Relationships>'
            ).encode(),
            "xl__s.xml": (
                f"{head}<worksheet {ns}><sheetData>{sheet}</sheetData></worksheet>"
            ).encode(),
            "xl__t.xml": f"{head}<sst {ns}>{strings}</sst>".encode(),
        }
    )


def entities(port: int) -> str:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    return (
        f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}<!ENTITY file SYSTEM "file:///etc/passwd">'
        f'<!ENTITY web SYSTEM "http://127.0.0.1:{port}/x">]>'
    )


def pdf_bomb(_: int) -> bytes:
    stream = zlib.compress(zlib.compress(b"(x) Tj " * 30_000_000, 9), 9)
    head = b"%PDF-1.4\n1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj\n"
    pages = b"2 0 obj << /Type /Pages /Kids [3 0 R 2 0 R] /Count 9999999 >> endobj\n"
    page = b"3 0 obj << /Type /Page /Parent 2 0 R /Contents 4 0 R >> endobj\n"
    content = b"4 0 obj << /Length %d /Filter [/FlateDecode /FlateDecode] >>\nstream\n" % len(
        stream
    )
    return head + pages + page + content + stream + b"\nendstream endobj\ntrailer << /Root 1 0 R >>"


def outcome(data: bytes, name: str) -> tuple[str, str]:
    """The text, or why there is none."""
    try:
        return parse(data, name).text, ""
    except UnreadableDocument as error:
        return "", str(error)


CELL = '<row r="1"><c r="A1" t="inlineStr"><is><t>{}</t></is></c></row>'
CASES: dict[str, tuple[str, Callable[[int], bytes]]] = {
    "zip bomb": ("a.docx", lambda _: archive(word__document=b"\0" * 150_000_000)),
    "many members": ("a.pptx", lambda _: archive(**{f"m{n}": b"" for n in range(6_000)})),
    "entities in a sheet": (
        "a.xlsx",
        lambda port: workbook(CELL.format("&l11;&file;&web;"), head=entities(port)),
    ),
    "a cell at the far corner": (
        "b.xlsx",
        lambda _: workbook('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
    ),
    "a million strings": (
        "c.xlsx",
        lambda _: workbook(CELL.format("x"), "<si><t>abcdefgh</t></si>" * 1_000_000),
    ),
    "a page tree that holds itself": ("a.pdf", pdf_bomb),
    "references in a circle": (
        "b.pdf",
        lambda _: b"%PDF-1.4\n1 0 obj 2 0 R endobj 2 0 obj 1 0 R endobj trailer << /Root 1 0 R >>",
    ),
    "arrays 200,000 deep": (
        "c.pdf",
        lambda _: b"%PDF-1.4\n1 0 obj " + b"[" * 200_000 + b" endobj trailer << /Root 1 0 R >>",
    ),
    "elements 200,000 deep": ("a.html", lambda _: b"<div>" * 200_000 + b"text"),
    "a million attributes": (
        "b.html",
        lambda _: b"<p " + b" ".join(b"a%d=1" % n for n in range(1_000_000)) + b">text</p>",
    ),
    "one line of 19 MB": ("a.csv", lambda _: b"x," * 9_500_000),
    "quotes without end": ("b.csv", lambda _: b'"' + b"a,\n" * 3_000_000),
}


@pytest.mark.parametrize("case", CASES)
def test_a_hostile_file_ends_with_a_reason_or_text(
    case: str, listener: tuple[int, list[str]]
) -> None:
    port, calls = listener
    name, made = CASES[case]
    data = made(port)
    started = time.monotonic()
    text, reason = outcome(data, name)
    assert time.monotonic() - started < _LONGEST_S
    assert bool(text) != bool(reason)
    assert len(reason.splitlines()) <= 1
    assert len(reason) <= 300
    assert "root:" not in text
    assert not calls
    assert parse(b"<p>the next one</p>", "good.html").text == "the next one"


@pytest.mark.parametrize("suffix", [".pdf", ".docx", ".pptx", ".xlsx"])
def test_noise_and_cut_off_beginnings_are_named(suffix: str) -> None:
    noise = bytes(range(256)) * 40
    for data in (noise, b"%PDF-1.7\n1 0 obj <<", b"PK\x03\x04" + noise, b""):
        with pytest.raises(UnreadableDocument):
            parse(data, f"x{suffix}")


def test_a_parser_that_is_killed_costs_one_file() -> None:
    sandbox = Sandbox()
    try:
        assert sandbox.parse(b"<p>one</p>", "a.html").text == "one"
        server = sandbox._server
        assert server is not None
        server.kill()
        server.wait()
        assert sandbox.parse(b"<p>two</p>", "a.html").text == "two"
    finally:
        sandbox.close()


def test_the_sandbox_sees_no_secrets_and_cannot_write(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Asked of the very process, through its own entry point."""
    import subprocess
    import sys

    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-planted")
    code = (
        "import os, socket, sys\n"
        "from knowledge.parsing import sandbox_server as s\n"
        "s._confine.__globals__['os'].dup2 = lambda *a: None\n"
        "s._confine()\n"
        "for attempt in (lambda: socket.socket(), lambda: open('/tmp/planted', 'w'), "
        "lambda: os.system('true'), lambda: os.fork()):\n"
        "    try:\n        attempt()\n        print('done')\n"
        "    except PermissionError:\n        print('refused')\n"
    )
    found = subprocess.run(
        (sys.executable, "-c", code), capture_output=True, text=True, check=True, cwd="."
    )
    assert found.stdout.split() == ["refused"] * 4
    sandbox = Sandbox()
    try:
        sandbox.parse(b"<p>one</p>", "a.html")
        server = sandbox._server
        assert server is not None
        with open(f"/proc/{server.pid}/environ", "rb") as environment:  # noqa: PTH123 - procfs
            assert b"planted" not in environment.read()
    finally:
        sandbox.close()
