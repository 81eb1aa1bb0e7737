"""Measures of a ranking and of a score, as the field defines them: pure."""

import math
from collections.abc import Mapping, Sequence

import numpy as np


def ndcg_at(ranked: Sequence[str], grades: Mapping[str, int], k: int) -> float:
    """Normalised discounted cumulative gain (Järvelin and Kekäläinen 2002) with linear gains.

    As trec_eval and BEIR compute it: the grade itself is the gain, whoever has no grade gains 0.
    """
    gained = _discounted([grades.get(one, 0) for one in ranked[:k]])
    ideal = _discounted(sorted(grades.values(), reverse=True)[:k])
    return gained / ideal if ideal > 0 else 0.0


def recall_at(ranked: Sequence[str], grades: Mapping[str, int], k: int) -> float:
    """Share of the relevant that is among the first ``k``."""
    relevant = {one for one, grade in grades.items() if grade > 0}
    return len(relevant.intersection(ranked[:k])) / len(relevant) if relevant else 0.0


def mrr_at(ranked: Sequence[str], grades: Mapping[str, int], k: int) -> float:
    """One divided by the place of the first relevant one; 0 when it is not among ``k``."""
    for place, one in enumerate(ranked[:k], start=1):
        if grades.get(one, 0) > 0:
            return 1 / place
    return 0.0


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Chance that a positive scores above a negative, a tie counting half; 0.5 without both."""
    if not positive or not negative:
        return 0.5
    ordered = np.sort(np.asarray(negative, np.float64))
    scores = np.asarray(positive, np.float64)
    below = np.searchsorted(ordered, scores, side="left")
    not_above = np.searchsorted(ordered, scores, side="right")
    return float((below + not_above).sum() / (2 * len(scores) * len(ordered)))


def _discounted(gains: Sequence[int]) -> float:
    return sum(max(gain, 0) / math.log2(place + 1) for place, gain in enumerate(gains, start=1))
