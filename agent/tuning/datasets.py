"""Datasets: the pairs a model is trained on, frozen, with folds that nothing leaks across."""

import asyncio
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row, desc, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.errors import TrainingError
from agent.tables import dataset, dataset_pair
from agent.tuning.clusters import question_clusters
from agent.tuning.dataset_pairs import DatasetPair
from agent.tuning.folds import folds
from agent.tuning.manifests import manifest, question_hash
from agent.tuning.pair_files import Lineage, Pair
from agent.tuning.teachable import teachable
from knowledge.database import Database
from knowledge.documents import EVERYONE

HELD_OUT_FOLD = 0
"""The fold that backends which cannot be trained five times never see."""

_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Dataset:
    """A frozen dataset: whoever holds one of ``audience`` may see every pair of it.

    ``pairs`` are those that may still be taught; ``lapsed`` counts the others: rejected or worded
    otherwise since, made from a document that changed or went, or now for fewer people.
    """

    version: int
    audience: tuple[str, ...]
    pairs: tuple[DatasetPair, ...]
    manifest: Mapping[str, Any]
    lapsed: int = 0


@dataclass(frozen=True, slots=True)
class Draft:
    """A dataset to be; ``digests`` are those that it may be known by, its own last."""

    audience: tuple[str, ...]
    pairs: Sequence[DatasetPair]
    manifest: Mapping[str, Any]
    digests: Sequence[str]


async def freeze(database: Database, audience: tuple[str, ...] = (EVERYONE,)) -> Dataset:
    """Make a dataset of the approved pairs that still hold and that all of ``audience`` may see.

    The same pairs for the same people are the same dataset, whoever asks: one that cleaning made
    is found again. Raises TrainingError when there is no such pair.
    """
    async with database.engine.begin() as connection:
        drafted = await draft(connection, audience)
        if drafted is None:
            raise TrainingError(
                f"there are no approved pairs that {', '.join(audience)} may see: "
                "run `knowhow tune import FILE`, then `knowhow tune review`"
            )
        version = await store(connection, drafted)
    return await load_dataset(database, version)


async def draft(
    connection: AsyncConnection,
    audience: tuple[str, ...],
    steps: Sequence[Mapping[str, Any]] = (),
    held_out: Iterable[str] | None = None,
    vectors: Mapping[int, NDArray[np.float32]] | None = None,
) -> Draft | None:
    """What a dataset would be; None when it had no pair.

    ``steps`` are what cleaning did on the way, for the manifest. ``held_out`` are questions that
    are never taught (None: those of the newest dataset). ``vectors`` of questions by the pair's id
    find more that are alike.
    """
    hashes = await _held_out(connection, held_out)
    rows, left_out = await teachable(connection, audience, hashes)
    if not rows:
        return None
    pairs = await asyncio.to_thread(_folded, rows, vectors)
    identity = [*audience, *(one.pair.digest + one.pair.topic for one in pairs), *sorted(hashes)]
    variants = ("cleaned",) if steps else ("cleaned", "")
    digests = [
        hashlib.sha256("\n".join([*identity, variant]).encode()).hexdigest() for variant in variants
    ]
    return Draft(audience, pairs, manifest(pairs, audience, steps, left_out, hashes), digests)


async def store(connection: AsyncConnection, drafted: Draft) -> int:
    """Write the dataset, unless it is there already, and return its version."""
    same = select(dataset.c.version).where(dataset.c.digest.in_(drafted.digests))
    known: int | None = await connection.scalar(same.order_by(dataset.c.version))
    if known is not None:
        return known
    row = {
        "digest": drafted.digests[-1],
        "audience": list(drafted.audience),
        "manifest": drafted.manifest,
    }
    added = insert(dataset).values(row).returning(dataset.c.version)
    version = int((await connection.execute(added)).scalar_one())
    rows = [_row(version, position, one) for position, one in enumerate(drafted.pairs)]
    for start in range(0, len(rows), _BATCH):
        await connection.execute(insert(dataset_pair), rows[start : start + _BATCH])
    return version


