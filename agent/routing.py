"""The router: which of the two answers, decided from numbers already at hand, and why."""

from dataclasses import dataclass

from agent.answers import Route
from agent.domain import Estimate
from knowledge.documents import Signals


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that the router looks at; ``small_talk`` is the closeness to a greeting or thanks."""

    question: str
    signals: Signals
    estimate: Estimate | None
    """None while no domain model is promoted."""
    small_talk: float


@dataclass(frozen=True, slots=True)
class Decision:
    """A route, how sure, and one sentence for the person who asked."""

    route: Route
    confidence: float
    reason: str
