"""When an endpoint that fails is left alone, and when it is tried again; by a clock of our own."""

from dataclasses import dataclass

import pytest

from agent.breaker import Breaker


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def broken(clock: Clock) -> Breaker:
    """One that has just opened."""
    breaker = Breaker(3, 60.0, 30.0, clock)
    for _ in range(3):
        assert breaker.admits()
        breaker.failed()
    return breaker


def test_it_opens_after_enough_failures_in_the_window(broken: Breaker) -> None:
    assert not broken.admits()


def test_failures_far_apart_or_with_a_success_between_do_not_open_it(clock: Clock) -> None:
    breaker = Breaker(3, 60.0, 30.0, clock)
    for _ in range(5):
        breaker.failed()
        clock.now += 31
    breaker.worked()
    breaker.failed()
    breaker.failed()
    assert breaker.admits()


def test_after_its_rest_one_trial_decides(broken: Breaker, clock: Clock) -> None:
    clock.now = 30
    assert [broken.admits(), broken.admits()] == [True, False]
    broken.failed()
    assert not broken.admits()
    clock.now = 60
    assert broken.admits()
    broken.worked()
    assert [broken.admits(), broken.admits()] == [True, True]


def test_a_trial_that_was_given_up_lets_another_one_in(broken: Breaker, clock: Clock) -> None:
    clock.now = 30
    assert broken.admits()
    broken.gave_up()
    assert broken.admits()
