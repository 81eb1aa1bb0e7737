"""Exports of other tools, JSONL and archives: every document of them, with its own rules."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from knowledge.errors import UnreadableDocument
from knowledge.sources import Skipped, Source, roots, sources

PAGE = "0123456789abcdef0123456789abcdef"
OTHER = "f" * 32


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def packed(path: Path, files: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def found(path: Path, *, slack: bool = False) -> dict[str, Source]:
    """Documents by what follows their file's name."""
    items = sources(roots([path])[0], slack_export=slack)
    return {
        item.identity.removeprefix(str(path)): item for item in items if isinstance(item, Source)
    }


def skipped(path: Path, *, slack: bool = False) -> dict[str, str]:
    items = sources(roots([path])[0], slack_export=slack)
    return {
        item.uri.removeprefix(str(path)): item.reason for item in items if isinstance(item, Skipped)
    }


def text(item: Source) -> str:
    return item.parse(item.read()).text


def test_jsonl_is_a_document_a_line(tmp_path: Path) -> None:
    rows = [
        {"id": 7, "title": "Leave", "text": "27 days.", "url": "https://w.example/7"},
        {"name": "Pay", "body": "On the last day.", "updated_at": "2026-05-04"},
        {"id": 7, "content": "Again."},
        {"messages": []},
        {"title": "Nothing"},
        [1],
    ]
    file = write(tmp_path / "wiki.jsonl", "".join(f"{json.dumps(row)}\n" for row in rows) + "{\n")
    assert roots([file])[0].prefix == f"{file}#"
    documents = found(file)
    assert list(documents) == ["#7", "#line 2"]
    leave, pay = (item.parse(item.read()) for item in documents.values())
    assert (leave.title, leave.text, documents["#7"].uri) == (
        "Leave",
        "27 days.",
        "https://w.example/7",
    )
    assert pay.updated_at is not None
    assert pay.updated_at.isoformat() == "2026-05-04T00:00:00+00:00"
    reasons = skipped(file)
    assert list(reasons) == [f" line {number}" for number in (3, 4, 5, 6, 7)]
    assert "id stands in a line above" in reasons[" line 3"]
    assert "knowhow tune import" in reasons[" line 4"]
    assert "no text" in reasons[" line 5"]
    assert all("expected" in reasons[f" line {number}"] for number in (5, 6, 7))
    assert sorted(found(tmp_path)) == ["/wiki.jsonl#7", "/wiki.jsonl#line 2"]


