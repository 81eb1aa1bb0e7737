import json
from pathlib import Path

import pytest

from knowledge.database import Database
from knowledge.errors import InvalidInput
from knowledge.evaluation.evaluation import evaluate_retrieval
from knowledge.storage.library import Library
from tests.fakes.letters import Letters

CORPUS = [
    {"_id": "tides", "title": "Moon", "text": "Spring tides follow the full moon."},
    {"_id": "bread", "title": "", "text": "Bread needs flour, water and salt."},
    {"_id": "long", "title": "Tax", "text": "Taxes are due. " * 200 + "Appeal within a week."},
]
QUERIES = [
    {"_id": "1", "text": "When are spring tides?"},
    {
        "_id": "2",
        "text": "And how?",
        "turns": [
            {"speaker": "user", "text": "Can I appeal my tax?"},
            {"speaker": "agent", "text": "Yes."},
            {"speaker": "user", "text": "And how?"},
        ],
    },
    {"_id": "3", "text": "Never judged"},
]


def folder(tmp_path: Path, judged: str) -> Path:
    (tmp_path / "qrels").mkdir()
    for name, rows in (("corpus", CORPUS), ("queries", QUERIES)):
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "qrels" / "test.tsv").write_text(f"query-id\tcorpus-id\tscore\n{judged}")
    return tmp_path


async def test_a_folder_is_scored_by_document_and_with_turns(
    database: Database, tmp_path: Path
) -> None:
    directory = folder(tmp_path, "1\ttides\t1\n2\tlong\t1\n")
    report = await evaluate_retrieval(directory, database, Letters())
    scores = report.as_json()
    assert (scores["ndcg@10"], scores["mrr@10"], scores["recall@100"]) == (1, 1, 1)
    assert report.load.chunks > len(CORPUS)
    assert set(scores) == {
        "ndcg@10",
        "recall@5",
        "recall@10",
        "recall@100",
        "mrr@10",
        "p50_ms",
        "p95_ms",
        "documents_per_s",
        "chunks",
        "encoder_passages_per_s",
        "ingest_passages_per_s",
        "questions",
        "intervals",
    }
    assert await Library(database, Letters()).documents() == []


async def test_a_wrong_document_first_costs_half(database: Database, tmp_path: Path) -> None:
    directory = folder(tmp_path, "1\tbread\t1\n")
    report = await evaluate_retrieval(directory, database, Letters())
    assert 0 < report.mean("mrr_at_10") <= 0.5


async def test_a_folder_without_judged_questions_is_refused(
    database: Database, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInput, match="no question"):
        await evaluate_retrieval(folder(tmp_path, ""), database, Letters())
