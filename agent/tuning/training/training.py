"""Train a domain model: a frozen dataset in, a new version in the registry out."""

import time
from dataclasses import dataclass

from agent.learned.registry import Registry
from agent.tuning.datasets import Dataset, freeze
from agent.tuning.training.head_trainer import HeadTrainer
from agent.tuning.training.trainer import Progress, Trainer, silent
from knowledge.database import Database
from knowledge.embedding import Encoder


@dataclass(frozen=True, slots=True)
class Trained:
    """A new version; the rates are of questions held out of it in cross-validation.

    They are None when there were too few pairs to hold any out.
    """

    version: int
    dataset: int
    pairs: int
    answers: int
    seconds: float
    exact_answer_rate: float | None
    wrong_rate: float | None


async def train(
    database: Database,
    encoder: Encoder,
    progress: Progress = silent,
    *,
    trainer: Trainer | None = None,
    dataset: Dataset | None = None,
) -> Trained:
    """Train on a dataset (None: all that everyone may see) and store the model; nothing goes live.

    Raises TrainingError when there is nothing to train on.
    """
    started = time.perf_counter()
    trainer = trainer or HeadTrainer(encoder)
    dataset = dataset or await freeze(database)
    made = await trainer.train(dataset, progress)
    manifest = {**made.manifest, "dataset": dataset.version, **_sizes(dataset)}
    version = await Registry(database).add(
        trainer.backend, encoder.name, made.parameters, manifest, dataset.version
    )
    rates = manifest.get("held_out") or {}
    return Trained(
        version,
        dataset.version,
        manifest["pairs"],
        len({one.pair.answer for one in dataset.pairs}),
        time.perf_counter() - started,
        rates.get("exact_answer_rate"),
        rates.get("wrong_rate"),
    )


def _sizes(dataset: Dataset) -> dict[str, object]:
    return {name: dataset.manifest[name] for name in ("pairs", "topics", "pairs_sha256")}