def test_an_archives_files_are_read_where_they_lie(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("deep.md", "# Deep\n\nBelow.")
    file = packed(
        tmp_path / "docs.zip",
        {
            "a.md": "# A\n\nFirst.",
            "b/c.csv": "x,y\n1,2\n",
            "b/logo.png": b"png",
            ".git/x.md": "hidden",
            "__MACOSX/a.md": "junk",
            "part.zip": inner.getvalue(),
        },
    )
    documents = found(file)
    assert sorted(documents) == ["#a.md", "#b/c.csv", "#part.zip/deep.md"]
    assert (
        documents["#part.zip/deep.md"].parse(documents["#part.zip/deep.md"].read()).title == "Deep"
    )
    assert "| 1 | 2 |" in text(documents["#b/c.csv"])
    assert skipped(file) == {"#b/logo.png": "format .png is not supported"}
    write(tmp_path / ".knowhow.toml", 'audience = "channel:C1"')
    tmp_path.chmod(0o700)
    assert {item.placement.audience for item in found(file).values()} == {("channel:C1",)}


def test_what_is_no_archive_or_a_bomb_is_named(tmp_path: Path) -> None:
    broken = write(tmp_path / "a.zip", "no zip")
    assert "not the archive" in skipped(broken)[""]
    bomb = packed(tmp_path / "b.zip", {"a.md": b"\0" * 30_000_000})
    assert "times its size" in skipped(bomb)[""]
    large = packed(tmp_path / "c.zip", {f"{n}.md": "x" for n in range(3)})
    data = bytearray(large.read_bytes())
    data[35] ^= 0xFF
    large.write_bytes(data)
    with pytest.raises(UnreadableDocument, match="damaged"):
        next(iter(found(large).values())).read()


NOTION_PAGE = f"""\
# Leave policy

Owner: Ada
Status: Approved

Ask [your manager](People%20{OTHER}.md), or [HR](https://hr.example).
"""


@pytest.mark.parametrize("archived", [True, False])
def test_notions_export_without_its_ids(tmp_path: Path, *, archived: bool) -> None:
    files: dict[str, str | bytes] = {
        f"Leave policy {PAGE}.md": NOTION_PAGE,
        f"Rooms {OTHER}.csv": "Name,Seats\nRed,7\n",
        f"Rooms {OTHER}_all.csv": "Name,Seats\nRed,7\nBlue,9\n",
    }
    if archived:
        path = packed(tmp_path / "Export.zip", files)
    else:
        path = tmp_path / "Export"
        for name, content in files.items():
            write(path / name, str(content))
    documents = {name[1:]: item for name, item in found(path).items()}
    page = documents[f"Leave policy {PAGE}.md"]
    parsed = page.parse(page.read())
    assert page.uri == f"https://www.notion.so/{PAGE}"
    assert parsed.title == "Leave policy"
    assert parsed.metadata == {"Owner": "Ada", "Status": "Approved"}
    assert "Ask your manager, or [HR](https://hr.example)." in parsed.text
    assert "- **Owner**: Ada" in parsed.text
    table = documents[f"Rooms {OTHER}_all.csv"]
    assert table.parse(table.read()).title == "Rooms"
    if archived:
        assert len(documents) == 2


def test_a_notion_table_whose_rows_are_pages_is_not_there_twice(tmp_path: Path) -> None:
    path = packed(
        tmp_path / "Export.zip",
        {
            f"Rooms {OTHER}.csv": "Name\nRed\n",
            f"Rooms {OTHER}/Red {PAGE}.md": "# Red\n\nSeven seats.",
        },
    )
    assert list(found(path)) == [f"#Rooms {OTHER}/Red {PAGE}.md"]


def test_confluences_xml_export_says_what_to_do(tmp_path: Path) -> None:
    path = packed(tmp_path / "space.zip", {"entities.xml": "<x/>", "a.md": "x"})
    assert "export the space as HTML" in skipped(path)[""]
    assert found(path) == {}


def test_confluences_html_export_is_its_pages(tmp_path: Path) -> None:
    page = (
        "<html><head><title>Team : Leave</title></head><body><div id='breadcrumb-section'>"
        "<ol><li><a href='index.html'>Team</a></li></ol></div><h1 id='title-heading'>Team : Leave"
        "</h1><div id='main-content'><p>Employees get 27 days of annual leave a year, and may "
        "carry five of them over until the end of March."
        + " Ask the office for more."
        * 40
        + "</p></div><div id='footer'><p>Document "
        "generated by Confluence on May 04, 2026</p></div></body></html>"
    )
    path = packed(
        tmp_path / "space.zip",
        {"TEAM/Leave_7.html": page, "styles/site.css": "x", "images/icons/a.png": b"x"},
    )
    (item,) = found(path).values()
    assert "27 days" in text(item)
    assert "generated by Confluence" not in text(item)
    assert skipped(path) == {}


USERS = [
    {"id": "U1", "name": "ada", "profile": {"display_name": "Ada", "real_name": "Ada L."}},
    {"id": "U2", "name": "bob", "profile": {"display_name": "", "real_name": "Bob"}},
]
DAY = [
    {
        "type": "message",
        "user": "U1",
        "ts": "1.0",
        "text": "Is <#C9|lab> open, <@U2>? &amp; <!here>",
    },
    {"type": "message", "user": "U2", "ts": "2.0", "text": "Later."},
    {
        "type": "message",
        "user": "U2",
        "ts": "3.0",
        "thread_ts": "1.0",
        "text": "Yes: <https://lab.example|the page>",
    },
    {"type": "message", "subtype": "channel_join", "user": "U2", "ts": "4.0", "text": "joined"},
    {"type": "message", "bot_id": "B1", "ts": "5.0", "text": "build failed"},
]
SLACK = {
    "users.json": USERS,
    "channels.json": [{"id": "C1", "name": "general"}],
    "groups.json": [{"id": "G1", "name": "board"}],
    "dms.json": [{"id": "D1", "members": ["U1", "U2"]}],
    "general/2026-05-04.json": DAY,
    "general/2026-05-05.json": DAY[-2:],
    "board/2026-05-04.json": DAY[1:2],
    "D1/2026-05-04.json": DAY[1:2],
    "lost/2026-05-04.json": DAY[1:2],
}


@pytest.mark.parametrize("archived", [True, False])
def test_a_slack_export_is_read_only_when_the_admin_says_so(
    tmp_path: Path, *, archived: bool
) -> None:
    files = {name: json.dumps(value) for name, value in SLACK.items()}
    if archived:
        path = packed(tmp_path / "slack.zip", dict(files))
    else:
        path = tmp_path / "slack"
        for name, content in files.items():
            write(path / name, content)
    assert found(path) == {}
    assert skipped(path) == {"": "it is a Slack export: it is read only with --slack-export"}

    documents = (
        {name[1:]: item for name, item in found(path, slack=True).items()}
        if archived
        else {name.removeprefix("#"): item for name, item in found(path, slack=True).items()}
    )
    assert sorted(documents) == [
        "D1/2026-05-04.json",
        "board/2026-05-04.json",
        "general/2026-05-04.json",
    ]
    general = documents["general/2026-05-04.json"]
    parsed = general.parse(general.read())
    assert parsed.title == "#general, 2026-05-04"
    assert parsed.text == (
        "**Ada**: Is #lab open, @Bob? & @here\n"
        "- **Bob**: Yes: [the page](https://lab.example)\n\n**Bob**: Later."
    )
    assert general.uri == "https://slack.com/app_redirect?channel=C1"
    assert general.placement.audience == ("everyone",)
    assert documents["board/2026-05-04.json"].placement.audience == ("channel:G1",)
    direct = documents["D1/2026-05-04.json"]
    assert direct.placement.audience == ("user:U1", "user:U2")
    assert direct.parse(direct.read()).title == "Between Ada and Bob, 2026-05-04"
    (reason,) = skipped(path, slack=True).values()
    assert "who may see it is not known" in reason
