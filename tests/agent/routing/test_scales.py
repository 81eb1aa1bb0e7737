import numpy as np
import pytest

from agent.routing.routing import PRIOR, Scale, log_odds, shares
from agent.routing.scales import DOMAIN, KNOWLEDGE, NEITHER, Samples, fit_scale
from agent.routing.wilson import lower_bound


def _samples(
    count: int, domain: float, match: float, topics: int, confused: float = 0.0
) -> Samples:
    """Per route ``count`` examples: log odds around +-``domain``, matches around ``match``.

    The share ``confused`` of the questions that nobody knows looks as if the model knew them.
    """
    random = np.random.default_rng(3)
    route = np.repeat([DOMAIN, KNOWLEDGE, NEITHER], count)
    odds = np.where(route == DOMAIN, domain, -domain) + random.normal(0, 1, 3 * count)
    odds[-int(confused * count) or len(odds) :] = domain
    matches = np.where(route == KNOWLEDGE, match + 0.2, match - 0.2)
    matches = matches + random.normal(0, 0.05, 3 * count)
    topic = np.tile(np.arange(count) % topics, 3)
    return Samples(odds, matches, route, topic, np.ones(3 * count))


def _route(scale: Scale, odds: float, match: float) -> int:
    confidence = 1 / (1 + np.exp(-odds))
    return int(np.argmax(shares(*scale.scores(confidence, match))))


def test_the_scale_moves_to_where_the_examples_part() -> None:
    scale = fit_scale(_samples(100, domain=4.0, match=0.7, topics=50), PRIOR)
    assert _route(scale, 4.0, 0.5) == DOMAIN
    assert _route(scale, -4.0, 0.85) == KNOWLEDGE
    assert _route(scale, -4.0, 0.5) == NEITHER
    assert _route(PRIOR, -4.0, 0.5) == KNOWLEDGE


def test_few_examples_move_it_little() -> None:
    scale = fit_scale(_samples(1, domain=4.0, match=0.7, topics=1), PRIOR)
    assert scale.knowledge_slope == pytest.approx(PRIOR.knowledge_slope, abs=5)
    assert scale.domain_slope == pytest.approx(PRIOR.domain_slope, abs=0.5)
    assert _route(scale, -4.0, 0.6) == _route(PRIOR, -4.0, 0.6) == KNOWLEDGE


def test_few_topics_can_make_nobody_certain() -> None:
    few = fit_scale(_samples(100, domain=4.0, match=0.7, topics=10), PRIOR)
    many = fit_scale(_samples(100, domain=4.0, match=0.7, topics=50), PRIOR)
    assert few.least > many.least


def test_a_model_that_errs_must_be_surer() -> None:
    good = fit_scale(_samples(200, domain=4.0, match=0.7, topics=100), PRIOR)
    bad = fit_scale(_samples(200, domain=4.0, match=0.7, topics=100, confused=0.3), PRIOR)
    assert bad.least > good.least


def test_log_odds_are_finite() -> None:
    assert log_odds(1.0) == pytest.approx(13.8, abs=0.1)
    assert log_odds(0.0) == pytest.approx(-13.8, abs=0.1)


def test_wilson_bound_equals_the_published_example() -> None:
    # 0 failures in 10 with one-sided 95 %: n / (n + z^2)
    assert lower_bound(1.0, 10) == pytest.approx(10 / (10 + 1.645**2))
    assert lower_bound(0.5, 1e9) == pytest.approx(0.5, abs=1e-4)
