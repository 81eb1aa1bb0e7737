import pytest

from knowledge.questions.question_filters import fault

PASSAGE = "Full-time employees get **27 days** of leave. It costs 1,500 euros. 年假为15天。"


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How many days of leave do employees get?", "27 Days of leave"),
        ("what does it cost to be on leave", "1500 euros"),
        ("年假有多少天？", "15天"),
    ],
)
def test_a_question_that_its_passage_answers_is_kept(question: str, answer: str) -> None:
    assert fault(question, answer, PASSAGE) is None


@pytest.mark.parametrize(
    ("question", "answer", "reason"),
    [
        ("Why?", "27 days", "too short"),
        ("What is it of the?", "27 days", "too short"),
        ("How long " + "very " * 80 + "long is leave?", "27 days", "too long"),
        ("Leave of full-time employees.", "27 days", "not a question"),
        ("How many days does the passage give employees?", "27 days", "about the text"),
        ("文中提到的年假有多少天？", "15天", "about the text"),
        ("How many days of leave do employees get?", "", "without an answer"),
        ("How many days of leave do employees get?", "7 days of leave", "does not stand"),
        ("How many days of leave do employees get?", "25 days of leave", "does not stand"),
        ("What does it cost to be on leave?", "1.500 euros", "does not stand"),
        ("What is the key of the lab?", "AKIA" + "A" * 16, "a key or a password"),
    ],
)
def test_others_are_left_out_with_a_reason(question: str, answer: str, reason: str) -> None:
    said = fault(question, answer, PASSAGE)
    assert said is not None
    assert reason in said
