"""Two ways of answering, on the same questions: which is better, and how sure that is.

McNemar 1947, exact, on the questions where they differ; the interval by bootstrap over documents.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any, Literal

from scipy.stats import binomtest

from knowledge.evaluation.intervals import interval

Finding = Literal["better", "worse", "unclear"]

_SIGNIFICANT = 0.05
_POWER = 1.96 + 0.84
"""Normal quantiles of a two-sided test at 5 % that finds a difference four times in five."""


@dataclass(frozen=True, slots=True)
class Paired:
    """The second's share minus the first's, with its 95 % interval.

    ``wins`` are the questions that only the second got right, ``losses`` those only the first did.
    """

    value: float
    low: float
    high: float
    wins: int
    losses: int
    p: float
    questions: int

    @property
    def finding(self) -> Finding:
        """What can be said of the second; unclear below a chance of 1 in 20 to be wrong."""
        if self.p >= _SIGNIFICANT:
            return "unclear"
        return "better" if self.value > 0 else "worse"

    @property
    def detectable(self) -> float:
        """The difference that would have been seen four times in five, with as many differing."""
        differing = max(self.wins + self.losses, 1)
        return _POWER * sqrt(differing) / self.questions if self.questions else 1.0

    def as_json(self) -> dict[str, Any]:
        """For a report."""
        return {
            "value": round(self.value, 4),
            "interval": [round(self.low, 4), round(self.high, 4)],
            "wins": self.wins,
            "losses": self.losses,
            "p": round(self.p, 4),
        }


def paired(
    first: Sequence[bool], second: Sequence[bool], clusters: Sequence[Hashable] = ()
) -> Paired:
    """Compare right and wrong, question by question; ``clusters`` as in `intervals.interval`."""
    both = list(zip(first, second, strict=True))
    wins = sum(b and not a for a, b in both)
    losses = sum(a and not b for a, b in both)
    values = [float(b) - float(a) for a, b in both]
    p = float(binomtest(wins, wins + losses).pvalue) if wins + losses else 1.0
    mean = sum(values) / len(values) if values else 0.0
    return Paired(mean, *interval(values, clusters), wins, losses, p, len(both))
