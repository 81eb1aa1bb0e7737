"""Train a domain model: a frozen dataset in, a new version in the registry out."""

import time
from dataclasses import dataclass, replace

from sqlalchemy import select

from agent.errors import TrainingError
from agent.learned.registry import Registry
from agent.tables import domain_model
from agent.tuning.datasets import Dataset, freeze
from agent.tuning.training.head_trainer import HeadTrainer
from agent.tuning.training.runs import Run, open_run
from agent.tuning.training.trainer import Progress, Say, Trainer, silent, unheard
from knowledge.database import Database
from knowledge.documents import EVERYONE
from knowledge.embedding import Encoder


@dataclass(frozen=True, slots=True)
class Trained:
    """A new version; the rates are of questions held out of it in cross-validation.

    They are None when there were too few pairs to hold any out, and for models that write their
    answers: those are measured by asking them.
    """

    version: int
    dataset: int
    run: int
    backend: str
    pairs: int
    answers: int
    seconds: float
    exact_answer_rate: float | None
    wrong_rate: float | None
    model: str | None
    """What its endpoint calls it; None where it answers here."""


async def train(
    database: Database,
    encoder: Encoder,
    progress: Progress = silent,
    *,
    trainer: Trainer | None = None,
    dataset: Dataset | None = None,
    say: Say = unheard,
) -> Trained:
    """Train on a dataset (None: all that everyone may see) and store the model; nothing goes live.

    A training that was interrupted is gone on with. Raises TrainingError when there is nothing to
    train on or the training failed, ModelUnavailable when its endpoint cannot be asked now.
    """
    started = time.perf_counter()
    trainer = trainer or HeadTrainer(encoder)
    dataset = dataset or await freeze(database)
    if EVERYONE not in dataset.audience:
        raise TrainingError(
            f"dataset {dataset.version} is for {', '.join(dataset.audience)} only, and a domain "
            "model answers everyone: train on a dataset that everyone may see"
        )
    async with open_run(database, trainer, dataset.version, encoder.name, say) as run:
        try:
            version = await run.made() or await _made(database, trainer, dataset, progress, run)
        except TrainingError as error:
            await run.failed(error)
            raise
        await run.succeeded(version)
    trained = await _trained(database, version, run.run, dataset)
    return replace(trained, seconds=time.perf_counter() - started)


async def _made(
    database: Database, trainer: Trainer, dataset: Dataset, progress: Progress, run: Run
) -> int:
    made = await trainer.train(dataset, progress, run)
    sizes = {name: dataset.manifest[name] for name in ("pairs", "topics", "pairs_sha256")}
    manifest = {**sizes, **made.manifest, "dataset": dataset.version, "run": run.run}
    return await Registry(database).add(
        trainer.backend, run.encoder, made.parameters, manifest, dataset.version
    )


async def _trained(database: Database, version: int, run: int, dataset: Dataset) -> Trained:
    query = select(domain_model.c.backend, domain_model.c.manifest)
    async with database.engine.connect() as connection:
        stored = await connection.execute(query.where(domain_model.c.version == version))
        backend, manifest = stored.one()
    rates = manifest.get("held_out") or {}
    return Trained(
        version=version,
        dataset=dataset.version,
        run=run,
        backend=backend,
        pairs=manifest["pairs"],
        answers=len({one.pair.answer for one in dataset.pairs}),
        seconds=0.0,
        exact_answer_rate=rates.get("exact_answer_rate"),
        wrong_rate=rates.get("wrong_rate"),
        model=manifest.get("model"),
    )
