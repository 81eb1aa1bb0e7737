import pytest

from agent.answers import Route
from agent.learned.domain import Estimate
from agent.routing.routing import Evidence, Router, Scale
from knowledge.documents import Signals

NOTHING_FOUND = Signals(dense=None, dense_gap=None, lexical=0.0, coverage=0.0)


def _found(dense: float) -> Signals:
    return Signals(dense=dense, dense_gap=0.1, lexical=0.2, coverage=0.5)


def _covered(coverage: float) -> Signals:
    return Signals(dense=None, dense_gap=None, lexical=0.2, coverage=coverage)


def _known(confidence: float, similarity: float = 0.8) -> Estimate:
    return Estimate(confidence, similarity, "calibration drift", "Send it back.")


@pytest.mark.parametrize(
    ("question", "signals", "estimate", "small_talk", "route"),
    [
        ("how much drift?", _found(0.2), _known(0.99), 0.1, "domain"),
        ("how much leave?", _found(0.7), _known(0.01, 0.2), 0.1, "knowledge"),
        ("how much leave?", _found(0.7), None, 0.1, "knowledge"),
        ("who won the cup?", _found(0.1), _known(0.01, 0.1), 0.1, "none"),
        ("who won the cup?", _found(0.1), None, 0.1, "none"),
        ("is this the answer?", _found(0.8), _known(0.9999), 0.1, "both"),
        ("hello", _found(0.1), None, 0.9, "chat"),
        ("hello world program", _found(0.1), _known(0.99, 0.95), 0.9, "domain"),
        ("and then?", _found(0.3), None, 0.2, "clarify"),
        ("how much drift?", NOTHING_FOUND, _known(0.6), 0.1, "domain"),
        ("how much drift?", NOTHING_FOUND, _known(0.4), 0.1, "none"),
        ("how much drift?", NOTHING_FOUND, None, 0.1, "none"),
        ("年假有几天", _covered(0.8), None, 0.1, "knowledge"),
        ("年假有几天", _covered(0.1), None, 0.1, "none"),
        ("年假有几天", _covered(0.1), _known(0.99, 0.4), 0.1, "domain"),
        ("你好", _covered(0.5), None, 1.0, "chat"),
    ],
)
def test_each_question_goes_where_the_numbers_say(
    question: str, signals: Signals, estimate: Estimate | None, small_talk: float, route: Route
) -> None:
    decision = Router().decide(Evidence(question, signals, estimate, small_talk))
    assert decision.route == route
    assert 0 <= decision.confidence <= 1
    assert decision.reason.endswith(".")


def test_the_reason_names_the_numbers_that_decided() -> None:
    evidence = Evidence("how much drift?", _found(0.2), _known(0.97, 0.91), 0.1)
    assert Router().decide(evidence).reason == (
        "The domain model knows 'calibration drift' (similarity 0.91, confidence 0.97); "
        "the best passage reaches 0.20."
    )


def test_a_domain_model_that_is_not_sure_enough_is_not_asked() -> None:
    strict = Router(Scale(1.0, -1.4, 15.0, -6.0, least=0.97))
    evidence = Evidence("how much drift?", _found(0.45), _known(0.9), 0.1)
    decision = strict.decide(evidence)
    assert decision.route == "knowledge"
    assert "not sure enough of 'calibration drift'" in decision.reason


@pytest.mark.parametrize("confidence", [0.0, 1.0])
def test_certainty_is_no_infinity(confidence: float) -> None:
    evidence = Evidence("how much drift?", _found(1.0), _known(confidence), 0.0)
    assert 0 <= Router().decide(evidence).confidence <= 1
