"""The bundled sample team is complete, consistent and fit to judge the product by."""

import json
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from knowledge.parsing.front_matter import split_front_matter, updated_at, web_address

SAMPLE = Path(__file__).parents[2] / "bot" / "sample"
DOCUMENTS = sorted((SAMPLE / "documents").rglob("*.md"))
HOST = "merrowby.example"


def lines(name: str) -> list[dict[str, Any]]:
    text = (SAMPLE / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def front_matter(path: Path) -> tuple[dict[str, object], str]:
    return split_front_matter(path.read_text(encoding="utf-8"))


PAIRS = lines("pairs.jsonl")
QUESTIONS = lines("questions.jsonl")


def is_chinese(text: str) -> bool:
    return re.search(r"[\u4e00-\u9fff]", text) is not None


def test_there_are_32_english_and_5_chinese_documents() -> None:
    chinese = [path for path in DOCUMENTS if path.parent.name == "zh"]
    assert (len(DOCUMENTS) - len(chinese), len(chinese)) == (32, 5)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_a_document_has_its_front_matter_and_a_readable_length(path: Path) -> None:
    head, body = front_matter(path)
    assert set(head) == {"title", "url", "owner", "updated", "tags"}
    assert updated_at(head) is not None
    assert web_address(head) is not None
    assert all(isinstance(head[key], str) and head[key] for key in ("title", "owner"))
    assert head["tags"]
    assert body.lstrip().startswith("# ")
    length = len(re.findall(r"[\u4e00-\u9fff]|[^\s\u4e00-\u9fff]+", body))
    assert 150 <= length <= 700


def test_titles_and_addresses_are_unique() -> None:
    heads = [front_matter(path)[0] for path in DOCUMENTS]
    assert len({head["title"] for head in heads}) == len(heads)
    assert len({head["url"] for head in heads}) == len(heads)


def test_each_of_112_answers_has_one_topic_and_four_phrasings() -> None:
    by_topic: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for pair in PAIRS:
        assert set(pair) == {"question", "answer", "topic"}
        by_topic[pair["topic"]].append(pair)
    answers = [{pair["answer"] for pair in pairs} for pairs in by_topic.values()]
    assert all(len(pairs) == 4 for pairs in by_topic.values())
    assert all(len(answer) == 1 for answer in answers)
    distinct = set[str]().union(*answers)
    assert Counter(is_chinese(answer) for answer in distinct) == {False: 62, True: 50}
    assert len({pair["question"].casefold() for pair in PAIRS}) == len(PAIRS) == 448


def test_no_craft_answer_stands_in_a_document() -> None:
    written = "\n".join(front_matter(path)[1] for path in DOCUMENTS)
    first_sentences = {re.split(r"[.;。；]", pair["answer"])[0] for pair in PAIRS}
    assert not [sentence for sentence in first_sentences if sentence in written]


def test_the_questions_cover_every_route_in_both_languages() -> None:
    counts = Counter((question["expected"], question["language"]) for question in QUESTIONS)
    assert counts == {
        ("knowledge", "en"): 35,
        ("knowledge", "zh"): 10,
        ("domain", "en"): 30,
        ("domain", "zh"): 10,
        ("none", "en"): 19,
        ("none", "zh"): 6,
        ("chat", "en"): 7,
        ("chat", "zh"): 3,
    }
    assert sum("turns" in question for question in QUESTIONS) == 6


def test_no_question_equals_a_training_phrasing_or_another_question() -> None:
    trained = {pair["question"].casefold() for pair in PAIRS}
    asked = [question["question"].casefold() for question in QUESTIONS]
    assert not trained & set(asked)
    assert len(set(asked)) == len(asked)


@pytest.mark.parametrize("route", ["knowledge", "domain"])
def test_gold_strings_stand_verbatim_where_the_route_leads(route: str) -> None:
    sources = {
        "knowledge": [front_matter(path)[1] for path in DOCUMENTS],
        "domain": [pair["answer"] for pair in PAIRS],
    }[route]
    asked = [question for question in QUESTIONS if question["expected"] == route]
    assert all(question["answers"] for question in asked)
    astray = [
        gold
        for question in asked
        for gold in question["answers"]
        if not any(gold in source for source in sources)
    ]
    assert astray == []


def test_turns_alternate_and_begin_with_the_user() -> None:
    for question in QUESTIONS:
        turns = question.get("turns", [])
        speakers = [turn["speaker"] for turn in turns]
        assert speakers == ["user", "agent"] * (len(turns) // 2)
        assert all(turn["text"] for turn in turns)


def test_every_link_and_mail_address_belongs_to_the_invented_company() -> None:
    for path in [*DOCUMENTS, SAMPLE / "pairs.jsonl", SAMPLE / "questions.jsonl"]:
        text = path.read_text(encoding="utf-8")
        hosts = [
            urlsplit(link).hostname or "" for link in re.findall(r"https?://[^\s)\"'>]+", text)
        ]
        hosts += re.findall(r"[\w.]+@([\w.-]+\w)", text)
        assert all(host == HOST or host.endswith(f".{HOST}") for host in hosts), path
