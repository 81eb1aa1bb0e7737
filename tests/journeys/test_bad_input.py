"""A person's mistake gets one clear line: what, where, what to do."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.journeys.terminal import Terminal

MISTAKES: Mapping[str, tuple[list[str], Mapping[str, str], str]] = {
    "no such path": (["upload", "/no/such/folder"], {}, "/no/such/folder"),
    "unknown audience": (["upload", ".", "--audience", "team"], {}, "use everyone, channel:ID"),
    "empty question": (["ask", " "], {}, "the question is empty"),
    "endless question": (["ask", "why " * 25_000], {}, "the limit is 10,000"),
    "no such document": (["documents", "show", "77"], {}, "77"),
    "nothing to train on": (["tune", "train"], {}, "knowhow tune import"),
    "nothing to promote": (["tune", "promote"], {}, "knowhow tune train"),
    "no model to evaluate": (["evaluate", "domain", "PAIRS"], {}, "knowhow tune train"),
    "no folder to evaluate": (["evaluate", "retrieval", "/no/such"], {}, "/no/such"),
    "missing tokens": (["serve"], {}, "SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET not set"),
    "missing app token": (["serve", "--socket"], {}, "SLACK_APP_TOKEN"),
    "wrong database URL": (
        ["search", "x"],
        {"KNOWHOW_DATABASE_URL": "postgresql://me:hunter2@127.0.0.1:1/none"},
        "check KNOWHOW_DATABASE_URL",
    ),
    "wrong settings, all at once": (
        ["search", "x"],
        {"KNOWHOW_PORT": "many", "KNOWHOW_EMBEDDER": "bert"},
        "KNOWHOW_EMBEDDER: expected minilm, fastembed:NAME or openai:NAME; KNOWHOW_PORT",
    ),
    "dead embedding endpoint": (
        ["search", "x"],
        {"KNOWHOW_EMBEDDER": "openai:any", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"},
        "http://127.0.0.1:9/v1",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
async def test_a_mistake_gets_one_line(terminal: Terminal, tmp_path: Path, mistake: str) -> None:
    arguments, env, said = MISTAKES[mistake]
    pairs = tmp_path / "pairs.jsonl"
    pairs.write_text('{"question": "a?", "answer": "b"}\n')
    ran = await terminal.run(*(str(pairs) if a == "PAIRS" else a for a in arguments), env=env)
    assert said in ran.complaint
    assert "hunter2" not in ran.complaint
    assert ran.code == 1
    assert ran.out == ""


@pytest.mark.parametrize("line", ["{", '{"question": "why?"}', '["a", "b"]', '{"question": 1}'])
async def test_a_malformed_pair_is_named_by_its_line(
    terminal: Terminal, tmp_path: Path, line: str
) -> None:
    pairs = tmp_path / "pairs.jsonl"
    pairs.write_text(f'{{"question": "a?", "answer": "b"}}\n{line}\n')
    complaint = (await terminal.run("tune", "import", str(pairs))).complaint
    assert str(pairs) in complaint
    assert "2" in complaint.replace(str(pairs), "")


async def test_a_file_that_cannot_be_read_is_named_and_the_rest_goes_on(
    terminal: Terminal, tmp_path: Path
) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    (folder / "good.md").write_text("# Good\n\nThis one can be read.")
    (folder / "empty.md").write_text("")
    (folder / "binary.txt").write_bytes(b"\x00\x01\x02\xff" * 100)
    (folder / "latin.md").write_bytes("naïve café".encode("latin-1"))
    (folder / "paper.pdf").write_bytes(b"%PDF-1.7")
    ran = await terminal.run("upload", str(folder), "--json")
    assert ran.code == 1
    assert ran.json["added"] == 1
    reasons = {Path(one["uri"]).name: one["reason"] for one in ran.json["failed"]}
    assert set(reasons) == {"binary.txt", "latin.md", "paper.pdf"}
    assert [Path(one).name for one in ran.json["empty"]] == ["empty.md"]
    assert "Traceback" not in ran.err


async def test_a_usage_error_exits_with_two(terminal: Terminal) -> None:
    assert (await terminal.run("ask")).code == 2
    assert (await terminal.run("search", "x", "-k", "0")).code == 2
    assert (await terminal.run("serve", "--http", "--socket")).code == 2
