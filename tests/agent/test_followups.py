"""Which questions lean on the conversation, and which mean nothing without it."""

import pytest

from agent.answers import Turn
from agent.followups import earlier_questions, follows_up, is_lost


@pytest.mark.parametrize(
    ("text", "follows", "lost"),
    [
        ("And for contractors?", True, True),
        ("What about Spain?", True, True),
        ("How does it work?", True, True),
        ("How long does it take to get the badge?", True, False),
        ("Why?", True, False),
        ("那外包人员呢？", True, True),
        ("它多少钱？", True, True),
        ("这个政策适用于哪些正式员工和外包同事？", True, False),
        ("What is VPN?", True, False),
        ("How many days of annual leave do employees get?", False, False),
        ("Do we have a company choir?", False, False),
        ("for contractors?", True, False),
        ("Is there a small claims court in Bonn?", False, False),
        ("What did the company decide this year on remote work?", False, False),
        ("正式员工每年有多少天带薪年假？", False, False),
        ("其他城市的住宿上限是多少？", False, False),
    ],
)
def test_a_followup_is_told_by_its_words(text: str, *, follows: bool, lost: bool) -> None:
    assert (follows_up(text), is_lost(text)) == (follows, lost)


def test_the_turns_needed_go_back_to_the_last_question_that_stands_alone() -> None:
    turns = (
        Turn("user", "Where can I park my car at the office?"),
        Turn("agent", "In the yard."),
        Turn("user", "How many days of annual leave do employees get?"),
        Turn("agent", "27."),
        Turn("user", "And contractors?"),
        Turn("agent", "None."),
    )
    assert earlier_questions(turns, "And for interns?") == (
        "How many days of annual leave do employees get?",
        "And contractors?",
    )
    assert earlier_questions((), "And for interns?") == ()
    assert earlier_questions(turns, "那实习生呢？") == ()
