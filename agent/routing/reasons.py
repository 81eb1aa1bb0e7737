"""A decision's reason in words, with the numbers that it rests on."""

from agent.learned.domain import Estimate
from knowledge.documents import Signals

_SHOWN = 0.05


def passage(signals: Signals, match: float) -> str:
    """How near the best passage comes; ``match`` is what was decided by."""
    if signals.dense is None:
        return f"the best passage covers {signals.coverage:.0%} of the question"
    reaches = f"the best passage reaches {signals.dense:.2f}"
    if abs(signals.dense - match) < _SHOWN:
        return reaches
    return f"{reaches} ({match:.2f} beyond what all such questions share)"


def knows(estimate: Estimate) -> str:
    """That the domain model has the answer."""
    return f"The domain model knows {_topic(estimate)}"


def knows_not(estimate: Estimate | None, *, unsure: bool = False) -> str:
    """Why the domain model is not asked."""
    if estimate is None:
        return "no domain model is live"
    if not estimate.topic:
        return "the domain model was taught nothing of the kind"
    if unsure:
        return f"the domain model is not sure enough of {_topic(estimate)}"
    if not estimate.confidence:
        return f"what the domain model was taught about '{estimate.topic}' is out of date"
    return f"the domain model's nearest is {_topic(estimate)}"


def _topic(estimate: Estimate) -> str:
    numbers = f"similarity {estimate.similarity:.2f}, confidence {estimate.confidence:.2f}"
    return f"'{estimate.topic}' ({numbers})"
