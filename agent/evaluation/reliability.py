"""Whether a confidence means what it says: bins, expected calibration error, Brier score. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers given with about the same confidence, and the share of them that was right."""

    confidence: float
    right: float
    answers: int


@dataclass(frozen=True, slots=True)
class Reliability:
    """``ece`` is the mean distance of confidence and share of right answers, by bin.

    Naeini, Cooper and Hauskrecht 2015; ``brier`` is Brier's 1950 mean squared error. Both are None
    where nothing was answered.
    """

    ece: float | None
    brier: float | None
    bins: tuple[Bin, ...]

    def as_json(self) -> dict[str, Any]:
        """For a report."""
        return {
            "ece": None if self.ece is None else round(self.ece, 4),
            "brier": None if self.brier is None else round(self.brier, 4),
            "bins": [
                [round(one.confidence, 4), round(one.right, 4), one.answers] for one in self.bins
            ],
        }


def reliability(confidences: Sequence[float], right: Sequence[bool]) -> Reliability:
    """Of answers, each with its confidence in 0..1."""
    if not confidences:
        return Reliability(None, None, ())
    binned: dict[int, list[tuple[float, bool]]] = {}
    for confidence, was_right in zip(confidences, right, strict=True):
        place = min(int(confidence * _BINS), _BINS - 1)
        binned.setdefault(place, []).append((confidence, was_right))
    bins = tuple(
        Bin(
            sum(confidence for confidence, _ in those) / len(those),
            sum(was_right for _, was_right in those) / len(those),
            len(those),
        )
        for _, those in sorted(binned.items())
    )
    count = len(confidences)
    ece = sum(one.answers * abs(one.confidence - one.right) for one in bins) / count
    brier = sum((c - r) ** 2 for c, r in zip(confidences, right, strict=True)) / count
    return Reliability(ece, brier, bins)
