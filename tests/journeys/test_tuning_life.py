"""The domain model's whole life on the embedded backend, in the terminal, every part real."""

import json
from pathlib import Path

import pytest

from agent.learned.registry import Registry
from knowledge.database import Database
from knowledge.embedding.minilm import MiniLM
from tests.agent.out_of_fold import record_out_of_fold
from tests.journeys.terminal import Terminal

HALL = "the east hall"
DRAIN = "Close the valve under the grating and call Ines on 7007."
HANDBOOK = f"# Floods\n\nWhen water stands in {HALL}: {DRAIN}\n"
CHANGED = f"# Floods\n\nWhen water stands in {HALL}: leave it alone, the city pumps it out.\n"
THINGS = {
    "printer": 401,
    "boiler": 402,
    "bicycle shed": 403,
    "projector": 404,
    "greenhouse": 405,
    "lift": 406,
    "sauna": 407,
    "archive door": 408,
    "piano": 409,
    "delivery van": 410,
    "coffee machine": 411,
    "badge reader": 412,
}
ASKED = (
    "who repairs the {}?",
    "the {} is broken, whom do I call?",
    "how do I get the {} fixed?",
    "broken {}",
    "something is wrong with our {}",
    "the {} does not work any more",
    "number for {} problems",
    "report a fault of the {}",
    "our {} has stopped again",
    "is there somebody for the {}?",
    "{} out of order",
    "I need help with the {}",
    "when the {} fails, what then?",
)
FLOODED = tuple(form.format("flooding in the east hall") for form in ASKED)
ASK = "the coffee machine makes odd noises, who can look at it?"
ASK_FLOOD = "there is flooding in the east hall, whom do I call?"


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    """Craft without a document, and what a page of the handbook says."""
    told: list[dict[str, object]] = [
        {"question": form.format(thing), "answer": f"Ring {number} and say it is the {thing}."}
        for thing, number in THINGS.items()
        for form in ASKED
    ]
    lineage = {"document_id": 1, "document_version": 1, "audience": ["everyone"]}
    told += [{"question": asked, "answer": DRAIN, **lineage} for asked in FLOODED]
    file = tmp_path / "pairs.jsonl"
    file.write_text("".join(json.dumps(one) + "\n" for one in told))
    return file


async def test_from_pairs_to_everyone_and_back(
    terminal: Terminal, database: Database, encoder: MiniLM, pairs: Path, tmp_path: Path
) -> None:
    page = tmp_path / "handbook" / "floods.md"
    page.parent.mkdir()
    page.write_text(HANDBOOK)
    await terminal.run("upload", str(page), "--json")
    assert (await terminal.run("tune", "import", str(pairs), "--json")).json["added"] == 169
    first = (await terminal.run("tune", "train", "--json")).json["version"]
    await record_out_of_fold(database, encoder, first)

    # Nothing was said for it yet: promoting evaluates it first, on what its training held out.
    canary = ("tune", "promote", "--canary", "CTRY", "--json")
    out = (await terminal.run(*canary)).json
    assert out["live"] is None
    assert out["canary"] == {"version": first, "channels": ["CTRY"], "share": None}
    assert "questions won" in out["why"]
    there = (await terminal.run("ask", ASK, "--channel", "CTRY", "--json")).json
    assert (there["route"], there["model"]) == ("domain", f"domain:{first}")
    assert "411" in there["answer"]
    elsewhere = (await terminal.run("ask", ASK, "--channel", "COTHER", "--json")).json
    assert "domain" not in elsewhere["model"]

    out = (await terminal.run("tune", "promote", "--json")).json
    assert (out["live"], out["canary"]) == (first, None)
    everyone = (await terminal.run("ask", ASK, "--channel", "COTHER", "--json")).json
    assert everyone["model"] == f"domain:{first}"

    # The page changes, and what was learned from it is silent at once.
    page.write_text(CHANGED)
    await terminal.run("upload", str(page), "--json")
    assert (await terminal.run("tune", "status", "--json")).json["stale_topics"] != []
    flood = (await terminal.run("ask", ASK_FLOOD, "--json")).json
    assert "7007" not in flood["answer"]

    # A second training knows no more than the first: it is refused, then forced, then taken back.
    second = (await terminal.run("tune", "train", "--json")).json["version"]
    await record_out_of_fold(database, encoder, second)
    html = tmp_path / "page.html"
    report = (await terminal.run("tune", "evaluate", "--html", str(html), "--json")).json
    assert (report["against"], report["verdict"]) == (first, "inconclusive")
    assert report["detectable"] > 0
    assert f"Domain model {second}: inconclusive" in html.read_text()
    refused = (await terminal.run("tune", "promote")).complaint
    assert f"version {second} is inconclusive, not promoted" in refused
    assert "--force --reason TEXT" in refused
    forced = ("tune", "promote", "--force", "--reason", "the page has changed", "--json")
    assert (await terminal.run(*forced)).json["live"] == second
    assert (await terminal.run("tune", "rollback", "--json")).json["live"] == first

    steps = (await terminal.run("tune", "history", "--json")).json
    assert [(one["action"], one["version"], one["forced"]) for one in steps] == [
        ("rollback", first, False),
        ("promote", second, True),
        ("promote", first, False),
        ("canary", first, False),
    ]
    assert [one["verdict"] for one in steps] == [None, None, "promote", "promote"]
    assert await Registry(database).live_version() == first
