"""The list of held-out judgements that a head's training leaves in its manifest."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import update

from agent.learned.head_model import HeadModel
from agent.learned.registry import Registry
from agent.tables import domain_model
from agent.tuning.datasets import Dataset, load_dataset
from agent.tuning.folds import FOLDS
from agent.tuning.training.head_trainer import HeadTrainer
from agent.tuning.training.trainer import silent
from knowledge.database import Database
from knowledge.embedding import Encoder


@dataclass(frozen=True)
class Forgetful:
    """A training's memory that starts empty; a head asks nothing of it."""

    run: int = 0
    remembered: Mapping[str, Any] = field(default_factory=dict)

    async def remember(self, **facts: Any) -> None:
        del facts

    async def wanted(self) -> bool:
        return True

    def say(self, line: str) -> None:
        del line


async def record_out_of_fold(
    database: Database, encoder: Encoder, version: int, folds: int = FOLDS, most: int = 400
) -> None:
    """Judge each fold by a head of the others, if the training did not."""
    stored = await Registry(database).version(version)
    if "out_of_fold" in stored.manifest:
        return
    data = await load_dataset(database, stored.dataset)
    records = [
        record
        for fold in range(folds)
        for record in await _judged(data, fold, stored.manifest["answers"], encoder)
    ]
    kept = records[:: max(1, -(-len(records) // most))]
    manifest = {**stored.manifest, "out_of_fold": kept}
    statement = update(domain_model).where(domain_model.c.version == version)
    async with database.engine.begin() as connection:
        await connection.execute(statement.values(manifest=manifest))


async def _judged(
    data: Dataset, fold: int, answers: dict[str, list[dict[str, str]]], encoder: Encoder
) -> list[dict[str, object]]:
    others = replace(data, pairs=tuple(one for one in data.pairs if one.fold != fold))
    made = await HeadTrainer(encoder).train(others, silent, Forgetful())
    model = HeadModel.unpack(0, made.parameters, made.manifest)
    label = {
        (part, entry["answer"]): number
        for part, entries in answers.items()
        for number, entry in enumerate(entries)
    }
    own = [(place, one.pair) for place, one in enumerate(data.pairs) if one.fold == fold]
    read = [pair.question for _, pair in own if encoder.covers(pair.question)]
    vectors = dict(zip(read, await encoder.encode(read), strict=True)) if read else {}
    records: list[dict[str, object]] = []
    for place, pair in own:
        estimate = await model.estimate(pair.question, vectors.get(pair.question))
        if estimate.answer is None:
            continue
        part = "encoded" if pair.question in vectors else "spelled"
        records.append(
            {
                "part": part,
                "position": place,
                "label": label[part, estimate.answer],
                "confidence": estimate.confidence,
                "similarity": estimate.similarity,
                "threshold": estimate.threshold,
            }
        )
    return records
