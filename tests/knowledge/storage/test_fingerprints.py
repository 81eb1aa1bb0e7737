import numpy as np
import pytest

from knowledge.storage.fingerprints import fingerprint, resemblance, says_no_more, shingles_of

POLICY = (
    "Employees get 27 days of leave a year. Up to five days may be carried over. "
    "Ask your manager before you book anything."
)


@pytest.mark.parametrize(
    "other",
    [
        (
            "EMPLOYEES get 27 days of leave a year; up to five days may be carried over.\n\n"
            "**Ask** your managers before you book anything!"
        ),
        "Employees get 27 days of leave a year.",
        "An employee gets 27 days of leave a year.",
    ],
)
def test_case_marks_endings_and_less_text_say_nothing_new(other: str) -> None:
    assert says_no_more(shingles_of("Leave", other), shingles_of("Leave", f"Leave\n{POLICY}"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("27 days", "25 days"),
        ("may be", "may not be"),
        ("may be", "must be"),
        ("carried over", "paid out"),
        ("Ask your manager", "Ask your manager and HR"),
        ("Employees", "Contractors"),
    ],
)
def test_a_word_that_could_change_the_meaning_says_something_new(before: str, after: str) -> None:
    changed = POLICY.replace(before, after)
    assert changed != POLICY
    assert not says_no_more(shingles_of("Leave", changed), shingles_of("Leave", POLICY))


def test_a_title_counts() -> None:
    same = "Nothing has changed this year."
    assert not says_no_more(shingles_of("Changes 2024", same), shingles_of("Changes 2023", same))


def test_chinese_is_compared_by_characters() -> None:
    text = "员工每年享有二十七天年假。最多可以结转五天。"
    shorter = "员工每年享有二十七天年假"
    assert says_no_more(shingles_of("休假", shorter), shingles_of("休假", f"休假{text}"))
    assert not says_no_more(
        shingles_of("休假", text.replace("可以", "不可以")), shingles_of("休假", text)
    )


def test_the_estimate_is_near_the_share_of_common_shingles() -> None:
    words = [f"word{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(600)]
    one, other = " ".join(words[:500]), " ".join(words[100:])
    shingles = set(shingles_of("", one).tolist()), set(shingles_of("", other).tolist())
    exact = len(shingles[0] & shingles[1]) / len(shingles[0] | shingles[1])
    first, second = fingerprint("", one), fingerprint("", other)
    estimated = resemblance(first.signature, second.signature[None])[0]
    assert estimated == pytest.approx(exact, abs=0.15)
    assert first.digest != second.digest


def test_a_fingerprint_is_the_same_for_ever() -> None:
    """It is stored: another value would find nothing that was stored before."""
    made = fingerprint("Leave", POLICY)
    assert made.digest.startswith("b748a976a4bd0aeb")
    assert made.bands[0] == 9123365438934424969
    assert fingerprint("", "").signature.shape == (64,)
    assert np.array_equal(fingerprint("Leave", POLICY).signature, made.signature)
