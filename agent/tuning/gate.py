"""The gate: from right and wrong on the same questions to promote, reject or inconclusive. Pure.

A difference counts only when both tests see it: McNemar's exact one, which knows how many differ,
and the bootstrap over clusters, which knows that questions on one answer err together. A promotion
takes a chance of 2.5 % to be wrong, a rejection .5 %: together they must not call equal models
different more than once in twenty. ``python -m tests.benchmarks.gate`` shows that they do not.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import Any, Literal

from scipy.stats import norm, t

from agent.evaluation.paired import Paired, paired

Outcome = Literal["promote", "reject", "inconclusive"]

FEWEST_QUESTIONS = 100
"""Below, even a significant difference is one of a handful of questions that somebody chose."""
FEWEST_CLUSTERS = 10
"""Below, not even the correction for few clusters helps (Cameron, Gelbach and Miller 2008)."""
_BETTER, _WORSE = 0.05, 0.01
"""Two-sided levels, of which each outcome takes one side."""
_POWER = 2.8 / 3.92
"""Normal quantiles of a test at 5 % that finds four in five, over the width of a 95 % interval."""


@dataclass(frozen=True, slots=True)
class Veto:
    """A reason to reject whatever the questions say; ``kind`` in a word or two."""

    kind: str
    why: str

    def as_json(self) -> dict[str, str]:
        """For a report."""
        return {"kind": self.kind, "why": self.why}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may be done with a candidate, and one sentence why.

    ``detectable`` is the difference in the share of right answers, in 0..1, that this comparison
    would have found four times in five.
    """

    outcome: Outcome
    why: str
    difference: Paired
    detectable: float
    vetoes: tuple[Veto, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For a report."""
        return {
            "verdict": self.outcome,
            "why": self.why,
            "questions": self.difference.questions,
            "difference": self.difference.as_json(),
            "detectable": round(self.detectable, 4),
            "vetoes": [veto.as_json() for veto in self.vetoes],
        }


def decide(
    before: Sequence[bool],
    after: Sequence[bool],
    clusters: Sequence[Hashable],
    vetoes: Sequence[Veto] = (),
) -> Verdict:
    """Whether people would get better answers: what they have, against what they would have.

    ``clusters`` names for each question those that err together with it.
    """
    count = len(set(clusters))
    found = _widened(paired(before, after, clusters), count)
    detectable = min(max(found.detectable, _POWER * (found.high - found.low)), 1.0)
    outcome, why = _judged(found, detectable, count, vetoes)
    return Verdict(outcome, why, found, detectable, tuple(vetoes))


def _widened(found: Paired, clusters: int) -> Paired:
    """With the interval that few clusters deserve: Student's, and unbiased."""
    if clusters < 2:  # noqa: PLR2004  one cluster says nothing of how clusters vary
        return replace(found, low=-1.0, high=1.0)
    wider = float(t.ppf(0.975, clusters - 1) / norm.ppf(0.975)) * sqrt(clusters / (clusters - 1))
    low = found.value - wider * (found.value - found.low)
    high = found.value + wider * (found.high - found.value)
    return replace(found, low=low, high=high)


def _judged(
    found: Paired, detectable: float, clusters: int, vetoes: Sequence[Veto]
) -> tuple[Outcome, str]:
    counts = f"{found.wins} questions won, {found.losses} lost of {found.questions}"
    if vetoes:
        return "reject", f"rejected: {'; '.join(veto.why for veto in vetoes)}"
    if found.questions < FEWEST_QUESTIONS:
        return "inconclusive", (
            f"inconclusive, not promoted: {found.questions} questions are too few to tell, "
            f"{FEWEST_QUESTIONS} are needed ({counts}; {_hidden(detectable)})"
        )
    if clusters < FEWEST_CLUSTERS:
        return "inconclusive", (
            f"inconclusive, not promoted: the {found.questions} questions rest on only {clusters} "
            f"answers, {FEWEST_CLUSTERS} are needed ({counts}; {_hidden(detectable)})"
        )
    percent = f"{found.value:+.1%} right ({found.low:+.1%} to {found.high:+.1%}, p = {found.p:.2g})"
    if found.p < _BETTER and found.low > 0:
        return "promote", f"better: {percent}, {counts}"
    stricter = float(norm.ppf(1 - _WORSE / 2) / norm.ppf(1 - _BETTER / 2))
    if found.p < _WORSE and found.value + stricter * (found.high - found.value) < 0:
        return "reject", f"rejected, worse: {percent}, {counts}"
    return "inconclusive", (
        f"inconclusive, not promoted: {percent}, {counts}; {_hidden(detectable)}"
    )


def _hidden(detectable: float) -> str:
    return f"a difference below {100 * detectable:.1f} points would most likely not be seen"
