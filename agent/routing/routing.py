"""The router: which of the two answers, decided from numbers already at hand, and why."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from agent.answers import Route
from agent.learned.domain import Estimate
from agent.routing import reasons
from agent.routing.complement import complements
from agent.routing.framing import framed
from agent.routing.rules import Rule, ruled
from agent.texts import Said
from knowledge.documents import Passage, Signals
from knowledge.terms import query_terms

_SMALL_TALK = 0.6
"""Closeness to a greeting, thanks or a question about the bot from which it is taken for one."""
_BOTH = 0.99
_SAME = 0.75
"""How sure of the documents against nobody, or the cosine of the best passage, before both sides
may be asked."""
_WORTH_READING = 0.4
"""How likely the documents must hold the answer, against nobody, to be read: whoever reads them
judges once more, while an abstention is final."""
_CERTAIN = 1e-6


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that the router looks at; ``small_talk`` is the closeness to a greeting or thanks.

    ``passages`` are those found, best first, and ``vector`` the embedding that they were found by;
    without them the best cosine decides as it is.
    """

    question: str
    signals: Signals
    estimate: Estimate | None
    """None while no domain model is promoted."""
    small_talk: float
    passages: tuple[Passage, ...] = ()
    vector: NDArray[np.float32] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Decision:
    """A route, how sure, and one sentence for the person who asked.

    ``known`` is the probability that the domain model knows the answer (0 where it was no question
    of that), ``otherwise`` the route if the domain model were not to be asked.
    """

    route: Route
    confidence: float
    reason: Said
    known: float = 0.0
    otherwise: Route | None = None


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
    """Decides at once and without a model; `agent.routing.calibration` finds the numbers.

    ``encoded`` is for questions that the encoder reads, ``spelled`` for others. ``near`` in 0..1 is
    how far documents and pairs are about the same things, as the scales were fitted with.
    """

    encoded: Scale = field(default=PRIOR)
    spelled: Scale = field(default=PRIOR_SPELLED)
    near: float = 0.0

    def decide(self, evidence: Evidence) -> Decision:
        """The route of one question; pure."""
        close = evidence.small_talk
        if close >= _SMALL_TALK and close > _similarity(evidence.estimate):
            return Decision("chat", close, reasons.SMALL_TALK.filled(closeness=close))
        if not query_terms(evidence.question):
            return Decision("clarify", 1.0, reasons.NO_WORD.filled())
        signals = evidence.signals
        if signals.dense is None and not signals.coverage:
            return _without_documents(evidence.estimate)
        scale = self.spelled if signals.dense is None else self.encoded
        confidence = evidence.estimate.confidence if evidence.estimate else 0.0
        matched = match(evidence, self.near)
        sides = Sides(*scale.scores(confidence, matched), scale.least)
        if rule := ruled(evidence.question, evidence.passages):
            return _by_rule(evidence, rule, sides, matched)
        return _decided(evidence, sides, matched)


@dataclass(frozen=True, slots=True)
class Sides:
    """Log odds of either side knowing the answer, against nobody; ``least`` as in `Scale`."""

    domain: float
    knowledge: float
    least: float

    @property
    def readable(self) -> bool:
        """Whether the documents are worth reading."""
        return self.knowledge >= log_odds(_WORTH_READING)


def match(evidence: Evidence, near: float) -> float:
    """How well the best passage matches: a cosine, else how much of the question it covers.

    The cosine is of what the question does not share with all trained ones around it; a topic that
    is out of date frames nothing, so that its documents take over.
    """
    signals, estimate = evidence.signals, evidence.estimate
    if signals.dense is None:
        return signals.coverage
    vectors = [one.vector for one in evidence.passages if one.vector is not None]
    shared = estimate.shared if estimate is not None and estimate.confidence else None
    if not near or shared is None or evidence.vector is None or not vectors:
        return signals.dense
    return float(framed(evidence.vector, np.stack(vectors), shared, near).max())


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


def _decided(evidence: Evidence, sides: Sides, matched: float) -> Decision:
    known, written, neither = shares(sides.domain, sides.knowledge)
    passage, estimate = reasons.passage(evidence.signals, matched), evidence.estimate
    # What the domain model is not sure enough of is left to the documents, or to nobody.
    otherwise: Route = "knowledge" if sides.readable else "none"
    if estimate is not None and _both(evidence, estimate, sides):
        said = reasons.BOTH.filled(knows=reasons.knows(estimate), passage=passage)
        return Decision("both", 1 - neither, said, known, otherwise)
    if estimate is not None and known >= sides.least:
        said = reasons.DOMAIN.filled(knows=reasons.knows(estimate), passage=passage)
        return Decision("domain", known, said, known, otherwise)
    doubt = reasons.knows_not(estimate, unsure=known > max(written, neither))
    rest = written + neither
    if otherwise == "knowledge":
        reason = reasons.KNOWLEDGE.filled(passage=passage, doubt=doubt)
        return Decision("knowledge", written / rest, reason, known, otherwise)
    reason = reasons.NEITHER.filled(passage=passage, doubt=doubt)
    return Decision("none", neither / rest, reason, known, otherwise)


def _both(evidence: Evidence, estimate: Estimate, sides: Sides) -> bool:
    """Whether each side knows it alone, and together they say more."""
    sure, known = log_odds(_BOTH), shares(sides.domain, sides.knowledge)[0]
    same = known >= sides.least and (evidence.signals.dense or 0.0) >= _SAME
    near = same or sides.knowledge >= sure
    return sides.domain >= sure and near and complements(estimate.answer, evidence.passages)


def _by_rule(evidence: Evidence, rule: Rule, sides: Sides, matched: float) -> Decision:
    """The documents, or nobody where neither side would have had anything to say."""
    known, written, neither = shares(sides.domain, sides.knowledge)
    passage, rest = reasons.passage(evidence.signals, matched), written + neither
    if rule.always or sides.readable or known >= sides.least:
        reason = reasons.RULED.filled(rule=rule.reason, passage=passage)
        return Decision("knowledge", written / rest, reason)
    reason = reasons.RULED_OUT.filled(rule=rule.reason, passage=passage)
    return Decision("none", neither / rest, reason)


def _without_documents(estimate: Estimate | None) -> Decision:
    """No document shares a word or a meaning with the question: the model is asked alone."""
    nothing = reasons.NO_DOCUMENT.filled()
    if estimate is not None and estimate.confidence >= estimate.threshold:
        said = reasons.DOMAIN.filled(knows=reasons.knows(estimate), passage=nothing)
        return Decision("domain", estimate.confidence, said)
    confidence = 1 - estimate.confidence if estimate else 1.0
    reason = reasons.NEITHER.filled(passage=nothing, doubt=reasons.knows_not(estimate))
    return Decision("none", confidence, reason)


def _similarity(estimate: Estimate | None) -> float:
    return 0.0 if estimate is None else estimate.similarity
