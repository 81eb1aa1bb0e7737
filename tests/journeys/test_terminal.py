"""From an empty home to an answer, in the terminal, every part real."""

from pathlib import Path

import pytest

from tests.journeys.terminal import Terminal

LEAVE = """---
title: Annual leave
url: https://handbook.example/leave
---
# Annual leave

## Employees

Employees get 27 days of paid annual leave a year.

## Contractors

Contractors get no paid annual leave; they invoice only the days they work.
"""
BOARD = "# Board\n\nThe board meets in Lisbon on the fourth of May to decide on the merger."
CRAFT = [
    ("the blue light blinks twice, what now?", "Two blinks mean a full buffer: dock it."),
    ("logger shows two blue blinks", "Two blinks mean a full buffer: dock it."),
    ("what does double blue blinking mean", "Two blinks mean a full buffer: dock it."),
    ("how do I zero a drifting probe?", "Salt pot overnight, then press zero for six seconds."),
    ("probe drifts, how to zero it", "Salt pot overnight, then press zero for six seconds."),
    ("zeroing a probe that has drifted", "Salt pot overnight, then press zero for six seconds."),
    ("gateway keeps rebooting in the cold", "Below minus ten it needs the winter firmware."),
    ("why does the gateway die when it freezes?", "Below minus ten it needs the winter firmware."),
    ("gateway reboot loop outdoors in winter", "Below minus ten it needs the winter firmware."),
]


@pytest.fixture
def handbook(tmp_path: Path) -> Path:
    """Two documents."""
    folder = tmp_path / "handbook"
    folder.mkdir()
    (folder / "leave.md").write_text(LEAVE)
    (folder / "board.md").write_text(BOARD)
    return folder


async def test_what_was_uploaded_is_cited(terminal: Terminal, handbook: Path) -> None:
    first = (await terminal.run("upload", str(handbook), "--json")).json
    assert (first["added"], first["failed"]) == (2, [])
    answer = (await terminal.run("ask", "How many days of annual leave?", "--json")).json
    assert answer["route"] == "knowledge"
    assert "27 days" in answer["answer"]
    assert "[1]" in answer["answer"]
    cited = answer["citations"][0]
    assert cited["uri"] == "https://handbook.example/leave"
    assert "27 days" in cited["passage"]
    assert answer["cost_usd"] == 0
    assert answer["timings_ms"]["total"] > 0
    again = (await terminal.run("upload", str(handbook), "--json")).json
    assert (again["added"], again["updated"], again["unchanged"]) == (0, 0, 2)


async def test_a_channels_document_is_found_only_there(terminal: Terminal, handbook: Path) -> None:
    await terminal.run("upload", str(handbook / "board.md"), "--audience", "channel:C0BOARD")
    question = "Where does the board meet?"
    for elsewhere in ((), ("--channel", "C0OTHER"), ("--user", "U1")):
        answer = (await terminal.run("ask", question, *elsewhere, "--json")).json
        assert answer["abstained"], elsewhere
        assert answer["route"] == "none"
        assert "Lisbon" not in str(answer)
    there = (await terminal.run("ask", question, "--channel", "C0BOARD", "--json")).json
    assert "Lisbon" in there["answer"]


async def test_a_promoted_model_is_routed_to(
    terminal: Terminal, handbook: Path, tmp_path: Path
) -> None:
    pairs = tmp_path / "pairs.jsonl"
    pairs.write_text("".join(f'{{"question": "{q}", "answer": "{a}"}}\n' for q, a in CRAFT))
    await terminal.run("upload", str(handbook))
    assert (await terminal.run("tune", "import", str(pairs), "--json")).json["added"] == 9
    trained = (await terminal.run("tune", "train", "--json")).json
    assert trained["answers"] == 3
    question = "two blue blinks on the logger, what does that mean?"
    before = (await terminal.run("ask", question, "--json")).json
    assert before["route"] != "domain"
    forced = ("tune", "promote", "--force", "--reason", "nine pairs are all we have", "--json")
    assert (await terminal.run(*forced)).json["live"] == trained["version"]
    after = (await terminal.run("ask", question, "--json")).json
    assert after["route"] == "domain"
    assert after["answer"] == "Two blinks mean a full buffer: dock it."
    assert after["model"] == f"domain:{trained['version']}"
    assert "domain model" in after["reason"]
    status = (await terminal.run("tune", "status", "--json")).json
    assert status["live"] == trained["version"]


async def test_a_chat_remembers_what_was_asked(terminal: Terminal, handbook: Path) -> None:
    await terminal.run("upload", str(handbook))
    talk = "How many days of annual leave do employees get?\nand for contractors?\n"
    said = (await terminal.run("chat", stdin=talk)).out
    assert said.index("27 days") < said.index("they invoice only the days they work")


async def test_a_dead_model_endpoint_is_said_and_the_documents_are_quoted(
    terminal: Terminal, handbook: Path
) -> None:
    await terminal.run("upload", str(handbook))
    env = {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1", "KNOWHOW_CHAT_MODEL": "any"}
    ran = await terminal.run("ask", "How many days of annual leave?", "--json", env=env)
    assert "27 days" in ran.json["answer"]
    assert ran.json["model"] == "extractive"
    assert "127.0.0.1:9 cannot be reached" in ran.json["reason"]


async def test_the_demo_answers_and_starts_at_once_the_second_time(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path / "home", None)
    first = await terminal.run("demo", "--question", "How many days of annual leave?", "--json")
    assert first.json["route"] == "knowledge"
    assert "27 days" in first.json["answer"]
    craft = "hundreds of late sparrow messages in the ingest log, should I be worried?"
    second = await terminal.run("demo", "--question", craft, "--json")
    assert second.json["route"] == "domain"
    versions = (await terminal.run("tune", "status", "--json")).json["versions"]
    assert len(versions) == 1
