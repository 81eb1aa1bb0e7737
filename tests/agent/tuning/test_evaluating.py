"""Evaluate a head on its held-out questions, and let the verdict decide: every part real."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update

from agent.deps import Deps
from agent.errors import RegistryError
from agent.learned.promotions import Canary
from agent.learned.registry import Registry
from agent.learned.shutdowns import warnings
from agent.routing.calibration import calibrate
from agent.routing.routing import Router
from agent.routing.small_talk import SmallTalk
from agent.tables import domain_model, evaluated, pair
from agent.tuning.evaluating import Wanted, evaluate
from agent.tuning.evaluation import CANDIDATE, LIVE, RETRIEVAL, TOGETHER, Evaluation
from agent.tuning.evaluation_page import evaluation_page
from agent.tuning.pairs import import_pairs
from agent.tuning.promoting import Promotion, promote
from agent.tuning.stored_evaluations import newest, store
from agent.tuning.training.training import train
from knowledge.database import Database
from knowledge.embedding import Encoder
from knowledge.retrieval.search import Search
from tests.agent.pairs import write_lines
from tests.agent.team import team

THINGS = (
    "printer", "gate", "boiler", "kitchen", "bicycle", "server", "phone", "invoice", "desk",
    "projector", "locker", "van", "fridge", "badge", "camera", "piano", "sauna", "elevator",
    "greenhouse", "archive",
)  # fmt: skip
ASKED = (
    "who repairs the {}?",
    "the {} is broken, whom do I call?",
    "how do I get the {} fixed?",
    "broken {}",
    "something is wrong with our {}",
    "the {} does not work any more",
    "number for {} problems",
    "report a fault of the {}",
)


def answer_of(thing: str) -> str:
    return f"For the {thing}, ring {400 + THINGS.index(thing)} and say where it stands."


def pairs_file(folder: Path, asked: tuple[str, ...] = ASKED) -> Path:
    return write_lines(
        folder / f"pairs{len(asked)}.jsonl",
        (
            {"question": form.format(thing), "answer": answer_of(thing), "topic": thing}
            for thing in THINGS
            for form in asked
        ),
    )


@pytest.fixture
async def parts(database: Database, encoder: Encoder) -> Deps:
    search: Search = await team(database, encoder)
    return Deps(search, encoder, Router(), SmallTalk(encoder))


async def trained(database: Database, encoder: Encoder, file: Path) -> int:
    await import_pairs(file, database)
    made = await train(database, encoder)
    return made.version


async def test_a_good_head_passes_and_is_promoted_on_its_evidence(
    database: Database, encoder: Encoder, parts: Deps, tmp_path: Path
) -> None:
    version = await trained(database, encoder, pairs_file(tmp_path))
    steps: list[tuple[int, int | None]] = []
    made: list[Evaluation] = []

    async def evaluates(number: int) -> Evaluation:
        wanted = Wanted(parts, number)
        made.append(await evaluate(database, wanted, asking=lambda *step: steps.append(step)))
        return made[-1]

    done = await promote(database, Promotion(canary=Canary(("C1",)), author="mara"), evaluates)
    (found,) = made
    assert done.version == version == found.version
    assert found.verdict.outcome == "promote", found.verdict.why
    count = len(found.held_out.asked)
    assert 100 <= count <= len(THINGS) * len(ASKED)
    assert steps[-1] == (4 * count, 4 * count)
    measures = found.measures
    assert measures["base"].abstained == 1
    assert measures[RETRIEVAL].right < 0.1
    # Honest: judged by heads that never saw the question, so not everything is right.
    assert 0.8 < measures[CANDIDATE].right <= 1
    assert measures[TOGETHER].right > 0.6
    assert measures[CANDIDATE].reliability.ece is not None
    standing = await Registry(database).standing()
    assert standing.live is None
    assert standing.canary is not None

    await promote(database, Promotion(), evaluates)
    assert len(made) == 1  # the verdict still holds against what is live: nothing
    event, canary = await Registry(database).history()
    assert (event.action, canary.action) == ("promote", "canary")
    assert (event.verdict, event.grounds.forced) == ("promote", False)
    assert canary.grounds.author == "mara"
    async with database.engine.connect() as connection:
        rows = (await connection.execute(select(evaluated))).all()
    assert len(rows) == count
    assert rows[0].arms[CANDIDATE].keys() >= {"right", "f1", "abstained", "ms", "cost", "answer"}
    assert rows[0].features.keys() >= {"signals", "confidence", "similarity", "threshold"}

    page = evaluation_page(found, datetime.now(UTC))
    assert "Domain model 1: promote" in page
    assert "<script" not in page


async def test_the_same_again_is_inconclusive_and_refused_until_forced(
    database: Database, encoder: Encoder, parts: Deps, tmp_path: Path
) -> None:
    first = await trained(database, encoder, pairs_file(tmp_path))
    await Registry(database).promote(first, "a test")
    await calibrate(database, encoder, parts.search)
    second = await trained(database, encoder, pairs_file(tmp_path))

    async def evaluates(number: int) -> Evaluation:
        return await evaluate(database, Wanted(parts, number))

    with pytest.raises(RegistryError, match="inconclusive, not promoted") as refused:
        await promote(database, Promotion(), evaluates)
    assert f"tune evaluate {second} --questions FILE" in str(refused.value)
    assert f"tune promote {second} --force --reason TEXT" in str(refused.value)
    kept = await newest(database, second)
    assert kept is not None
    assert (kept.against, kept.verdict) == (first, "inconclusive")
    assert await Registry(database).live_version() == first

    forced = Promotion(force=True, reason="the launch is today", author="noor")
    await promote(database, forced, evaluates)
    assert await Registry(database).live_version() == second
    (event, *_) = await Registry(database).history()
    assert (event.grounds.forced, event.grounds.reason) == (True, "the launch is today")


async def test_what_a_training_had_is_named_and_left_out(
    database: Database, encoder: Encoder, parts: Deps, tmp_path: Path
) -> None:
    version = await trained(database, encoder, pairs_file(tmp_path, ASKED[:4]))
    file = write_lines(
        tmp_path / "fresh.jsonl",
        (
            {"question": question, "answer": answer_of("piano")}
            for question in ("Broken PIANO!", "our piano is out of order", "whom to ask: piano?")
        ),
    )
    found = await evaluate(database, Wanted(parts, version, file))
    assert found.held_out.leaked == ("Broken PIANO!",)
    assert [one.question for one in found.held_out.asked] != []
    assert found.verdict.outcome == "inconclusive"
    assert "2 questions are too few to tell, 100 are needed" in found.verdict.why
    await store(found, database)
    with pytest.raises(RegistryError, match="were trained on"):
        await evaluate(database, Wanted(parts, version, pairs_file(tmp_path, ASKED[:2])))


async def test_a_live_model_is_not_asked_what_it_was_trained_on(
    database: Database, encoder: Encoder, parts: Deps, tmp_path: Path
) -> None:
    """A live one that held no question out: the candidate's new phrasings are all that is fair."""
    await import_pairs(pairs_file(tmp_path, ASKED[:6]), database)
    live = await train(database, encoder)
    await Registry(database).promote(live.version, "a test")
    without = domain_model.c.manifest.op("-")("out_of_fold")
    async with database.engine.begin() as connection:
        await connection.execute(update(domain_model).values(manifest=without))
    version = await trained(database, encoder, pairs_file(tmp_path))
    found = await evaluate(database, Wanted(parts, version))
    new = {form.format(thing) for form in ASKED[6:] for thing in THINGS}
    assert {one.question for one in found.held_out.asked} <= new
    assert found.held_out.asked
    assert found.held_out.leaked
    assert not new.intersection(found.held_out.leaked)
    assert found.before == LIVE
    assert found.against == live.version


