"""The domain model's whole life in the terminal, every part real: from pairs to everyone and back.

Once on the embedded backend, once tuned at an endpoint (only that endpoint is imitated).
"""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.tuning_server import KEY, fake_tuning
from tests.journeys.terminal import Terminal

HALL = "the east hall"
DRAIN = "Close the valve under the grating and call Ines on 7007."
HANDBOOK = f"# Floods\n\nWhen water stands in {HALL}: {DRAIN}\n"
CHANGED = f"# Floods\n\nWhen water stands in {HALL}: leave it alone, the city pumps it out.\n"
_THINGS = (
    "coffee machine, printer, boiler, bicycle shed, projector, greenhouse, "
    "lift, sauna, archive door, piano, delivery van, badge reader, "
    "dishwasher, skylight, turnstile, kiln, telescope, loom, "
    "freezer, sprinkler, fountain, elevator music, whiteboard, generator, "
    "compressor, microscope, trampoline, doorbell, chandelier, forklift, "
    "scanner, aquarium, sewing machine, jukebox, chimney, awning, "
    "weather station, drawbridge, tractor, laser cutter, sundial, drone"
)
THINGS = _THINGS.split(", ")
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
ASK = "our coffee machine is out of order again, who repairs it?"
ASK_FLOOD = "there is flooding in the east hall, whom do I call?"


@dataclass(frozen=True)
class Backend:
    """How a version is trained, and what of its questions are enough for a verdict."""

    train: tuple[str, ...]
    env: dict[str, str]
    things: list[str]


@pytest.fixture(params=["head", "openai"])
async def backend(request: pytest.FixtureRequest) -> AsyncIterator[Backend]:
    """A head is judged on all its questions, a tuned model on the fifth that was held out."""
    if request.param == "head":
        yield Backend((), {}, THINGS[:12])
        return
    async with fake_tuning() as fake:
        env = {"OPENAI_BASE_URL": fake.url, "OPENAI_API_KEY": KEY, "KNOWHOW_CHAT_MODEL": "none"}
        yield Backend(("--backend", "openai", "--base", "base-1", "--yes"), env, THINGS)


def _write(file: Path, things: list[str]) -> Path:
    """Craft that no document holds, what a page holds, and what is wrong with such files."""
    answers = {
        thing: f"Ring {401 + n} and say it is the {thing}." for n, thing in enumerate(things)
    }
    told: list[dict[str, object]] = [
        {"question": form.format(thing), "answer": answer}
        for thing, answer in answers.items()
        for form in ASKED
    ]
    lineage = {"document_id": 1, "document_version": 1, "audience": ["everyone"]}
    told += [
        {"question": form.format(f"flooding in {HALL}"), "answer": DRAIN, **lineage}
        for form in ASKED
    ]
    told += [
        {"question": "Who repairs the coffee machine", "answer": answers["coffee machine"]},
        {"question": "who repairs the printer?", "answer": "Nobody, buy another."},
    ]
    file.write_text("".join(json.dumps(one) + "\n" for one in told))
    return file


@dataclass(frozen=True)
class Shell:
    """The terminal with the backend's settings; every command must succeed."""

    terminal: Terminal
    backend: Backend
    folder: Path

    async def run(self, *arguments: str) -> Any:
        ran = await self.terminal.run(*arguments, "--json", env=self.backend.env)
        assert ran.code == 0, ran.err
        return ran.json


async def test_from_pairs_to_everyone_and_back(
    terminal: Terminal, backend: Backend, tmp_path: Path
) -> None:
    shell = Shell(terminal, backend, tmp_path)
    run = shell.run
    page = tmp_path / "handbook" / "floods.md"
    page.parent.mkdir()
    page.write_text(HANDBOOK)
    await run("upload", str(page))
    first = await _trained(shell)
    await _promoted(shell, first)

    # The page changes, and what was learned from it is silent at once.
    page.write_text(CHANGED)
    await run("upload", str(page))
    status = await run("tune", "status")
    assert status["stale_topics"] != []
    assert status["versions"][0]["lapsed"] == len(ASKED)
    flood = await run("ask", ASK_FLOOD)
    assert "7007" not in flood["answer"]

    second = await _refused_then_forced(shell, first)
    assert (await run("tune", "rollback"))["live"] == first
    steps = await run("tune", "history")
    assert [(one["action"], one["version"], one["forced"]) for one in steps] == [
        ("rollback", first, False),
        ("promote", second, True),
        ("promote", first, False),
        ("canary", first, False),
    ]
    assert [one["verdict"] for one in steps] == [None, None, "promote", "promote"]


async def _trained(shell: Shell) -> int:
    """Import, analyse, clean, review, train."""
    run, backend = shell.run, shell.backend
    count = len(ASKED) * (len(backend.things) + 1)
    pairs = _write(shell.folder / "pairs.jsonl", backend.things)
    assert (await run("tune", "import", str(pairs)))["added"] == count + 2

    # What is wrong with them is said, dropped or put before a person, who decides.
    html = shell.folder / "pairs.html"
    found = await run("tune", "analyze", "--html", str(html))
    assert found["pairs"] == count + 2
    assert "Nobody, buy another." in html.read_text()
    cleaned = await run("tune", "clean")
    assert cleaned["dropped"] == 1  # the question that was there already
    assert cleaned["queue"]["contradiction"] == 1
    items = (await run("tune", "review", "--kind", "contradiction"))["items"]
    (wrong,) = (one["id"] for one in items[0]["pairs"] if "buy another" in one["answer"])
    item = str(items[0]["item"])
    await run("tune", "review", item, "--pair", str(wrong), "--reject", "--reason", "a joke")
    made = await run("tune", "clean")
    assert made["manifest"]["pairs"] == count

    trained = await run("tune", "train", "--dataset", str(made["dataset"]), *backend.train)
    assert trained["pairs"] == count
    return int(trained["version"])


async def _promoted(shell: Shell, first: int) -> None:
    """To one channel, then to everyone."""
    run = shell.run
    # Nothing was said for it yet: promoting evaluates it first, on what its training held out.
    out = await run("tune", "promote", "--canary", "CTRY")
    assert out["live"] is None
    assert out["canary"] == {"version": first, "channels": ["CTRY"], "share": None}
    assert "questions won" in out["why"]
    there = await run("ask", ASK, "--channel", "CTRY")
    assert (there["route"], there["model"]) == ("domain", f"domain:{first}")
    assert "401" in there["answer"]
    elsewhere = await run("ask", ASK, "--channel", "COTHER")
    assert "domain" not in elsewhere["model"]

    out = await run("tune", "promote")
    assert (out["live"], out["canary"]) == (first, None)
    everyone = await run("ask", ASK, "--channel", "COTHER")
    assert everyone["model"] == f"domain:{first}"


async def _refused_then_forced(shell: Shell, first: int) -> int:
    """A second training knows no more than the first."""
    run, backend = shell.run, shell.backend
    second = (await run("tune", "train", *backend.train))["version"]
    html = shell.folder / "report.html"
    report = await run("tune", "evaluate", "--html", str(html))
    assert (report["against"], report["verdict"]) == (first, "inconclusive")
    assert report["detectable"] > 0
    assert f"Domain model {second}: inconclusive" in html.read_text()
    refused = (await shell.terminal.run("tune", "promote", env=backend.env)).complaint
    assert f"version {second} is inconclusive, not promoted" in refused
    assert "--force --reason TEXT" in refused
    forced = await run("tune", "promote", "--force", "--reason", "the page has changed")
    assert forced["live"] == second
    return int(second)
