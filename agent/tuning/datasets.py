"""Datasets: the pairs a model is trained on, frozen, with folds that nothing leaks across."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Text, any_, desc, insert, literal, or_, select

from agent.errors import TrainingError
from agent.learned.stale_pairs import is_current
from agent.tables import dataset, dataset_pair, pair
from agent.tuning.clusters import question_clusters
from agent.tuning.pair_files import Lineage, Pair
from knowledge.database import Database
from knowledge.documents import EVERYONE

FOLDS = 5
HELD_OUT_FOLD = 0
"""The fold that backends which cannot be trained five times never see."""

_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class DatasetPair:
    """A pair as it was when the dataset was made; ``cluster`` are questions too alike to split."""

    pair_id: int
    pair: Pair
    source: str
    cluster: int
    fold: int


@dataclass(frozen=True, slots=True)
class Dataset:
    """A frozen dataset: whoever holds one of ``audience`` may see every pair of it."""

    version: int
    audience: tuple[str, ...]
    pairs: tuple[DatasetPair, ...]
    manifest: Mapping[str, Any]


async def freeze(
    database: Database,
    audience: tuple[str, ...] = (EVERYONE,),
    steps: Sequence[Mapping[str, Any]] = (),
) -> Dataset:
    """Make a dataset of the approved pairs that still hold and that all of ``audience`` may see.

    The same pairs in the same folds are the same dataset, whoever asks. ``steps`` are what
    cleaning did on the way, for the manifest. Raises TrainingError when there is no such pair.
    """
    pairs = await trainable(database, audience)
    if not pairs:
        raise TrainingError(
            f"there are no approved pairs that {', '.join(audience)} may see: "
            "run `knowhow tune import FILE`"
        )
    digest = _digest(pairs, audience)
    manifest = {
        "steps": list(steps),
        "pairs": len(pairs),
        "answers": len({one.pair.answer for one in pairs}),
        "topics": len({one.pair.topic for one in pairs}),
        "sources": _counted([one.source for one in pairs]),
        "documents": sorted({one.pair.lineage.document_id for one in pairs if one.pair.lineage}),
        "folds": [sum(one.fold == fold for one in pairs) for fold in range(FOLDS)],
        "pairs_sha256": digest,
    }
    async with database.engine.begin() as connection:
        known = await connection.scalar(select(dataset.c.version).where(dataset.c.digest == digest))
        if known is None:
            row = {"digest": digest, "audience": list(audience), "manifest": manifest}
            added = insert(dataset).values(row).returning(dataset.c.version)
            known = int((await connection.execute(added)).scalar_one())
            rows = [_row(known, position, one) for position, one in enumerate(pairs)]
            for start in range(0, len(rows), _BATCH):
                await connection.execute(insert(dataset_pair), rows[start : start + _BATCH])
    return await load_dataset(database, known)


async def load_dataset(database: Database, version: int | None = None) -> Dataset:
    """The dataset (None: the newest); TrainingError when there is none."""
    found = select(dataset).order_by(desc(dataset.c.version)).limit(1)
    if version is not None:
        found = found.where(dataset.c.version == version)
    async with database.engine.connect() as connection:
        head = (await connection.execute(found)).one_or_none()
        if head is None:
            missing = "no dataset yet" if version is None else f"no dataset {version}"
            raise TrainingError(f"there is {missing}: `knowhow tune clean` makes one")
        query = (
            select(dataset_pair)
            .where(dataset_pair.c.dataset == head.version)
            .order_by(dataset_pair.c.position)
        )
        rows = (await connection.execute(query)).all()
    pairs = tuple(
        DatasetPair(
            row.pair_id,
            Pair(row.question, row.answer, row.topic, _lineage(row, head.audience)),
            row.source,
            row.cluster,
            row.fold,
        )
        for row in rows
    )
    return Dataset(head.version, tuple(head.audience), pairs, head.manifest)


def may_be_seen_by(audience: Sequence[str]) -> ColumnElement[bool]:
    """Of a row of ``pair``: everybody who holds any of the principals may see it."""
    return or_(
        literal(EVERYONE) == any_(pair.c.audience),
        pair.c.audience.bool_op("@>")(literal(list(audience), ARRAY(Text))),
    )


async def trainable(database: Database, audience: Sequence[str] = (EVERYONE,)) -> list[DatasetPair]:
    """The approved pairs that still hold and that all of ``audience`` may see."""
    query = select(pair).where(is_current(), may_be_seen_by(audience)).order_by(pair.c.digest)
    async with database.engine.connect() as connection:
        rows = (await connection.execute(query)).all()
    pairs = [Pair(row.question, row.answer, row.topic, _lineage(row, row.audience)) for row in rows]
    clusters = await asyncio.to_thread(question_clusters, [one.question for one in pairs])
    folds = _folds(pairs, clusters)
    return [
        DatasetPair(row.id, one, row.source, cluster, folds[cluster])
        for row, one, cluster in zip(rows, pairs, clusters, strict=True)
    ]


def _folds(pairs: Sequence[Pair], clusters: Sequence[int]) -> dict[int, int]:
    """A fold for each cluster, so that the questions of an answer spread over all of them."""
    by_answer: dict[str, list[int]] = {}
    seen: set[int] = set()
    for one, cluster in zip(pairs, clusters, strict=True):
        if cluster not in seen:
            seen.add(cluster)
            by_answer.setdefault(one.answer, []).append(cluster)
    folds = {}
    for answer, own in by_answer.items():
        first = hashlib.sha256(answer.encode()).digest()[0]
        folds.update({cluster: (first + rank) % FOLDS for rank, cluster in enumerate(own)})
    return folds


def _digest(pairs: Sequence[DatasetPair], audience: Sequence[str]) -> str:
    lines = [f"{one.pair.digest} {one.pair.topic} {one.cluster} {one.fold}" for one in pairs]
    return hashlib.sha256("\n".join([*audience, *lines]).encode()).hexdigest()


def _counted(sources: Sequence[str]) -> dict[str, int]:
    return {source: sources.count(source) for source in sorted(set(sources))}


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


def _lineage(row: Any, audience: Sequence[str]) -> Lineage | None:
    if row.document_id is None:
        return None
    return Lineage(row.document_id, row.document_version, tuple(audience))
