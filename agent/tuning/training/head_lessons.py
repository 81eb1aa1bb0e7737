"""What a head is taught, and the teaching itself, before anything is calibrated."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agent.learned.head import Floats, Head
from agent.learned.words import BUCKETS, Bag, rarity
from agent.tuning.training.regression import softmax_regression

_HINT = 0.5
"""How long an answer's own text is as an example of a question that it answers."""
_UNSEEN = 0.01
"""Of a bucket's weight in a label that never fell into it."""


@dataclass(frozen=True, slots=True)
class Lessons:
    """Questions with the labels ``0..k-1`` of their answers, and questions that nobody answers.

    ``vectors`` and ``background`` are unit vectors; ``hints`` those of the answers' texts, shape
    ``(k, d)`` or ``(0, d)`` for none. ``folds`` and ``clusters`` are the dataset's. The bags are
    empty for a head that does not look at words.
    """

    vectors: Floats
    labels: NDArray[np.int32]
    folds: NDArray[np.intp]
    clusters: NDArray[np.intp]
    background: Floats
    hints: Floats
    bags: Sequence[Bag]
    background_bags: Sequence[Bag]


def teach(lessons: Lessons, rows: NDArray[np.intp], background: NDArray[np.intp]) -> Head:
    """An uncalibrated head on some of the lessons; its labels are the answers among the rows."""
    kept, marks = np.unique(lessons.labels[rows], return_inverse=True)
    count = len(kept)
    hints = _HINT * lessons.hints[kept] if len(lessons.hints) else lessons.hints
    vectors = np.concatenate([lessons.vectors[rows], hints, lessons.background[background]])
    hinted = np.arange(len(hints))
    every = np.concatenate([marks, hinted, np.full(len(background), count)])
    order = np.argsort(every, kind="stable")
    sorted_marks: NDArray[np.int32] = every[order].astype(np.int32)
    weights, bias = softmax_regression(vectors[order], sorted_marks, count + 1)
    terms, idf = _terms(lessons, rows, background, count)
    return Head(
        vectors=vectors[order],
        labels=sorted_marks,
        weights=weights,
        bias=bias,
        terms=terms,
        idf=idf,
        neighbours=np.ones((), np.float32),
        curve=np.zeros(3, np.float32),
        threshold=np.ones((), np.float32),
    )


def _terms(
    lessons: Lessons, rows: NDArray[np.intp], background: NDArray[np.intp], count: int
) -> tuple[Floats, Floats]:
    """The words' logarithmic shares by label, and their rarity."""
    if not lessons.bags:
        return np.zeros((0, count + 1), np.float32), np.zeros(0, np.float32)
    idf = rarity([lessons.bags[row] for row in rows])
    marks = np.unique(lessons.labels[rows], return_inverse=True)[1]
    weight = np.full((BUCKETS, count + 1), _UNSEEN, np.float32)
    for row, mark in zip(rows, marks, strict=True):
        one = lessons.bags[row]
        weight[one.buckets, mark] += one.weighed(idf)
    for row in background:
        one = lessons.background_bags[row]
        weight[one.buckets, count] += one.weighed(idf)
    return np.log(weight / weight.sum(axis=0)), idf
