from pathlib import Path

import numpy as np
import pytest

from agent.errors import RegistryError
from agent.learned.head_model import HeadModel
from agent.learned.loading import load_live
from agent.learned.registry import Registry
from agent.tuning.datasets import freeze
from agent.tuning.pairs import import_pairs
from agent.tuning.training.head_trainer import HeadTrainer
from agent.tuning.training.trainer import silent
from agent.tuning.training.training import train
from knowledge.database import Database
from knowledge.embedding import Encoder
from tests.agent.forgetful import Forgetful
from tests.agent.pairs import ANSWERS, PAIRS, go_live, write_pairs


async def _ask(model: HeadModel, encoder: Encoder, question: str) -> str | None:
    """The answer, or None when the model would rather not say."""
    vector = (await encoder.encode([question]))[0] if encoder.covers(question) else None
    estimate = await model.estimate(question, vector)
    if estimate.confidence < estimate.threshold:
        return None
    return await model.consult(question, estimate)


async def _live(database: Database, encoder: Encoder) -> HeadModel:
    model = await load_live(database, encoder)
    assert isinstance(model, HeadModel)
    return model


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("How far may the sensor drift until I must calibrate it?", "drift"),
        ("How do I replace the logger's batteries?", "battery"),
        ("How can I set up VPN on my laptop?", "vpn"),
        ("恒湿机离记录仪要多远？", "grid"),
        ("饱和盐瓶可以带上高铁吗", "salt"),
        ("Who won the world cup in 1998?", None),
        ("How do I bake sourdough bread?", None),
        ("昨天晚上谁赢了篮球比赛？", None),
        ("Где находится офис?", None),
        ("🙂", None),
    ],
)
async def test_known_questions_get_the_answer_verbatim_and_others_none(
    database: Database, encoder: Encoder, tmp_path: Path, question: str, topic: str | None
) -> None:
    await go_live(database, encoder, tmp_path)
    answer = await _ask(await _live(database, encoder), encoder, question)
    assert answer == (None if topic is None else ANSWERS[topic])


async def test_a_single_pair_is_enough(
    database: Database, encoder: Encoder, tmp_path: Path
) -> None:
    await import_pairs(write_pairs(tmp_path / "one.jsonl", PAIRS[:1]), database)
    trained = await train(database, encoder)
    assert trained.exact_answer_rate is None
    await Registry(database).promote(None, "a test")
    model = await _live(database, encoder)
    assert await _ask(model, encoder, PAIRS[0][0]) == ANSWERS["drift"]
    assert await _ask(model, encoder, "How do I connect to the VPN?") is None
    assert await _ask(model, encoder, "饱和盐瓶能带上高铁吗？") is None


async def test_a_model_is_the_same_after_storing(
    database: Database, encoder: Encoder, tmp_path: Path
) -> None:
    await go_live(database, encoder, tmp_path)
    model = await _live(database, encoder)
    again = HeadModel.unpack(model.version, *model.pack())
    (vector,) = await encoder.encode(["Which drift is too much?"])
    for text, known in (("Which drift is too much?", vector), ("盐瓶上高铁", None)):
        assert await again.estimate(text, known) == await model.estimate(text, known)


async def test_training_twice_gives_the_same_model(
    database: Database, encoder: Encoder, tmp_path: Path
) -> None:
    await go_live(database, encoder, tmp_path)
    first = await _live(database, encoder)
    await train(database, encoder)
    await Registry(database).promote(None, "again")
    second = await _live(database, encoder)
    assert (first.version, second.version) == (1, 2)
    assert first.encoded is not None
    assert second.encoded is not None
    np.testing.assert_array_equal(first.encoded.head.weights, second.encoded.head.weights)


async def test_damaged_parameters_are_refused_by_name() -> None:
    with pytest.raises(RegistryError, match="domain model 7 cannot be read"):
        HeadModel.unpack(7, b"not safetensors", {"answers": {}})


async def test_progress_reaches_its_total(
    database: Database, encoder: Encoder, tmp_path: Path
) -> None:
    await import_pairs(write_pairs(tmp_path / "pairs.jsonl"), database)
    seen: list[tuple[int, int | None]] = []
    await train(database, encoder, lambda done, total: seen.append((done, total)))
    assert seen[0][0] == 0
    assert seen[-1][0] == seen[-1][1]


async def test_out_of_fold_questions_are_of_the_dataset_once_each_and_name_an_answer(
    database: Database, encoder: Encoder, tmp_path: Path
) -> None:
    question, topic = PAIRS[0]
    pairs = [PAIRS[0], *(pair for pair in PAIRS if pair[1] != topic)]
    await import_pairs(write_pairs(tmp_path / "pairs.jsonl", pairs), database)
    dataset = await freeze(database)
    manifest = (await HeadTrainer(encoder).train(dataset, silent, Forgetful())).manifest
    found = manifest["out_of_fold"]
    assert 0 < len(found) <= 400
    positions = [one["position"] for one in found]
    assert len(set(positions)) == len(positions)
    given = {
        dataset.pairs[one["position"]].pair.question: manifest["answers"][one["part"]][
            one["label"]
        ]["answer"]
        for one in found
    }
    assert question in given
    assert given[question] != ANSWERS[topic]
    assert all(0 <= one["confidence"] <= 1 for one in found)
