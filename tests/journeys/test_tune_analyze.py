"""An admin looks through pairs before training: the screen, the page, the pairs behind a figure."""

from pathlib import Path

from tests.agent.pairs import ANSWERS, PAIRS, write_lines
from tests.journeys.terminal import Terminal

_LEAKED = "What drift is acceptable for a sensor?"


async def test_pairs_are_analysed(terminal: Terminal, tmp_path: Path) -> None:
    records = [{"question": q, "answer": ANSWERS[topic], "topic": topic} for q, topic in PAIRS]
    contradicted = {"question": PAIRS[0][0], "answer": "Never calibrate it yourself: send it in."}
    file = write_lines(tmp_path / "pairs.jsonl", [*records, contradicted])
    await terminal.run("tune", "import", str(file))
    held_out = write_lines(tmp_path / "held.jsonl", [{"question": _LEAKED, "answer": "2 points."}])
    page = tmp_path / "page.html"

    seen = await terminal.run(
        "tune", "analyze", "--held-out", str(held_out), "--html", str(page), "--price", "25"
    )
    assert seen.code == 0, seen.err
    assert "1 contradiction" in seen.out
    assert "knowhow tune review" in seen.out
    assert "1 leaked held-out question" in seen.out
    assert len(seen.out.splitlines()) < 50
    html = page.read_text()
    assert 'id="contradiction"' in html
    assert "记录仪离恒湿机多远合适？" in html

    report = (await terminal.run("tune", "analyze", "--held-out", str(held_out), "--json")).json
    assert report["pairs"] == 14
    assert report["held_out"] == 1
    assert report["found"]["leak"]["count"] == 1
    assert report["estimates"]["openai"]["usd"] is None
    assert sum(topic["pairs"] for topic in report["topics"]) == 14
    (conflict,) = report["found"]["contradiction"]["examples"]

    shown = await terminal.run("tune", "analyze", "--show", "contradiction")
    assert all(str(pair) in shown.out for pair in conflict["pairs"])
    assert "Never calibrate it yourself" in shown.out.replace("\n", " ")
    listed = (await terminal.run("tune", "analyze", "--show", "contradiction", "--json")).json
    assert sorted(listed["ids"]) == sorted(conflict["pairs"])


async def test_bad_wishes_are_one_line(terminal: Terminal, tmp_path: Path) -> None:
    unknown = await terminal.run("tune", "analyze", "--show", "nonsense")
    assert "there is no figure 'nonsense'" in unknown.complaint
    missing = await terminal.run("tune", "analyze", "--held-out", str(tmp_path / "none.jsonl"))
    assert "cannot be read" in missing.complaint
    unwritable = await terminal.run("tune", "analyze", "--html", str(tmp_path / "no" / "page.html"))
    assert "cannot be written" in unwritable.complaint
    negative = await terminal.run("tune", "analyze", "--price", "-1")
    assert negative.code == 2


async def test_without_pairs_it_says_what_to_do(terminal: Terminal) -> None:
    seen = await terminal.run("tune", "analyze")
    assert seen.code == 0, seen.err
    assert "There are no pairs yet." in seen.out
    assert "knowhow tune import FILE" in seen.out
