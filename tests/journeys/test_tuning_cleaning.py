"""From a file of pairs to a dataset, in the terminal: clean, review, undo."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.terminal import Terminal

PARK = "Behind the house, on the left of the old gate."
PAIRS = [
    ("Where do we park our cars?", PARK),
    ("where do we park our cars", PARK),
    ("Where do we park our cars?", "In the garage of the town hall."),
    ("How do I take a day off?", "Ask your lead, then enter the days."),
    ("What does the printer need?", "Mail ada.lovelace@example.com or call +44 20 7946 0958."),
    ("记录仪离恒湿机多远合适？", "放在离恒湿机至少两米的地方。"),
    ("How do I take the train to the site?", "Book it in the tool, second class."),
]
HELD_OUT = {"question": "how do I take the train to the site"}


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    """What a team wrote down, with all that is wrong with such files."""
    return _lines(tmp_path / "pairs.jsonl", [{"question": q, "answer": a} for q, a in PAIRS])


def _lines(path: Path, records: list[dict[str, str]]) -> Path:
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records), "utf-8")
    return path


def _steps(cleaned: Any) -> dict[str, int]:
    return {one["kind"]: one["count"] for one in cleaned["steps"] if one["action"] != "note"}


async def test_pairs_are_cleaned_reviewed_and_brought_back(
    terminal: Terminal, pairs: Path, tmp_path: Path
) -> None:
    held_out = str(_lines(tmp_path / "held.jsonl", [HELD_OUT]))
    assert (await terminal.run("tune", "import", str(pairs), "--json")).json["added"] == 7

    tried = (
        await terminal.run("tune", "clean", "--dry-run", "--held-out", held_out, "--json")
    ).json
    assert (tried["dry_run"], tried["dataset"], tried["run"]) == (True, None, None)
    listed = (await terminal.run("tune", "pairs", "--json")).json["pairs"]
    assert {one["state"] for one in listed} == {"approved"}

    done = (await terminal.run("tune", "clean", "--held-out", held_out, "--json")).json
    assert done["steps"] == tried["steps"]
    assert _steps(done) == {
        "exact duplicate": 1,
        "leak": 1,
        "contradiction": 1,
        "personal data": 1,
    }
    assert (done["dropped"], done["asked"], done["manifest"]["pairs"]) == (2, 2, 2)

    waiting = (await terminal.run("tune", "review", "--json")).json["items"]
    assert [one["kind"] for one in waiting] == ["contradiction", "personal data"]
    first, second = (one["id"] for one in waiting[0]["pairs"])

    # Reject the second answer, take it back, reject it again; word the other pair anew.
    keys = "r\n2\nu\nr\n2\ne\n\nAsk at the front desk.\n"
    walked = await terminal.run("tune", "review", "--author", "ann", stdin=keys)
    assert walked.code == 0, walked.err
    assert "In the garage of the town hall." in walked.out
    assert "Undone." in walked.out
    assert "2 decided." in walked.out
    assert (await terminal.run("tune", "review")).out == "Nothing waits for you.\n"

    again = (await terminal.run("tune", "clean", "--json")).json
    assert (again["dropped"], again["asked"], again["queue"]) == (0, 0, {})
    assert again["manifest"]["pairs"] == 4
    assert again["manifest"]["held_out"] == 1

    undone = (await terminal.run("tune", "undo", done["run"], "--json")).json
    assert len(undone["restored"]) == 2
    back = (await terminal.run("tune", "undo", "--pair", str(second), "--json")).json
    assert back["restored"] == [second]
    status = (await terminal.run("tune", "status", "--json")).json
    assert status["pairs"] == {"approved": 7}
    assert status["queue"] == {"contradiction": 1}
    assert [one["pairs"] for one in status["datasets"]] == [4, 2]

    item = str(waiting[0]["item"])
    kept = await terminal.run("tune", "review", item, "--merge-into", str(first), "--json")
    assert kept.json["changed"] == [second]
    trained = (await terminal.run("tune", "train", "--json")).json
    assert trained["pairs"] == 5  # neither the held-out question nor the rejected answer


async def test_candidates_are_walked_through_after_the_queue(
    terminal: Terminal, pairs: Path
) -> None:
    await terminal.run("tune", "import", str(pairs), "--candidates", "--author", "bob")
    tables = await terminal.run("tune", "clean", "--approve")
    assert tables.code == 0, tables.err
    assert "exact duplicate" in tables.out
    assert "undoes this cleaning" in tables.out
    walked = await terminal.run("tune", "review", stdin="n\nn\n")
    assert "记录仪" not in walked.out  # nothing was found of it, so it is approved
    only = await terminal.run("tune", "review", "--kind", "contradiction", stdin="m\n1\n")
    assert "1 decided." in only.out
    table = (await terminal.run("tune", "status")).out
    assert "To review: 1 personal data, 1 candidate" in table


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("tune", "review", "7", "--approve"), "there is no item 7"),
        (("tune", "review", "--pair", "7", "--reject"), "there is no pair 7"),
        (("tune", "clean", "--held-out", "none.jsonl"), "none.jsonl cannot be read"),
        (("tune", "import", "--questions"), "no question of the set has an answer"),
    ],
)
async def test_what_cannot_be_is_said_in_a_line(
    terminal: Terminal, arguments: tuple[str, ...], says: str
) -> None:
    assert says in (await terminal.run(*arguments)).complaint


async def test_in_a_terminal_a_key_is_enough(terminal: Terminal, pairs: Path) -> None:
    await terminal.run("tune", "import", str(pairs), "--candidates")
    # The arrow's sequence ends in the letter that approves.
    shown = await _typed(terminal, ["\x1b[A", "a", "r", "q"])
    assert "2 decided, 5 left." in shown
    listed = (await terminal.run("tune", "pairs", "--json")).json["pairs"]
    assert [one["state"] for one in reversed(listed)][:3] == ["approved", "rejected", "candidate"]


async def _typed(terminal: Terminal, keys: list[str]) -> str:
    """Run the review with a pseudo-terminal's keys; each is pressed once it is asked for."""
    keyboard, its_end = os.openpty()
    given = {k: v for k, v in os.environ.items() if not k.startswith(("KNOWHOW_", "OPENAI_"))}
    given |= {
        "KNOWHOW_HOME": str(terminal.home),
        "KNOWHOW_DATABASE_URL": terminal.database_url or "",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-c", "from bot.cli import main; main()", "tune", "review"),
        stdin=its_end,
        stdout=asyncio.subprocess.PIPE,
        env=given,
    )
    os.close(its_end)
    assert process.stdout is not None
    shown = asked = b""
    while more := await process.stdout.read(4096):
        shown, asked = shown + more, asked + more
        if keys and b"quit \xe2\x80\xba" in asked:
            asked = b""
            os.write(keyboard, keys.pop(0).encode())
    await process.wait()
    os.close(keyboard)
    return shown.decode()
