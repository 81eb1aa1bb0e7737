"""Fit the weights of `agent.reading.answerability` and report how well they carry over.

    python tests/benchmarks/fit_answerability.py HOME SET...

HOME keeps the embedded Postgres and the encoder; each SET is a BEIR folder. One without an
``unanswerable.jsonl`` has every second document left out, and with it the answers. A set whose
queries have ``turns`` is measured with them and without. All measurements weigh the same, and
within each so do answerable and unanswerable questions. The report is cross-validated: by folds
within each set, and by leaving out whole sets.
"""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler

from agent.evaluation.abstention_evaluation import measure
from agent.evaluation.scratch_library import scratch_library
from agent.reading.answerability import WITH_VECTORS, WITHOUT_VECTORS, features
from knowledge.beir import (
    BeirQuery,
    CorpusEntry,
    read_corpus,
    read_qrels,
    read_queries,
    read_unanswerable,
)
from knowledge.database import Database, open_database
from knowledge.documents import Query
from knowledge.embedding.minilm import MiniLM
from knowledge.retrieval.search import Search

Fitted = tuple[float, NDArray[np.float64]]

_FOLDS = 5
_STEPS = (0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)


@dataclass(frozen=True, slots=True)
class Sample:
    """One set's features, one row a question, and which questions are answerable."""

    name: str
    values: NDArray[np.float64]
    known: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Asked:
    """The documents that the library gets, and the questions with whether it then knows."""

    corpus: Sequence[CorpusEntry]
    questions: Sequence[BeirQuery]
    known: Sequence[bool]


async def main(home: Path, folders: Sequence[Path]) -> None:
    """Measure every set, then fit those with vectors and those without."""
    encoder = MiniLM(home / "encoders")
    async with open_database(None, home) as database:
        samples = [one for folder in folders for one in await _samples(folder, database, encoder)]
    for title, weights in (("WITH", WITH_VECTORS), ("WITHOUT", WITHOUT_VECTORS)):
        if sets := [s for s in samples if s.values.shape[1] == len(weights.features)]:
            _report(f"{title}_VECTORS", sets)


async def _samples(folder: Path, database: Database, encoder: MiniLM) -> list[Sample]:
    asked = _asked(folder)
    kinds = {folder.name: [Query(one.text) for one in asked.questions]}
    if any(one.query.turns for one in asked.questions):
        kinds[f"{folder.name} with turns"] = [one.query for one in asked.questions]
    async with scratch_library(asked.corpus, database, encoder) as scratch:
        search = Search(scratch, encoder)
        return [
            Sample(
                name,
                np.array([features(*await measure(one, search, encoder)) for one in queries]),
                np.array(asked.known),
            )
            for name, queries in kinds.items()
        ]


def _asked(folder: Path) -> Asked:
    corpus, questions = list(read_corpus(folder)), read_queries(folder)
    if (folder / "unanswerable.jsonl").exists():
        unanswerable = read_unanswerable(folder)
        known = [True] * len(questions) + [False] * len(unanswerable)
        return Asked(corpus, [*questions, *unanswerable], known)
    kept, relevant = corpus[::2], read_qrels(folder)
    ids = {entry.id for entry in kept}
    return Asked(kept, questions, [not ids.isdisjoint(relevant[one.id]) for one in questions])


def _report(title: str, sets: Sequence[Sample]) -> None:
    print(title)
    for one in sets:
        others = [other for other in sets if _source(other) != _source(one)]
        left_out = _auroc(one, _fit(others)) if others else np.nan
        print(f"  {one.name}: {_FOLDS} folds {_folds(one, others):.3f}, left out {left_out:.3f}")
    bias, weights = _fit(sets)
    for one in sets:
        scores = 1 / (1 + np.exp(-_predicted((bias, weights), one.values)))
        rates = [
            f"{step:.2f} {(scores[one.known] >= step).mean():.3f} "
            f"{(scores[~one.known] >= step).mean():.3f}"
            for step in _STEPS
        ]
        print(f"  {one.name}: fitted {_auroc(one, (bias, weights)):.3f}")
        print(f"    threshold, answered, falsely answered: {'; '.join(rates)}")
    print(f"  Weights({bias:.3f}, ({', '.join(f'{weight:.3f}' for weight in weights)}))")


def _source(sample: Sample) -> str:
    return sample.name.split()[0]


def _folds(one: Sample, others: Sequence[Sample]) -> float:
    """AUROC of one set's questions, each scored by a fit that never saw it."""
    scores = np.empty(len(one.known))
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
    for train, test in folds.split(one.values, one.known):
        fitted = _fit([*others, Sample(one.name, one.values[train], one.known[train])])
        scores[test] = _predicted(fitted, one.values[test])
    return float(roc_auc_score(one.known, scores))


def _auroc(one: Sample, fitted: Fitted) -> float:
    return float(roc_auc_score(one.known, _predicted(fitted, one.values)))


def _fit(sets: Sequence[Sample]) -> Fitted:
    """Bias and weights for the features as they are; every class of every set weighs the same."""
    values = np.vstack([one.values for one in sets])
    known = np.concatenate([one.known for one in sets])
    weight = np.concatenate(
        [np.where(one.known, 1 / one.known.sum(), 1 / (~one.known).sum()) for one in sets]
    )
    scaler = StandardScaler().fit(values)
    model = LogisticRegression().fit(
        scaler.transform(values), known, sample_weight=weight * len(known) / weight.sum()
    )
    weights = model.coef_[0] / scaler.scale_
    return float(model.intercept_[0] - weights @ scaler.mean_), weights


def _predicted(fitted: Fitted, values: NDArray[np.float64]) -> NDArray[np.float64]:
    return fitted[0] + values @ fitted[1]


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), [Path(argument) for argument in sys.argv[2:]]))
