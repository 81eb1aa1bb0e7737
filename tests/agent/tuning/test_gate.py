"""The gate on outcomes that are made up: what it finds, what it must not, what it says."""

import pytest

from agent.tuning.gate import FEWEST_QUESTIONS, Veto, decide
from tests.benchmarks.gate import World, outcomes


def test_equal_models_are_inconclusive() -> None:
    verdicts = outcomes(World(300, 100, 0.6, 0.6), 200, seed=7)
    assert verdicts["inconclusive"] >= 0.95 * verdicts.total()


def test_ten_points_are_found_with_300_questions() -> None:
    verdicts = outcomes(World(300, 100, 0.6, 0.7), 200, seed=7)
    assert verdicts["promote"] >= 0.8 * verdicts.total()
    assert verdicts["reject"] == 0


def test_ten_points_lost_are_hardly_ever_promoted_and_often_rejected() -> None:
    verdicts = outcomes(World(300, 100, 0.7, 0.6), 200, seed=7)
    assert verdicts["promote"] == 0
    assert verdicts["reject"] >= 0.5 * verdicts.total()


def test_too_few_questions_are_said_to_be_that_however_clear() -> None:
    right, wrong = [True] * 20, [False] * 20
    verdict = decide(wrong, right, range(20))
    assert verdict.outcome == "inconclusive"
    assert "not promoted: 20 questions are too few to tell, 100 are needed" in verdict.why
    assert "20 questions won, 0 lost of 20" in verdict.why
    assert verdict.detectable == pytest.approx(2.8 / 20**0.5)
    assert f"below {100 * verdict.detectable:.1f} points" in verdict.why


def test_many_questions_on_few_answers_do_not_tell() -> None:
    count = 2 * FEWEST_QUESTIONS
    verdict = decide([False] * count, [True] * count, [place % 9 for place in range(count)])
    assert verdict.outcome == "inconclusive"
    assert "rest on only 9 answers" in verdict.why


def test_wins_that_come_from_a_few_answers_do_not_promote() -> None:
    """McNemar alone would be sure: 30 of 30 differing questions are won."""
    clusters = [place // 15 for place in range(300)]
    after = [cluster in {3, 7} for cluster in clusters]
    verdict = decide([False] * 300, after, clusters)
    assert verdict.difference.p < 1e-6
    assert verdict.outcome == "inconclusive"


def test_the_same_answers_are_inconclusive_with_what_could_have_been_seen() -> None:
    right = [place % 3 > 0 for place in range(300)]
    verdict = decide(right, right, range(300))
    assert verdict.outcome == "inconclusive"
    assert 0 < verdict.detectable < 0.05


def test_a_veto_rejects_whatever_was_won() -> None:
    veto = Veto("secret", "2 answers hold what looks like a Slack token")
    verdict = decide([False] * 300, [True] * 300, range(300), [veto])
    assert verdict.outcome == "reject"
    assert verdict.why == "rejected: 2 answers hold what looks like a Slack token"
    assert verdict.as_json()["vetoes"] == [{"kind": "secret", "why": veto.why}]
