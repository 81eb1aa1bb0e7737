"""Fit a head: logistic regression, and a confidence learned on questions held out of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from agent.learned.head import Floats, Head
from agent.routing.wilson import lower_bound
from agent.tuning.training.regression import softmax_regression

_FOLDS = 5
STEPS = _FOLDS + 1
_SAMPLE = 800  # questions judged per fold and kind: 8,000 in all fix three numbers well
_UNKNOWN_SHARE = 0.06
"""How many questions are taken to fall between the pairs: near to one, answered by none."""
_PRECISION = 0.93
_LEAST = 0.5
ENCODED_CURVE = np.array([1.1, 0.9, -5.6])
"""A curve before any evidence: about what StackFAQ, BANKING77 and CLINC150 arrive at."""

SPELLED_CURVE = np.array([1.5, 0.8, -0.2])
"""The same for n-grams, whose cosines are a third as high."""

_SPREAD = np.array([0.4, 0.4, 2.0])


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Questions judged by heads that never saw them, or not even their topic (``unknown``).

    ``row`` is the question's among those trained on; ``other`` holds the features of background
    questions that the judging heads never saw, with ``other_row`` theirs in the background.
    """

    features: NDArray[np.float64]
    right: NDArray[np.bool_]
    unknown: NDArray[np.bool_]
    row: NDArray[np.intp]
    other: NDArray[np.float64]
    other_row: NDArray[np.intp]

    def weights(self) -> NDArray[np.float64]:
        """Per question, so that unknown ones have their share and the mean is 1.

        All zero when one kind is missing: alone it would teach to answer everything, or nothing.
        """
        if self.unknown.all() or not self.unknown.any():
            return np.zeros(len(self.unknown))
        unknown = self.unknown.mean()
        known_weight = (1 - _UNKNOWN_SHARE) / (1 - unknown)
        weights: NDArray[np.float64] = np.where(
            self.unknown, _UNKNOWN_SHARE / unknown, known_weight
        )
        return weights


def fit_head(
    vectors: Floats,
    labels: NDArray[np.int32],
    background: Floats,
    prior: NDArray[np.float64],
    step: Callable[[], None],
) -> tuple[Head, HeldOut]:
    """A calibrated head for unit vectors of shape ``(n, d)`` and labels ``0..k-1``.

    ``background`` are unit vectors of questions that none of the answers fits, ``prior`` one of the
    two curves above. CPU-bound: seconds
    for thousands of pairs; ``step`` is called `STEPS` times on the way.
    """
    held_out = judge_held_out(vectors, labels, background, step)
    curve = fit_curve(held_out.features, held_out.right, held_out.weights(), prior)
    confidence = expit(held_out.features @ curve)
    threshold = lowest_threshold(confidence, held_out.right, held_out.weights())
    head = _fit(vectors, labels, background, int(labels.max()) + 1)
    step()
    calibrated = replace(
        head, curve=np.asarray(curve, np.float32), threshold=np.asarray(threshold, np.float32)
    )
    return calibrated, held_out


def judge_held_out(
    vectors: Floats, labels: NDArray[np.int32], background: Floats, step: Callable[[], None]
) -> HeldOut:
    """Cross-validation twice over: a fold leaves out a fifth of each topic and of the topics.

    What remains of a topic shows how a known question looks; the topics left out whole show an
    unknown question that is as near as this team's questions are to each other.
    """
    part = np.arange(len(background)) % _FOLDS
    judged = [_NOTHING]
    for number, (train, test) in enumerate(_folds(labels)):
        step()
        if not len(train):
            continue
        kept = np.unique(labels[train])
        marks = np.searchsorted(kept, labels[train])
        head = _fit(vectors[train], marks, background[part != number], len(kept))
        other = np.flatnonzero(part == number)
        known = head.judge(vectors[test])
        judged.append(
            HeldOut(
                features=known.features(),
                right=kept[known.label] == labels[test],
                unknown=~np.isin(labels[test], kept),
                row=test,
                other=head.judge(background[other]).features(),
                other_row=other,
            )
        )
    return HeldOut(
        *(np.concatenate([getattr(one, field.name) for one in judged]) for field in fields(HeldOut))
    )


def fit_curve(
    features: NDArray[np.float64],
    right: NDArray[np.bool_],
    weights: NDArray[np.float64],
    prior: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The most probable logistic curve given the prior one, shape ``(3,)``.

    Ten pairs barely move the prior; a thousand forget it.
    """

    def surprise(curve: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        logits = features @ curve
        off = (curve - prior) / _SPREAD
        loss = weights @ (np.logaddexp(0, logits) - right * logits) + off @ off / 2
        slope = features.T @ (weights * (expit(logits) - right)) + off / _SPREAD
        return float(loss), slope

    fitted: NDArray[np.float64] = minimize(surprise, prior, jac=True, method="BFGS").x
    return fitted


def lowest_threshold(
    confidence: NDArray[np.float64], right: NDArray[np.bool_], weights: NDArray[np.float64]
) -> float:
    """The lowest confidence above which answers are right often enough, with 95 % certainty.

    Without enough questions to be certain, `_LEAST`: then the prior curve is what is trusted.
    """
    order = np.argsort(-confidence, kind="stable")
    if not weights.any():
        return _LEAST
    total = weights[order].cumsum()
    effective = total**2 / (weights[order] ** 2).cumsum()
    precision = (weights * right)[order].cumsum() / total
    good = np.flatnonzero(lower_bound(precision, effective) >= _PRECISION)
    return max(_LEAST, float(confidence[order][good[-1]])) if len(good) else _LEAST


_NOTHING = HeldOut(
    features=np.zeros((0, 3)),
    right=np.zeros(0, np.bool_),
    unknown=np.zeros(0, np.bool_),
    row=np.zeros(0, np.intp),
    other=np.zeros((0, 3)),
    other_row=np.zeros(0, np.intp),
)


def _folds(labels: NDArray[np.int32]) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Rows to train on and rows to test, sampled to bound the work."""
    random = np.random.default_rng(0)
    topics = int(labels.max()) + 1
    topic_fold = random.permutation(topics) % _FOLDS
    # Ranks within a topic, shifted, spread every topic's questions over the folds.
    order = random.permutation(len(labels))
    order = order[np.argsort(labels[order], kind="stable")]
    starts = np.searchsorted(labels[order], labels[order])
    fold = np.empty(len(labels), np.intp)
    fold[order] = (
        np.arange(len(order)) - starts + random.integers(_FOLDS, size=topics)[labels[order]]
    ) % _FOLDS
    for number in range(_FOLDS):
        unknown = topic_fold[labels] == number
        held = (fold == number) & ~unknown
        train = np.flatnonzero(~unknown & ~held)
        test = [random.permutation(np.flatnonzero(rows))[:_SAMPLE] for rows in (held, unknown)]
        yield train, np.concatenate(test)


def _fit(vectors: Floats, labels: NDArray[np.integer], background: Floats, answers: int) -> Head:
    """An uncalibrated head; every label below ``answers`` has a row."""
    rows = np.concatenate([vectors, background])
    marks = np.concatenate([labels, np.full(len(background), answers)]).astype(np.int32)
    order = np.argsort(marks, kind="stable")
    rows, marks = rows[order], marks[order]
    weights, bias = softmax_regression(rows, marks, answers + 1)
    return Head(
        rows,
        marks,
        weights,
        bias,
        np.asarray(ENCODED_CURVE, np.float32),
        np.asarray(_LEAST, np.float32),
    )