async def test_questions_whose_document_went_are_not_asked(
    database: Database, encoder: Encoder, parts: Deps, tmp_path: Path
) -> None:
    version = await trained(database, encoder, pairs_file(tmp_path, ASKED[:2]))
    gone = update(pair).where(pair.c.topic == "piano")
    async with database.engine.begin() as connection:
        await connection.execute(gone.values(document_id=999, document_version=1))
    found = await evaluate(database, Wanted(parts, version))
    assert found.held_out.stale == 2
    assert not [one for one in found.held_out.asked if "piano" in one.question]


async def test_without_held_out_questions_it_says_what_to_do(
    database: Database, encoder: Encoder, parts: Deps
) -> None:
    await Registry(database).add("head", encoder.name, b"", {"answers": {}})
    with pytest.raises(RegistryError, match=r"train again with `knowhow tune train`, or give some"):
        await evaluate(database, Wanted(parts))


def test_a_shutdown_is_warned_of_before_and_after() -> None:
    manifest = json.loads('{"base_url": "https://api.openai.com/v1"}')
    (before,) = warnings("openai", manifest, date(2026, 11, 25))
    assert "takes no new fine-tuning jobs from 2027-01-06, in 42 days" in before
    (after,) = warnings("openai", manifest, date(2027, 2, 1))
    assert "any more, since 2027-01-06" in after
    assert warnings("openai", {"base_url": "http://127.0.0.1:9/v1"}, date(2026, 11, 25)) == []
    assert warnings("head", {}, date(2026, 11, 25)) == []
