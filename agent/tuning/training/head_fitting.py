"""Fit a head: what it is taught, and a confidence learned on questions held out of it."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from agent.learned.head import Head
from agent.routing.wilson import lower_bound
from agent.tuning.folds import FOLDS
from agent.tuning.training.head_held_out import HeldOut, held_out, judge_held_out
from agent.tuning.training.head_lessons import Lessons, teach

STEPS = FOLDS + 1
_NEIGHBOURS = (1.0, 0.0)
"""What the votes may weigh, the first unless the other is clearly better: CLINC150's answers are
told apart by single words, which the nearest question hides, and so are Chinese n-grams."""
_CLEARLY = 5.0  # nats of surprise over all held-out questions
_PRECISION = 0.94
_LEAST = 0.51
ENCODED_CURVE = np.array([1.2, 0.6, -3.5])
"""A curve before any evidence: about what StackFAQ, BANKING77 and CLINC150 arrive at."""

SPELLED_CURVE = np.array([1.5, 0.8, -0.2])
"""The same for n-grams, whose cosines are a third as high."""

_SPREAD = np.array([0.4, 0.4, 2.0])


def fit_head(
    lessons: Lessons, prior: NDArray[np.float64], step: Callable[[], None]
) -> tuple[Head, HeldOut]:
    """A calibrated head; ``prior`` is one of the two curves above.

    CPU-bound: seconds for thousands of pairs; ``step`` is called `STEPS` times on the way.
    """
    folds = judge_held_out(lessons, step)
    tried: list[tuple[float, float, NDArray[np.float64], HeldOut]] = []
    for neighbours in _NEIGHBOURS:
        judged = held_out(folds, lessons, neighbours)
        curve, surprise = fit_curve(judged.features, judged.right, judged.weights(), prior)
        tried.append((surprise + _CLEARLY * bool(tried), neighbours, curve, judged))
    _, neighbours, curve, judged = min(tried, key=lambda one: one[0])
    confidence = expit(judged.features @ curve)
    threshold = lowest_threshold(confidence, judged.right, judged.weights())
    head = teach(lessons, np.arange(len(lessons.labels)), np.arange(len(lessons.background)))
    step()
    calibrated = replace(
        head,
        neighbours=np.asarray(neighbours, np.float32),
        curve=np.asarray(curve, np.float32),
        threshold=np.asarray(threshold, np.float32),
    )
    return calibrated, judged


def fit_curve(
    features: NDArray[np.float64],
    right: NDArray[np.bool_],
    weights: NDArray[np.float64],
    prior: NDArray[np.float64],
) -> tuple[NDArray[np.float64], float]:
    """The most probable logistic curve given the prior one, shape ``(3,)``, and its surprise.

    Ten pairs barely move the prior; a thousand forget it.
    """

    def surprise(curve: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        logits = features @ curve
        off = (curve - prior) / _SPREAD
        loss = weights @ (np.logaddexp(0, logits) - right * logits) + off @ off / 2
        slope = features.T @ (weights * (expit(logits) - right)) + off / _SPREAD
        return float(loss), slope

    fitted = minimize(surprise, prior, jac=True, method="BFGS")
    return fitted.x, float(fitted.fun)


def lowest_threshold(
    confidence: NDArray[np.float64], right: NDArray[np.bool_], weights: NDArray[np.float64]
) -> float:
    """The lowest confidence above which answers may well be right often enough; at least `_LEAST`.

    Few questions cannot contradict the curve, which then is what is trusted; thousands can.
    """
    order = np.argsort(-confidence, kind="stable")
    if not weights.any():
        return _LEAST
    total = weights[order].cumsum()
    effective = total**2 / (weights[order] ** 2).cumsum()
    wrong = (weights * ~right)[order].cumsum() / total
    good = np.flatnonzero(lower_bound(wrong, effective) <= 1 - _PRECISION)
    return max(_LEAST, float(confidence[order][good[-1]])) if len(good) else _LEAST
