"""The measures of an answer, and both evaluations on a set small enough to know the result."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from agent.deps import Deps
from agent.evaluation.abstention_evaluation import evaluate_abstention
from agent.evaluation.answer_evaluation import contains_answer, evaluate_answers, token_f1
from agent.routing.routing import Router
from agent.routing.small_talk import SmallTalk
from knowledge.database import Database
from knowledge.embedding.minilm import MiniLM
from knowledge.retrieval.search import Search


@pytest.mark.parametrize(
    ("said", "gold", "contained"),
    [
        ("It was the Piston. [1]", "a piston", True),
        ("It was in 1932 [1].", "1932", True),
        ("他贡献了136次擒杀。 [1]", "136 次", True),
        ("It was a cylinder.", "piston", False),
        ("anything", "...", False),
    ],
)
def test_an_answer_contains_the_gold_answer_as_squad_compares(
    said: str, gold: str, *, contained: bool
) -> None:
    assert contains_answer(said, [gold]) is contained


def test_token_f1_is_of_the_best_gold_answer() -> None:
    assert token_f1("the red piston [1]", ["green valve", "a piston"]) == pytest.approx(2 / 3)
    assert token_f1("年假", ["年假"]) == 1.0
    assert token_f1("none of it", ["piston"]) == 0.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    def write(name: str, *lines: Mapping[str, object]) -> None:
        (tmp_path / name).write_text("\n".join(map(json.dumps, lines)))

    texts = {
        "bridge": "The harbour bridge was opened in 1932 by the governor.",
        "piston": "In an atmospheric engine, air pressure pushes against the piston.",
        "tea": "Green tea is steeped at eighty degrees for two minutes.",
    }
    write("corpus.jsonl", *({"_id": k, "title": k, "text": v} for k, v in texts.items()))
    write(
        "queries.jsonl",
        {"_id": "1", "text": "When was the harbour bridge opened?", "answers": ["1932"]},
        {"_id": "2", "text": "What does air pressure push against?", "answers": ["a piston"]},
        {"_id": "3", "text": "How long is green tea steeped?", "answers": ["five hours"]},
    )
    write("unanswerable.jsonl", {"_id": "4", "text": "Who won the chess championship in Oslo?"})
    (tmp_path / "qrels").mkdir()
    rows = "query-id\tcorpus-id\tscore\n1\tbridge\t1\n2\tpiston\t1\n3\tbridge\t1\n"
    (tmp_path / "qrels" / "test.tsv").write_text(rows)
    return tmp_path


async def test_answers_are_evaluated_through_the_whole_path(
    folder: Path, database: Database, encoder: MiniLM
) -> None:
    deps = Deps(Search(database, encoder), encoder, Router(), SmallTalk(encoder))
    report = (await evaluate_answers(folder, database, deps)).as_json()
    assert report["contains_answer"] == pytest.approx(2 / 3, abs=1e-3)
    assert report["citation_correct"] == pytest.approx(2 / 3, abs=1e-3)
    assert report["abstained_rate"] == 0.0
    assert 0 < report["token_f1"] < 1
    assert report["p50_ms"] > 0


async def test_abstention_is_evaluated_on_both_kinds_of_question(
    folder: Path, database: Database, encoder: MiniLM
) -> None:
    report = (await evaluate_abstention(folder, database, encoder)).as_json()
    assert (report["auroc"], report["answered_rate"], report["false_answer_rate"]) == (1, 1, 0)
    assert 0 < report["threshold"] < 1
