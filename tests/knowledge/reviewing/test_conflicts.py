import pytest

from knowledge.reviewing.conflicts import conflicts


def found(*texts: str) -> list[tuple[str, str]]:
    return [(one.one.sentence, one.other.sentence) for one in conflicts(list(enumerate(texts, 1)))]


LEAVE = "Full-time employees get 27 days of annual leave a year."


@pytest.mark.parametrize(
    "other",
    [
        "Full-time employees get 25 days of annual leave a year.",
        "In a year, full-time employees get twenty days of annual leave.",
        "- Full-time employees do **not** get 27 days of annual leave a year",
    ],
)
def test_the_same_said_with_another_number_or_a_not(other: str) -> None:
    ((one, two),) = found(f"# Leave\n\nWelcome. {LEAVE} Ask HR.", f"# Handbook\n\n{other}\n")
    assert one == LEAVE
    assert two == other.removeprefix("- ").replace("*", "")


@pytest.mark.parametrize(
    "other",
    [
        LEAVE.upper(),
        "Part-time employees get 20 days of annual leave a year.",
        "Contractors get 20 days of annual leave a year.",
        f"{LEAVE} Full-time employees got 25 days of annual leave in a year before.",
        f"```\n{LEAVE.replace('27', '25')}\n```",
        "Step 3: full-time employees get 27 days of annual [leave](https://hr.example/4) a year.",
        "Full-time employees get annual leave days a year.",
        "It costs 5 euros.",
    ],
)
def test_what_is_about_something_else_or_says_the_same_is_no_conflict(other: str) -> None:
    assert found(LEAVE, other) == []


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ("正式员工每年享有15天带薪年假。", "正式员工每年享有十五天带薪年假。", False),
        ("正式员工每年享有15天带薪年假。", "正式员工每年享有二十天带薪年假。", True),
        ("实习生可以申请远程办公。", "实习生不可以申请远程办公。", True),
        ("预算上限为一万二千元人民币整。", "预算上限为12000元人民币整。", False),
    ],
)
def test_chinese_numerals_and_negations(one: str, other: str, *, differ: bool) -> None:
    assert bool(found(one, other)) == differ


def test_a_form_that_many_documents_fill_in_is_no_conflict() -> None:
    assert found(*(f"This page was last reviewed by the team on day {n}." for n in range(9))) == []


def test_a_document_does_not_contradict_itself() -> None:
    assert found(f"{LEAVE}\n\n{LEAVE.replace('27', '25')}") == []
