"""What a router's decisions say of its confidence and of its threshold: pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.evaluation.routing_evaluation import Routed

_BINS = 10
_STEPS = 50


@dataclass(frozen=True, slots=True)
class Bin:
    """Decisions of about the same confidence: their mean confidence and how often they were right.

    Both in 0..1; ``count`` is how many they are.
    """

    confidence: float
    right: float
    count: int


@dataclass(frozen=True, slots=True)
class Cost:
    """What asking the domain model from a probability on would cost.

    ``precision`` and ``recall`` are of the route ``domain`` (precision 1 where it is never taken),
    ``accuracy`` of all questions.
    """

    threshold: float
    precision: float
    recall: float
    accuracy: float


def reliability(routed: Sequence[Routed]) -> list[Bin]:
    """By tenths of confidence, those that occur."""
    bins: dict[int, list[Routed]] = {}
    for one in routed:
        place = min(int(one.decision.confidence * _BINS), _BINS - 1)
        bins.setdefault(place, []).append(one)
    return [
        Bin(
            sum(one.decision.confidence for one in those) / len(those),
            sum(one.right for one in those) / len(those),
            len(those),
        )
        for _, those in sorted(bins.items())
    ]


def costs(routed: Sequence[Routed]) -> list[Cost]:
    """For thresholds from 0 to 1; decisions that no threshold would change stay as they are."""
    return [cost(routed, step / _STEPS) for step in range(_STEPS + 1)]


def cost(routed: Sequence[Routed], threshold: float) -> Cost:
    """With the domain model asked from this probability on."""
    chosen = [_route(one, threshold) for one in routed]
    expected = [one.expected for one in routed]
    taken = sum(route == "domain" for route in chosen)
    wanted = sum(route == "domain" for route in expected)
    hits = sum(a == b == "domain" for a, b in zip(chosen, expected, strict=True))
    right = sum(a == b for a, b in zip(chosen, expected, strict=True))
    return Cost(
        threshold,
        hits / taken if taken else 1.0,
        hits / wanted if wanted else 1.0,
        right / len(routed),
    )


def _route(one: Routed, threshold: float) -> str:
    decision = one.decision
    if decision.otherwise is None or decision.route == "both":
        return decision.route
    return "domain" if decision.known >= threshold else decision.otherwise
