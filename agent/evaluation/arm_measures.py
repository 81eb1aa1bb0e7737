"""What an arm's replies come to, in numbers that need no model."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any

import numpy as np

from agent.evaluation.reliability import Reliability, reliability
from agent.evaluation.replies import Scored


@dataclass(frozen=True, slots=True)
class ArmMeasures:
    """Shares of all questions: right, exact, wrong, abstained; an abstention is none of the others.

    ``token_f1`` counts an abstention as 0. ``facts``, ``numbers`` and ``citations_valid`` are means
    over the answers that have any; None where none has. ``cost_usd`` is a sum, None where a price
    is not known.
    """

    right: float
    exact: float
    wrong: float
    abstained: float
    token_f1: float
    facts: float | None
    numbers: float | None
    citations_valid: float | None
    reliability: Reliability
    p50_ms: float
    p95_ms: float
    cost_usd: float | None
    failed: int

    def as_json(self) -> dict[str, Any]:
        """For a report."""
        plain = {**asdict(self), "reliability": self.reliability.as_json()}
        return {
            name: round(value, 4) if isinstance(value, float) else value
            for name, value in plain.items()
        }


def measured(scored: Sequence[Scored]) -> ArmMeasures:
    """Of one arm; there is at least one reply."""
    told = [one for one in scored if not one.reply.abstained]
    p50, p95 = np.quantile([one.reply.ms for one in scored], (0.5, 0.95)).tolist()
    costs = [one.reply.cost_usd for one in scored]

    def share(of: Callable[[Scored], float]) -> float:
        return fmean(map(of, scored))

    return ArmMeasures(
        right=share(lambda one: one.right),
        exact=share(lambda one: one.exact),
        wrong=share(lambda one: one.wrong),
        abstained=share(lambda one: one.reply.abstained),
        token_f1=share(lambda one: one.f1),
        facts=_mean(one.facts for one in told),
        numbers=_mean(one.numbers for one in told),
        citations_valid=_mean(one.reply.citations_valid for one in told),
        reliability=reliability(
            [one.reply.confidence for one in told], [one.right for one in told]
        ),
        p50_ms=p50,
        p95_ms=p95,
        cost_usd=None if None in costs else sum(cost or 0.0 for cost in costs),
        failed=sum(bool(one.reply.failed) for one in scored),
    )


def _mean(values: Iterable[float | None]) -> float | None:
    known = [float(value) for value in values if value is not None]
    return fmean(known) if known else None
