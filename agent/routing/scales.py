"""Fit the router's scales to examples whose right route is known: a small convex problem."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agent.routing.routing import Scale
from agent.routing.wilson import lower_bound

DOMAIN, KNOWLEDGE, NEITHER = range(3)

_SPREAD = np.array([0.5, 1.5, 5.0, 2.0])
"""How far the prior's slopes and biases may be off: thirty examples outweigh it."""
_MOST = 300
_AS_MANY = 150
"""Outcomes that count as much as all that is simulated."""
_STEPS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.985)
_PRECISION = 0.9

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Samples:
    """Examples as the router would see them, each array of shape ``(n,)``.

    ``route`` is one of the three constants above, ``topic`` the answer's label (-1: none), and
    ``weight`` relative; `scores` and `fit_scale` see nothing else of the world.
    """

    odds: Numbers
    match: Numbers
    route: NDArray[np.intp]
    topic: NDArray[np.intp]
    weight: Numbers


def joined(simulated: Samples, measured: Samples) -> Samples:
    """Simulated examples and an evaluation's outcomes, each route with the weight it had before.

    Of a route's weight the outcomes get a share that grows with their number. They say how a route
    looks, not how often it is right: an evaluation asks mostly what the model was taught.
    """
    shares = np.zeros(len(measured.route)), np.ones(len(simulated.route))
    for route in (DOMAIN, KNOWLEDGE, NEITHER):
        own, theirs = simulated.route == route, measured.route == route
        heard = measured.weight[theirs].sum()
        if not heard or not own.any():
            continue
        share = heard / (heard + _AS_MANY)
        shares[0][theirs] = share * simulated.weight[own].sum() / heard
        shares[1][own] = 1 - share
    weights = measured.weight * shares[0], simulated.weight * shares[1]
    return Samples(
        odds=np.concatenate([measured.odds, simulated.odds]),
        match=np.concatenate([measured.match, simulated.match]),
        route=np.concatenate([measured.route, simulated.route]),
        topic=np.concatenate([measured.topic, simulated.topic]),
        weight=np.concatenate(weights),
    )


def shared_out(samples: Samples, against: NDArray[np.bool_], prior: Scale) -> Samples:
    """Those whose route was wrong, each as two of the others, as probable as the prior says."""
    scores = _scores(_numbers(prior), samples)
    parts = [_taken(samples, ~against, samples.route, samples.weight)]
    for wrong in (DOMAIN, KNOWLEDGE):
        rows = against & (samples.route == wrong)
        others = [route for route in (DOMAIN, KNOWLEDGE, NEITHER) if route != wrong]
        total = np.logaddexp.reduce(scores[:, others], axis=1)
        for route in others:
            share = samples.weight * np.exp(scores[:, route] - total)
            parts.append(_taken(samples, rows, np.full_like(samples.route, route), share))
    return Samples(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in Samples.__dataclass_fields__
        )
    )


def _taken(
    samples: Samples, rows: NDArray[np.bool_], route: NDArray[np.intp], weight: Numbers
) -> Samples:
    return Samples(
        samples.odds[rows], samples.match[rows], route[rows], samples.topic[rows], weight[rows]
    )


def fit_scale(samples: Samples, prior: Scale) -> Scale:
    """The most probable scale given the prior, and its threshold for the domain model."""
    effective = min(_MOST, len(samples.route))
    weight = samples.weight / samples.weight.sum() * effective
    centre = _numbers(prior)
    every = np.arange(len(samples.route))

    def surprise(numbers: Numbers) -> tuple[float, Numbers]:
        scores = _scores(numbers, samples)
        total = np.logaddexp.reduce(scores, axis=1)
        off = (numbers - centre) / _SPREAD
        loss = weight @ (total - scores[every, samples.route]) + off @ off / 2
        error = np.exp(scores - total[:, None])
        error[every, samples.route] -= 1
        error *= weight[:, None]
        domain, knowledge = error[:, DOMAIN], error[:, KNOWLEDGE]
        slope = [domain @ samples.odds, domain.sum(), knowledge @ samples.match, knowledge.sum()]
        return float(loss), np.array(slope) + off / _SPREAD

    from scipy.optimize import minimize  # half a second that answering need not wait for

    numbers = minimize(surprise, centre, jac=True, method="BFGS").x
    scores = _scores(numbers, samples)
    known = np.exp(scores - np.logaddexp.reduce(scores, axis=1)[:, None])[:, DOMAIN]
    slope, bias, knowledge_slope, knowledge_bias = (float(number) for number in numbers)
    return Scale(slope, bias, knowledge_slope, knowledge_bias, _least(known, samples))


def _numbers(scale: Scale) -> Numbers:
    return np.array(
        [scale.domain_slope, scale.domain_bias, scale.knowledge_slope, scale.knowledge_bias]
    )


def _scores(numbers: Numbers, samples: Samples) -> Numbers:
    domain = numbers[0] * samples.odds + numbers[1]
    knowledge = numbers[2] * samples.match + numbers[3]
    return np.column_stack([domain, knowledge, np.zeros(len(domain))])


def _least(known: Numbers, samples: Samples) -> float:
    """The lowest probability above which the domain model is right often enough, with certainty.

    The certainty is Wilson's, counted in topics: phrasings of one topic err together. With too few
    topics to be certain of anything, the strictest step.
    """
    right = samples.route == DOMAIN
    for step in _STEPS:
        taken = known >= step
        topics = _topics(samples.topic[taken & right])
        if not topics:
            break
        precision = samples.weight[taken & right].sum() / samples.weight[taken].sum()
        if lower_bound(precision, topics) >= _PRECISION:
            return step
    return _STEPS[-1]


def _topics(topics: NDArray[np.intp]) -> int:
    """How many there are: simulated and measured ones are largely the same, counted twice."""
    return max(len(np.unique(topics[topics >= 0])), len(np.unique(topics[topics < -1])))
