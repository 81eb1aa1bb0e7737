"""Questions that a model trained on all the others would give another answer to.

Confident learning (Northcutt, Jiang and Chuang 2021): a question is doubted where its
out-of-sample probability of another answer is above the mean of those that have that answer.
"""

from collections import Counter
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from agent.learned.head import Floats
from agent.tuning.clusters import joined
from agent.tuning.examining.compared import Compared
from agent.tuning.examining.findings import Finding, World
from agent.tuning.training.regression import softmax_regression

FOLDS = 4
_LEAST_QUESTIONS = 8
"""Of an answer, below which a head that saw three fourths of them doubts every second question."""
_SHOWN = 60
_ITERATIONS = 30
"""As good as 200: of 240 answers exchanged in BANKING77, 181 are found rather than 179."""

_CELLS = 5_000_000
"""Rows times answers above which fewer iterations must do."""


def find(
    compared: Compared, world: World, step: Callable[[], None] = lambda: None
) -> list[Finding]:
    """By self-confidence, the least first; only answers with eight encoded questions count.

    ``step`` is called `FOLDS` times at most.
    """
    counts = Counter(
        answer
        for one, answer in zip(compared.pairs, compared.answers, strict=True)
        if one.id in world.vectors
    )
    rows = [
        place
        for place, one in enumerate(compared.pairs)
        if one.id in world.vectors and counts[compared.answers[place]] >= _LEAST_QUESTIONS
    ]
    answers = list(dict.fromkeys(compared.answers[place] for place in rows))
    if len(answers) < 2:  # noqa: PLR2004
        return []
    number = {answer: own for own, answer in enumerate(answers)}
    labels = np.array([number[compared.answers[place]] for place in rows], np.int32)
    table = np.stack([world.vectors[compared.pairs[place].id] for place in rows])
    odds = _out_of_sample(table, labels, _folds(compared, rows), step)
    shown = {number[compared.answers[place]]: compared.pairs[place].answer for place in rows}
    return [
        Finding(
            "label error",
            "queue",
            (compared.pairs[rows[row]].id,),
            f"questions like this one are answered: {_short(shown[other])}",
            1 - float(odds[row, labels[row]]),
        )
        for row, other in _doubted(odds, labels)
    ]


def _folds(compared: Compared, rows: list[int]) -> NDArray[np.intp]:
    """A fold for each row; questions too alike to be told apart share one."""
    links = ((one.one, one.other) for one in compared.questions.alike)
    roots = joined(max(compared.questions.number) + 1, links)
    clusters = [roots[compared.questions.number[place]] for place in rows]
    order = {cluster: own for own, cluster in enumerate(dict.fromkeys(clusters))}
    shuffled = np.random.default_rng(0).permutation(len(order)) % FOLDS
    return shuffled[[order[cluster] for cluster in clusters]]


def _out_of_sample(
    table: Floats, labels: NDArray[np.int32], fold: NDArray[np.intp], step: Callable[[], None]
) -> Floats:
    """Probabilities ``(n, answers)`` of rows by heads that never saw them."""
    count = int(labels.max()) + 1
    odds = np.zeros((len(table), count), np.float32)
    iterations = max(_ITERATIONS // 4, min(_ITERATIONS, _ITERATIONS * _CELLS // odds.size))
    for own in range(FOLDS):
        train, test = fold != own, fold == own
        step()
        if not test.any() or not train.any():
            continue
        weights, bias = softmax_regression(table[train], labels[train], count, iterations)
        logits = table[test] @ weights.T + bias
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        odds[test] = shares / shares.sum(axis=1, keepdims=True)
    return odds


def _doubted(odds: Floats, labels: NDArray[np.int32]) -> list[tuple[int, int]]:
    """Rows off the diagonal of the confident joint with the answer they were counted to."""
    every = np.arange(len(labels))
    own = odds[every, labels]
    sums = np.bincount(labels, own, odds.shape[1])
    bounds = sums / np.bincount(labels, minlength=odds.shape[1])
    confident = np.where(odds >= bounds, odds, 0)
    counted = confident.argmax(axis=1)
    rows = np.flatnonzero((confident.max(axis=1) > 0) & (counted != labels))
    return [(int(row), int(counted[row])) for row in rows[np.argsort(own[rows], kind="stable")]]


def _short(answer: str) -> str:
    line = " ".join(answer.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"