async def load_dataset(database: Database, version: int | None = None) -> Dataset:
    """The dataset (None: the newest) without what may not be taught any more.

    Raises TrainingError when there is none.
    """
    async with database.engine.connect() as connection:
        head, rows = await _stored(connection, version)
        held_out = set(head.manifest["held_out"]) | await _held_out(connection, None)
        chosen, _ = await teachable(connection, head.audience, held_out)
    now = {one.id: one for one in chosen}
    pairs = tuple(
        replace(_dataset_pair(standing, row.topic, row.cluster, row.fold), position=row.position)
        for row in rows
        if (standing := now.get(row.pair_id)) is not None
        and (standing.question, standing.answer) == (row.question, row.answer)
    )
    lapsed = len(rows) - len(pairs)
    return Dataset(head.version, tuple(head.audience), pairs, head.manifest, lapsed)


async def as_trained(database: Database, version: int) -> Dataset:
    """The whole dataset as it was trained on, with what may not be taught any more."""
    async with database.engine.connect() as connection:
        head, rows = await _stored(connection, version)
    audience = tuple(head.audience)
    pairs = []
    for row in rows:
        lineage = row.document_id and Lineage(row.document_id, row.document_version, audience)
        one = Pair(row.question, row.answer, row.topic, lineage)
        pairs.append(
            DatasetPair(row.pair_id, one, row.source, row.cluster, row.fold, position=row.position)
        )
    return Dataset(head.version, audience, tuple(pairs), head.manifest)


async def _stored(
    connection: AsyncConnection, version: int | None
) -> tuple[Row[Any], Sequence[Row[Any]]]:
    """A dataset's row (None: the newest) and its pairs in order; TrainingError without one."""
    found = select(dataset).order_by(desc(dataset.c.version)).limit(1)
    if version is not None:
        found = found.where(dataset.c.version == version)
    head = (await connection.execute(found)).one_or_none()
    if head is None:
        missing = "no dataset yet" if version is None else f"no dataset {version}"
        raise TrainingError(f"there is {missing}: `knowhow tune clean` makes one")
    query = (
        select(dataset_pair)
        .where(dataset_pair.c.dataset == head.version)
        .order_by(dataset_pair.c.position)
    )
    return head, (await connection.execute(query)).all()


def _folded(
    rows: Sequence[Any], vectors: Mapping[int, NDArray[np.float32]] | None
) -> list[DatasetPair]:
    """CPU-bound."""
    known = vectors or {}
    placed = {place: known[row.id] for place, row in enumerate(rows) if row.id in known}
    clusters = question_clusters([row.question for row in rows], placed)
    made = [
        _dataset_pair(row, row.topic, cluster, 0)
        for row, cluster in zip(rows, clusters, strict=True)
    ]
    fold = folds([one.pair for one in made], clusters)
    return [replace(one, fold=fold[one.cluster]) for one in made]


def _dataset_pair(row: Any, topic: str, cluster: int, fold: int) -> DatasetPair:
    """Of a row of ``pair``."""
    audience = tuple(row.audience)
    lineage = row.document_id and Lineage(row.document_id, row.document_version, audience)
    one = Pair(row.question, row.answer, topic, lineage)
    return DatasetPair(row.id, one, row.source, cluster, fold, row.origin, row.language, audience)


async def _held_out(connection: AsyncConnection, questions: Iterable[str] | None) -> set[str]:
    """Hashes of the questions given, or of those that the newest dataset must not see."""
    if questions is not None:
        return {question_hash(one) for one in questions}
    newest = select(dataset.c.manifest["held_out"]).order_by(desc(dataset.c.version)).limit(1)
    return set(await connection.scalar(newest) or ())


def _row(version: int, position: int, one: DatasetPair) -> dict[str, Any]:
    return {
        "dataset": version,
        "position": position,
        "pair_id": one.pair_id,
        "question": one.pair.question,
        "answer": one.pair.answer,
        "topic": one.pair.topic,
        "source": one.source,
        "document_id": one.pair.lineage and one.pair.lineage.document_id,
        "document_version": one.pair.lineage and one.pair.lineage.document_version,
        "cluster": one.cluster,
        "fold": one.fold,
    }
