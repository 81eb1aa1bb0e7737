import json
from pathlib import Path

import pytest

from knowledge.database import Database
from knowledge.errors import InvalidInput
from knowledge.evaluation.evaluation import evaluate_own, evaluate_retrieval
from knowledge.questions.question_import import import_questions
from knowledge.questions.question_set import export, listed
from knowledge.storage.library import Library
from tests.fakes.letters import Letters
from tests.knowledge.preparing import prepare

LETTERS = Letters()
MOON = "The moon pulls the tides twice a day\n\nSpring tides follow the full moon"
BREAD = "Bread needs flour and water\n\n面包需要面粉"


async def fill(database: Database) -> Library:
    library = Library(database, LETTERS)
    await library.put(
        [await prepare(LETTERS, "moon", MOON), await prepare(LETTERS, "bread", BREAD)]
    )
    return library


def lines(path: Path, *rows: object) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return path


async def test_questions_stand_at_the_passage_that_answers_them(
    database: Database, tmp_path: Path
) -> None:
    await fill(database)
    file = lines(
        tmp_path / "q.jsonl",
        {"question": "When do they come?", "document": "moon", "answer": "the Full  moon"},
        {"question": "What needs flour?", "document": "https://docs.example/bread"},
        {"question": "面包需要什么？", "document": "bread"},
        {"question": "Who wrote it?", "document": "nowhere"},
    )
    done = await import_questions(file, database, LETTERS)
    assert (done.added, done.unchanged) == (3, 0)
    assert [line.rpartition("/")[2] for line in done.unresolved] == [
        "q.jsonl line 4: no document 'nowhere' is in the library"
    ]
    again = await import_questions(file, database, LETTERS)
    assert (again.added, again.unchanged) == (0, 3)
    measured = await evaluate_own(database, LETTERS)
    assert measured.as_json()["questions"] == 3


async def test_questions_follow_their_passage_and_go_with_it(
    database: Database, tmp_path: Path
) -> None:
    library = await fill(database)
    file = lines(
        tmp_path / "q.jsonl",
        {"question": "How often?", "document": "moon", "answer": "twice a day"},
        {"question": "After what?", "document": "moon", "answer": "full moon"},
    )
    await import_questions(file, database, LETTERS)
    changed = MOON.replace("Spring tides follow the full moon", "Neap tides are lower")
    await library.put([await prepare(LETTERS, "moon", f"New first words\n\n{changed}")])
    assert [one.question for one in await listed(database)] == ["How often?"]
    (own,) = (await evaluate_own(database, LETTERS)).outcomes
    assert own.expected == ("https://docs.example/moon",)
    await library.remove([(await listed(database))[0].document_id])
    assert await listed(database) == []


async def test_an_exported_set_can_be_evaluated_and_taken_back(
    database: Database, tmp_path: Path
) -> None:
    library = await fill(database)
    file = lines(
        tmp_path / "q.jsonl",
        {"question": "What do the tides follow?", "document": "moon", "answer": "full moon"},
    )
    await import_questions(file, database, LETTERS)
    folder = tmp_path / "set"
    assert await export(folder, database) == 1
    report = await evaluate_retrieval(folder, database, LETTERS)
    assert report.mean("ndcg_at_10") == 1
    (one,) = await listed(database)
    await library.remove([one.document_id])
    await library.put([await prepare(LETTERS, "moon", MOON)])
    assert (await import_questions(folder, database, LETTERS)).added == 1
    assert (await listed(database))[0].answer == "full moon"


@pytest.mark.parametrize(
    "row", ["nothing", {"question": "?"}, {"question": " ", "document": "moon"}, [1]]
)
async def test_a_line_that_is_no_question_is_named(
    database: Database, tmp_path: Path, row: object
) -> None:
    good = {"question": "x", "document": "moon"}
    with pytest.raises(InvalidInput, match=r"q\.jsonl line 2: "):
        await import_questions(lines(tmp_path / "q.jsonl", good, row), database, LETTERS)


async def test_nothing_to_export_is_said(database: Database, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no question set yet"):
        await export(tmp_path, database)
