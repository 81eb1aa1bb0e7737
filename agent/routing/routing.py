"""The router: which of the two answers, decided from numbers already at hand, and why."""

import math
from dataclasses import dataclass, field

from agent.answers import Route
from agent.learned.domain import Estimate
from knowledge.documents import Signals
from knowledge.terms import query_terms

_SMALL_TALK = 0.6
"""Closeness to a greeting, thanks or a question about the bot from which it is taken for one."""
_BOTH = 0.99
"""How sure of each side, against nobody, before both are asked."""
_CERTAIN = 1e-6


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


@dataclass(frozen=True, slots=True)
class Scale:
    """Two logistic scales that make a side's number comparable with the other's.

    The log odds, against nobody knowing the answer, of the domain model knowing it are
    ``domain_slope * log_odds(confidence) + domain_bias``, and of the documents knowing it
    ``knowledge_slope * match + knowledge_bias``. ``least`` is the probability from which the
    domain model may answer.
    """

    domain_slope: float
    domain_bias: float
    knowledge_slope: float
    knowledge_bias: float
    least: float

    def scores(self, confidence: float, match: float) -> tuple[float, float]:
        """Log odds of the domain model and of the documents against neither."""
        odds = log_odds(confidence)
        domain = self.domain_slope * odds + self.domain_bias
        return domain, self.knowledge_slope * match + self.knowledge_bias


PRIOR = Scale(1.0, -1.4, 15.0, -6.0, 0.7)
"""Before any calibration: a passage matches from a cosine of 0.4 on."""
PRIOR_SPELLED = Scale(1.0, -1.4, 10.0, -2.0, 0.7)
"""Where there is no cosine: from a fifth of the question's terms, by weight, on. Of answerable
Chinese questions nine in ten reach .22, of others half stay below .14 (XQuAD-zh, every second
paragraph left out)."""


@dataclass(frozen=True, slots=True)
class Router:
    """Decides at once and without a model; `agent.routing.calibration` finds the scales.

    ``encoded`` is for questions that the encoder reads, ``spelled`` for others.
    """

    encoded: Scale = field(default=PRIOR)
    spelled: Scale = field(default=PRIOR_SPELLED)

    def decide(self, evidence: Evidence) -> Decision:
        """The route of one question; pure."""
        close = evidence.small_talk
        if close >= _SMALL_TALK and close > _similarity(evidence.estimate):
            return Decision("chat", close, f"It is small talk (closeness {close:.2f}).")
        if not query_terms(evidence.question):
            return Decision("clarify", 1.0, "It holds no word to search for.")
        signals = evidence.signals
        if signals.dense is None and not signals.coverage:
            return _without_documents(evidence.estimate)
        scale = self.spelled if signals.dense is None else self.encoded
        confidence = evidence.estimate.confidence if evidence.estimate else 0.0
        domain, knowledge = scale.scores(confidence, match(signals))
        return _decided(evidence, scale.least, domain, knowledge)


def match(signals: Signals) -> float:
    """How well the best passage matches: its cosine, else how much of the question it covers."""
    return signals.coverage if signals.dense is None else signals.dense


def log_odds(probability: float) -> float:
    """The log odds of a probability, finite at 0 and 1."""
    clipped = min(max(probability, _CERTAIN), 1 - _CERTAIN)
    return math.log(clipped / (1 - clipped))


def shares(domain: float, knowledge: float) -> tuple[float, float, float]:
    """Probabilities of the domain model, the documents and neither knowing the answer."""
    highest = max(domain, knowledge, 0.0)
    weights = [math.exp(score - highest) for score in (domain, knowledge, 0.0)]
    total = sum(weights)
    return weights[0] / total, weights[1] / total, weights[2] / total


def _decided(evidence: Evidence, least: float, domain: float, knowledge: float) -> Decision:
    known, written, neither = shares(domain, knowledge)
    passage, estimate = _passage(evidence.signals), evidence.estimate
    if estimate is not None and min(domain, knowledge) >= log_odds(_BOTH):
        return Decision("both", 1 - neither, f"{_knows(estimate)}, and {passage} as well.")
    if estimate is not None and known >= least:
        return Decision("domain", known, f"{_knows(estimate)}; {passage}.")
    # What the domain model is not sure enough of is left to the documents, or to nobody.
    doubt = _knows_not(estimate, unsure=known > max(written, neither))
    rest = written + neither
    if knowledge >= 0:
        return Decision("knowledge", written / rest, f"The documents: {passage}; {doubt}.")
    return Decision("none", neither / rest, f"Neither side knows it: {passage}, and {doubt}.")


def _without_documents(estimate: Estimate | None) -> Decision:
    """No document shares a word or a meaning with the question: the model is asked alone."""
    nothing = "no document comes near"
    if estimate is not None and estimate.confidence >= estimate.threshold:
        return Decision("domain", estimate.confidence, f"{_knows(estimate)}; {nothing}.")
    confidence = 1 - estimate.confidence if estimate else 1.0
    reason = f"Neither side knows it: {nothing}, and {_knows_not(estimate)}."
    return Decision("none", confidence, reason)


def _similarity(estimate: Estimate | None) -> float:
    return 0.0 if estimate is None else estimate.similarity


def _passage(signals: Signals) -> str:
    if signals.dense is None:
        return f"the best passage covers {signals.coverage:.0%} of the question"
    return f"the best passage reaches {signals.dense:.2f}"


def _knows(estimate: Estimate) -> str:
    return f"The domain model knows {_topic(estimate)}"


def _knows_not(estimate: Estimate | None, *, unsure: bool = False) -> str:
    if estimate is None:
        return "no domain model is live"
    if not estimate.topic:
        return "the domain model was taught nothing of the kind"
    if unsure:
        return f"the domain model is not sure enough of {_topic(estimate)}"
    return f"the domain model's nearest is {_topic(estimate)}"


def _topic(estimate: Estimate) -> str:
    numbers = f"similarity {estimate.similarity:.2f}, confidence {estimate.confidence:.2f}"
    return f"'{estimate.topic}' ({numbers})"
