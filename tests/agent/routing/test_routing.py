from dataclasses import replace

import numpy as np
import pytest

from agent.answers import Route
from agent.learned.domain import Estimate
from agent.routing.routing import Evidence, Router, Scale
from knowledge.documents import Passage, Signals

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
        ("is this the answer?", _found(0.8), _known(0.9999), 0.1, "domain"),
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
    assert decision.reason.en.endswith(".")


def test_the_reason_names_the_numbers_that_decided() -> None:
    evidence = Evidence("how much drift?", _found(0.2), _known(0.97, 0.91), 0.1)
    assert Router().decide(evidence).reason.en == (
        "The domain model knows 'calibration drift' (similarity 0.91, confidence 0.97); "
        "the best passage reaches 0.20."
    )


def test_a_domain_model_that_is_not_sure_enough_is_not_asked() -> None:
    strict = Router(Scale(1.0, -1.4, 15.0, -6.0, least=0.97))
    evidence = Evidence("how much drift?", _found(0.45), _known(0.9), 0.1)
    decision = strict.decide(evidence)
    assert decision.route == "knowledge"
    assert "not sure enough of 'calibration drift'" in decision.reason.en


@pytest.mark.parametrize("confidence", [0.0, 1.0])
def test_certainty_is_no_infinity(confidence: float) -> None:
    evidence = Evidence("how much drift?", _found(1.0), _known(confidence), 0.0)
    assert 0 <= Router().decide(evidence).confidence <= 1


def _passage(text: str, vector: tuple[float, ...] = (), *, restricted: bool = False) -> Passage:
    held = np.array(vector, np.float32) if vector else None
    return Passage(
        1, 1, 1, 0, "u", "t", (), text, 1.0, 1.0, 0.8, restricted=restricted, vector=held
    )


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ("Drift of more than two points: order a swap unit in the portal, then ship it.", "both"),
        ("When it drifts, send it back.", "domain"),
        ("Send it.", "domain"),
    ],
)
def test_both_answer_where_the_document_says_something_else(text: str, route: Route) -> None:
    known = replace(_known(0.9999), answer="Send it back.")
    evidence = Evidence("how much drift?", _found(0.8), known, 0.1, (_passage(text),))
    assert Router().decide(evidence).route == route


def test_a_rule_overrides_the_model_and_says_so() -> None:
    passages = (_passage("Swap units are in the portal."),)
    evidence = Evidence("what drift is allowed today?", _found(0.3), _known(0.99), 0.1, passages)
    decision = Router().decide(evidence)
    assert decision.route == "knowledge"
    assert decision.reason.en.startswith("'today' asks for what holds now")
    assert decision.otherwise is None


def test_a_rule_makes_nobody_answer_what_nobody_knows() -> None:
    evidence = Evidence("who won the cup today?", _found(0.1), _known(0.01), 0.1)
    assert Router().decide(evidence).route == "none"


def test_restricted_content_goes_to_the_documents() -> None:
    board = (_passage("The board meets in Lisbon.", restricted=True),)
    evidence = Evidence("where does the board meet?", _found(0.6), _known(0.999), 0.1, board)
    assert Router().decide(evidence).route == "knowledge"


def test_a_passage_counts_for_what_it_shares_beyond_the_subject() -> None:
    subject, detail, other = (1.0, 0.0, 0.0), (0.8, 0.6, 0.0), (0.8, 0.0, 0.6)
    asked = np.array(detail, np.float32)
    known = replace(_known(0.02), shared=np.array(subject, np.float32))
    router = Router(near=1.0)

    def route(vector: tuple[float, ...]) -> str:
        cosine = float(np.array(vector) @ asked)
        evidence = Evidence(
            "how much drift?", _found(cosine), known, 0.1, (_passage("x", vector),), asked
        )
        return router.decide(evidence).route

    assert float(np.dot(detail, other)) > 0.6
    assert route(other) == "none"
    assert route(detail) == "knowledge"
    assert (
        Router()
        .decide(
            Evidence("how much drift?", _found(0.64), known, 0.1, (_passage("x", other),), asked)
        )
        .route
        == "knowledge"
    )


def test_what_is_out_of_date_is_said_to_be() -> None:
    stale = replace(_known(0.0), answer=None)
    decision = Router().decide(Evidence("how much drift?", _found(0.7), stale, 0.1))
    assert decision.route == "knowledge"
    assert "'calibration drift' is out of date" in decision.reason.en
