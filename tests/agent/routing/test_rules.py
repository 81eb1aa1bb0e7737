import pytest

from agent.routing.rules import ruled
from knowledge.documents import Passage


def _passage(title: str, uri: str = "https://x.example/a", *, restricted: bool = False) -> Passage:
    return Passage(1, 1, 1, 0, uri, title, (), "text", 1.0, 1.0, None, restricted=restricted)


FOUND = (_passage("Sick leave"), _passage("Travel policy", "files/travel-2026.pdf"))


@pytest.mark.parametrize(
    "question",
    [
        "What is the latest version of the logger?",
        "Who is on call today?",
        "who is on call now",
        "How many days of leave do we get now?",
        "What are the current rates?",
        "最新的固件版本是多少？",
        "现在谁值班？",
        "今天谁值班",
    ],
)
def test_what_holds_now_is_for_documents(question: str) -> None:
    rule = ruled(question, FOUND)
    assert rule is not None
    assert "what holds now" in rule.reason.en
    assert not rule.always


@pytest.mark.parametrize(
    "question",
    [
        "The battery is empty, what now?",
        "Gmail has merged two threads, now I cannot find the first. How do I split them?",
        "When I was in a restaurant today my card was declined, why?",
        "How do I link to a cell in my current sheet?",
        "我现在被锁在外面怎么办",
        "How does sick leave work?",
        "Is the open source code of the logger public?",
        "How do I add references to a document?",
        "How do I cancel?",
    ],
)
def test_a_story_is_no_question_about_now_and_a_subject_names_no_document(question: str) -> None:
    assert ruled(question, FOUND) is None


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ('What does "Sick leave" say about notes?', "Sick leave"),
        ("《Sick leave》里怎么说？", "Sick leave"),
        ("According to the travel policy, who books?", "Travel policy"),
        ("Is it in the sick leave page?", "Sick leave"),
        ("What is in travel-2026.pdf?", "Travel policy"),
    ],
)
def test_a_named_document_is_read(question: str, title: str) -> None:
    rule = ruled(question, FOUND)
    assert rule is not None
    assert rule.always
    assert f"'{title}'" in rule.reason.en


@pytest.mark.parametrize(
    "question",
    [
        "What are your sources for that?",
        "Can you cite a source?",
        "Where is this written?",
        "Which document says so?",
        "年假的出处是什么",
        "哪个文档里写了年假？",
    ],
)
def test_who_asks_for_sources_gets_documents(question: str) -> None:
    rule = ruled(question, FOUND)
    assert rule is not None
    assert rule.always


def test_restricted_content_is_not_answered_from_pairs() -> None:
    board = _passage("Board", restricted=True)
    rule = ruled("Where does the board meet?", (board, *FOUND))
    assert rule is not None
    assert "not everyone may see" in rule.reason.en
    assert ruled("Where does the board meet?", (*FOUND, board)) is None


def test_a_hostile_title_is_no_pattern() -> None:
    assert ruled("a" * 60, (_passage("(a+)+$"),)) is None
