"""What counts as right must be fair to what is verified, quoted and written."""

import pytest

from agent.evaluation.facts import agreeing, facts, kept, numbers
from agent.evaluation.reliability import Bin, reliability
from agent.evaluation.rightness import Rightness

SALT = "Put the probe into the salt pot overnight, then press zero for six seconds."
CARD = "See the guide: card not working"
VIRTUAL = "See the guide: virtual card not working"
GRID = "把记录仪放在离恒湿机至少两米的地方。"
LONG = " ".join(f"Step {n}: turn the wheel by {n} notches and note it." for n in range(1, 12))
KNOWN = Rightness([SALT, CARD, VIRTUAL, GRID, LONG, "No."])


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (SALT, SALT),
        (f"Before all else: {SALT.lower()} [1] And write it down.", SALT),
        (f"请注意,{GRID} [1]", GRID),
        ("Put the probe in the salt pot overnight, and press zero for six seconds.", SALT),
        (" ".join(LONG.split()[:45]) + " [1]", LONG),
        ("No. It is not allowed.", "No."),
    ],
)
def test_the_same_answer_in_another_shape_is_right(said: str, expected: str) -> None:
    assert KNOWN.is_right(said, expected)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (VIRTUAL, CARD),
        (CARD, VIRTUAL),
        (f"{VIRTUAL}\n\nSee also [1].", CARD),
        ("The salt pot stands in the store room; ask for the key.", SALT),
        ("恒湿机在地下室,钥匙在前台。", GRID),
        (LONG.split(". ")[0], LONG),
        ("", SALT),
    ],
)
def test_what_is_only_alike_is_wrong(said: str, expected: str) -> None:
    assert not KNOWN.is_right(said, expected)


def test_facts_are_what_a_person_would_act_on() -> None:
    text = "Call 400-12 before 4 May, write to ops@x.example or `run_all`; ask Priya. 离两米。"
    assert {"400-12", "4", "2", "ops@x.example", "run_all", "priya"} <= facts(text)
    assert numbers("It takes three of 1,200 [2]") == {"3", "1200"}
    assert kept("ring 400-12, 4 may, 2, ops@x.example, run_all, priya", text) == 1
    assert kept("nothing of it", text) == 0
    assert kept("whatever", "no facts at all") is None


def test_a_number_that_nobody_gave_is_noticed() -> None:
    assert agreeing("It is 27 days.", "You get 27 days.") == 1
    assert agreeing("It is 28 days, or 27.", "You get 27 days.") == 0.5
    assert agreeing("It depends.", "You get 27 days.") is None


def test_a_confidence_that_promises_too_much_has_an_error() -> None:
    assert reliability([], []).ece is None
    sure = reliability([0.9] * 10, [True] * 9 + [False])
    assert sure.ece == pytest.approx(0.0)
    (only,) = sure.bins
    assert only == Bin(only.confidence, 0.9, 10)
    assert only.confidence == pytest.approx(0.9)
    boasting = reliability([0.9] * 10, [True] * 4 + [False] * 6)
    assert boasting.ece == pytest.approx(0.5)
    assert boasting.brier == pytest.approx(0.4 * 0.01 + 0.6 * 0.81)
