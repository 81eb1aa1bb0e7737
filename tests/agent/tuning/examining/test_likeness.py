import numpy as np
import pytest

from agent.tuning.clusters import question_clusters
from agent.tuning.examining.folding import folded, folded_answer, words_of
from agent.tuning.examining.slips import sameness
from agent.tuning.examining.subjects import same_subject

QUESTION = "How do I reset the password of my laptop?"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Wi-Fi key?", "wifi KEY"),
        ("全角１２３，ＡＢＣ", "全角123abc"),
        ("  two\n lines ", "Two lines."),
    ],
)
def test_form_does_not_count(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("C++", "C#"), ("version 1.5", "version 15"), ("हिन्दी", "हनद"), ("5 %", "5"), ("?!", "!!")],
)
def test_what_tells_texts_apart_stays(one: str, other: str) -> None:
    assert folded(one) != folded(other)


def test_markup_and_list_numbers_say_nothing_in_an_answer() -> None:
    assert folded_answer("1. **Open** it<br>\n2. Close &amp; go") == folded_answer(
        "- open it\n- close & go"
    )


@pytest.mark.parametrize(
    "written",
    [
        "how do i reset the password of my laptop",
        "Hi team, please, how do I reset the password of my laptop? Thanks!",
        "Of my laptop, how do I reset the password?",
        "How do I reset the pasword of my laptop?",
        "How do I reset the passwrod of my laptop?",
        "How do I reset the pass word of my laptops?",
    ],
)
def test_a_trivial_rewording_has_the_same_words(written: str) -> None:
    score = sameness(words_of(QUESTION), words_of(written))
    assert score is not None
    assert score > 0.9


@pytest.mark.parametrize(
    "written",
    [
        "How can I get a new password for my laptop?",
        "How do I not reset the password of my laptop?",
        "How do I reset the password of my desktop?",
        "What do I do to reset my laptop's password?",
    ],
)
def test_a_paraphrase_and_another_question_have_not(written: str) -> None:
    assert sameness(words_of(QUESTION), words_of(written)) is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("请问如何在后台申请报销单据？", "怎么在后台申请报销单据", True),
        ("怎么在后台查看账户余额明细", "怎么在后台查看帐户余额明细", True),
        ("怎么在后台查看三月账单明细", "怎么在后台查看四月账单明细", False),
        ("为什么能退款", "为什么不能退款", False),
        ("申请年假", "申请病假", False),
    ],
)
def test_chinese_slips_are_told_from_other_words(one: str, other: str, *, same: bool) -> None:
    assert (sameness(words_of(one), words_of(other)) is not None) == same


def test_a_number_or_a_heading_makes_another_subject() -> None:
    assert not same_subject("Holidays in 2025?", "Holidays in 2026?")
    assert not same_subject("Travel policy: Overview", "Travel policy: Exceptions")
    assert same_subject("Travel policy: Exceptions", "Travel policy: the exception")
    assert same_subject("how to get new card?", "How can I get a new card")


def test_clusters_join_what_is_alike_and_count_up() -> None:
    asked = [QUESTION, "Where do we park?", QUESTION.upper(), "We do park where?", "Who pays?"]
    assert question_clusters(asked) == [0, 1, 0, 1, 2]


def test_clusters_join_by_vectors_and_without_them_by_ngrams() -> None:
    asked = ["a b c", "d e f", "请问恒湿机放在哪里？", "恒湿机放在哪里呢", "恒湿机怎么校准"]
    rows = np.eye(3, dtype=np.float32)
    assert question_clusters(asked, {0: rows[0], 1: rows[0]}) == [0, 0, 1, 1, 2]
    assert question_clusters(asked, {0: rows[0], 1: rows[1]}) == [0, 1, 2, 2, 3]


def test_thousands_that_differ_in_a_number_alone_stay_apart() -> None:
    asked = [f"How do I restart the service number {number}?" for number in range(3_000)]
    assert len(set(question_clusters(asked))) == len(asked)
    assert question_clusters([]) == []
