import numpy as np
import pytest

from agent.evaluation.paired import paired


def simulated(random: np.random.Generator, wins: float, losses: float) -> str:
    """300 questions; of those where two ways differ, each gets its share right alone."""
    drawn = random.random(300)
    first = (drawn >= wins).tolist()
    second = ((drawn < wins) | (drawn >= wins + losses)).tolist()
    return paired(first, second).finding


def test_equal_ways_are_seldom_told_apart() -> None:
    random = np.random.default_rng(1)
    found = [simulated(random, 0.1, 0.1) for _ in range(300)]
    assert found.count("unclear") >= 0.94 * len(found)


def test_a_win_of_ten_points_is_mostly_seen() -> None:
    random = np.random.default_rng(2)
    found = [simulated(random, 0.15, 0.05) for _ in range(100)]
    assert found.count("better") >= 0.9 * len(found)
    assert found.count("worse") == 0


def test_a_few_questions_say_what_they_could_have_shown() -> None:
    found = paired([True, False, True], [True, True, True], ["a", "a", "b"])
    assert (found.wins, found.losses, found.p, found.finding) == (1, 0, 1.0, "unclear")
    assert found.value == pytest.approx(1 / 3)
    assert found.detectable == pytest.approx(2.8 / 3)
    nothing = paired([], [])
    assert (nothing.finding, nothing.detectable, nothing.value) == ("unclear", 1.0, 0.0)
