from datetime import UTC, datetime

import pytest

from agent.answers import Route
from agent.evaluation.routing_evaluation import Routed, RoutingReport
from agent.evaluation.routing_page import routing_page
from agent.evaluation.routing_scores import cost, costs, reliability
from agent.routing.routing import Decision
from agent.texts import Said


def _routed(
    expected: Route, route: Route, known: float, otherwise: Route | None, confidence: float = 0.9
) -> Routed:
    question = f"<script>{expected} or {route}?</script>"
    decision = Decision(route, confidence, Said("Because <b>it</b> is."), known, otherwise)
    return Routed(question, expected, decision, 5.0)


ROUTED = (
    _routed("domain", "domain", 0.95, "none"),
    _routed("domain", "knowledge", 0.6, "knowledge", 0.55),
    _routed("knowledge", "knowledge", 0.7, "knowledge"),
    _routed("none", "none", 0.1, "none", 0.55),
    _routed("chat", "chat", 0.0, None),
)


def test_a_threshold_trades_precision_for_recall() -> None:
    strict, loose = cost(ROUTED, 0.9), cost(ROUTED, 0.5)
    assert (strict.precision, strict.recall, strict.accuracy) == (1.0, 0.5, 0.8)
    assert loose.precision == pytest.approx(2 / 3)
    assert (loose.recall, loose.accuracy) == (1.0, 0.8)
    assert costs(ROUTED)[0].recall == 1.0
    assert cost(ROUTED, 1.0).precision == 1.0  # it is never asked, so it never errs


def test_reliability_compares_confidence_with_how_often_it_was_right() -> None:
    low, high = reliability(ROUTED)
    assert (low.count, low.right) == (2, 0.5)
    assert low.confidence == pytest.approx(0.55)
    assert (high.count, high.right) == (3, 1.0)


def test_the_page_shows_everything_and_runs_nothing() -> None:
    report = RoutingReport("routing.jsonl", ROUTED, 0.9)
    shown = routing_page(report, datetime(2026, 1, 2, tzinfo=UTC))
    assert "<script" not in shown
    assert "<b>it" not in shown
    for part in ("Where the questions went", "today 0.90", "confidence", "The worst questions"):
        assert part in shown
    assert "&lt;script&gt;domain or knowledge?" in shown
    assert "none or none" not in shown  # it was right
    assert report.confusion["domain"] == {"domain": 1, "knowledge": 1}


def test_a_perfect_report_has_no_worst_questions() -> None:
    report = RoutingReport("routing.jsonl", ROUTED[:1], 0.9)
    assert "There is none" in routing_page(report, datetime(2026, 1, 2, tzinfo=UTC))
