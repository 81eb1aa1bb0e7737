from pathlib import Path
from typing import Any

import pytest

from agent.errors import TrainingError
from agent.tuning.pair_files import Pair, read_pairs, read_questions
from agent.tuning.pair_log import undo
from agent.tuning.pairs import Imported, correct, import_pairs
from agent.tuning.status import tuning_status
from agent.tuning.stored_pairs import StoredPair, listed_pairs
from agent.tuning.training.training import train
from knowledge.database import Database
from knowledge.embedding import Encoder
from knowledge.errors import InvalidInput
from tests.agent.pairs import ANSWERS, PAIRS, trainable, write_lines, write_pairs
from tests.agent.tuning.curated import events


async def test_importing_again_adds_nothing(database: Database, tmp_path: Path) -> None:
    file = write_pairs(tmp_path / "pairs.jsonl")
    assert await import_pairs(file, database) == Imported(added=13, updated=0, unchanged=0)
    assert await import_pairs(file, database) == Imported(added=0, updated=0, unchanged=13)


async def test_a_pair_given_to_fewer_people_is_no_longer_trained_on(
    database: Database, encoder: Encoder, tmp_path: Path
) -> None:
    file = write_pairs(tmp_path / "pairs.jsonl")
    await import_pairs(file, database)
    changed = await import_pairs(file, database, ("channel:C1",))
    assert changed == Imported(added=0, updated=13, unchanged=0)
    assert await trainable(database) == []
    with pytest.raises(TrainingError, match="tune import"):
        await train(database, encoder)


async def test_an_answer_longer_than_an_index_row_is_stored(
    database: Database, tmp_path: Path
) -> None:
    answer = " ".join(f"step{number:05}" for number in range(1_500))
    file = write_lines(tmp_path / "long.jsonl", [{"question": "How?", "answer": answer}])
    await import_pairs(file, database)
    ((pair,)) = [one.pair for one in await trainable(database)]
    assert pair.answer == answer


async def test_status_counts_pairs_and_topics(database: Database, tmp_path: Path) -> None:
    await import_pairs(write_pairs(tmp_path / "pairs.jsonl"), database)
    status = await tuning_status(database)
    assert (status.pairs, status.topics, status.live) == ({"approved": 13}, 5, None)


async def test_candidates_are_approved_by_a_file_that_says_so(
    database: Database, tmp_path: Path
) -> None:
    file = write_pairs(tmp_path / "pairs.jsonl")
    await import_pairs(file, database, author="ann", candidates=True)
    assert (await tuning_status(database)).pairs == {"candidate": 13}
    assert await trainable(database) == []
    assert await import_pairs(file, database, author="bob") == Imported(0, 0, 13)
    assert (await tuning_status(database)).pairs == {"approved": 13}
    async with database.engine.connect() as connection:
        pairs = await listed_pairs(connection)
    assert {one.author for one in pairs} == {"ann"}
    assert await events(database, pairs[0].id) == [("approve", "imported as approved", "bob")]


async def test_pairs_are_found_by_state_topic_and_words(database: Database, tmp_path: Path) -> None:
    await import_pairs(write_pairs(tmp_path / "pairs.jsonl"), database)

    async def found(**wanted: Any) -> list[StoredPair]:
        async with database.engine.connect() as connection:
            return await listed_pairs(connection, **wanted)

    assert len(await found(state="approved")) == len(await found()) == 13
    assert await found(state="stale") == []
    assert {one.topic for one in await found(topic="GRI")} == {"grid"}
    assert {one.topic for one in await found(search="高铁")} == {"salt"}
    assert {one.topic for one in await found(search="50%")} == set()
    newest, *_ = await found(limit=2)
    assert (newest.language, newest.origin, newest.source) == ("zh", "file", "pairs.jsonl")


async def test_a_correction_is_taught_at_once_instead_of_what_was_wrong(
    database: Database, tmp_path: Path
) -> None:
    await import_pairs(write_pairs(tmp_path / "pairs.jsonl"), database)
    question, topic = PAIRS[0]
    elsewhere = await correct(database, question, "Ask C1.", "ann", audience=("channel:C1",))
    number = await correct(database, question, "At 3 points.", "ann", topic=topic)
    assert await correct(database, question, "At 3 points.", "ann", topic=topic) == number
    taught = {one.pair_id: one.pair for one in await trainable(database)}
    assert [one.answer for one in taught.values() if one.question == question] == ["At 3 points."]
    assert len(taught) == 13
    ours = {one.pair_id for one in await trainable(database, ("channel:C1",))}
    assert ours == {*taught, elsewhere}
    async with database.engine.connect() as connection:
        (wrong,) = await listed_pairs(connection, state="rejected")
    assert (wrong.answer, wrong.note) == (ANSWERS[topic], f"corrected by {number}")
    await undo(database, "ann", pair_id=wrong.id)
    assert len(await trainable(database)) == 14


def test_questions_may_come_without_answers(tmp_path: Path) -> None:
    lines = write_lines(
        tmp_path / "held.jsonl", [{"question": "Q?"}, {"prompt": "R?", "completion": "A"}]
    )
    plain = tmp_path / "held.txt"
    plain.write_text("Q?\n\n R? \n")
    assert read_questions(lines) == read_questions(plain) == ["Q?", "R?"]
    with pytest.raises(InvalidInput, match=r"held\.jsonl, line 1: question must be"):
        read_questions(write_lines(tmp_path / "held.jsonl", [{"other": "Q?"}]))


def test_chat_messages_are_pairs_and_a_missing_topic_comes_from_the_answer(tmp_path: Path) -> None:
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": " Where do we park? "},
        {"role": "assistant", "content": "Behind the house, on the left of the old gate, please."},
    ]
    file = write_lines(tmp_path / "chat.jsonl", [{"messages": messages}])
    assert read_pairs(file) == [
        Pair(
            "Where do we park?",
            "Behind the house, on the left of the old gate, please.",
            "Behind the house, on the left of the…",
        )
    ]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "not JSON"),
        ("[1]", "expected an object"),
        ('{"question": "Q"}', "answer must be a text"),
        ('{"question": " ", "answer": "A"}', "question must be a text"),
        ('{"question": "Q", "answer": 3}', "answer must be a text"),
        ('{"question": "Q", "answer": "A\\u0000"}', "cannot be stored"),
        ('{"question": "Q\\ud800", "answer": "A"}', "cannot be stored"),
        ('{"question": "%s", "answer": "A"}' % ("q" * 2_001), "at most 2000"),
        ('{"messages": [{"role": "user", "content": "Q"}]}', "then one assistant"),
        ('{"messages": "Q"}', "then one assistant"),
        ('{"question": "Q", "answer": "AKIA%s"}' % ("A" * 16), "looks like an AWS access key"),
    ],
)
def test_a_malformed_line_is_named(tmp_path: Path, line: str, says: str) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text('{"question": "Q", "answer": "A"}\n\n' + line + "\n")
    with pytest.raises(InvalidInput, match=f"bad.jsonl, line 3: .*{says}"):
        read_pairs(file)


def test_an_empty_file_is_no_import(tmp_path: Path) -> None:
    file = tmp_path / "empty.jsonl"
    file.write_text("\n")
    with pytest.raises(InvalidInput, match="holds no pairs"):
        read_pairs(file)


SHAPES = {
    "a.jsonl": (
        '{"conversations": [{"from": "human", "value": "Q?"}, {"from": "gpt", "value": "A"}]}'
    ),
    "b.json": '[{"instruction": "Q?", "input": "", "output": "A"}]',
    "c.json": '[{"prompt": "Q?", "completion": "A"}]',
    "d.csv": "\ufeffQuestion,Answer,Topic\nQ?,A,\n",
    "e.csv": 'instruction,input,output\n"Q?",,"A"\n',
}


@pytest.mark.parametrize("name", SHAPES)
def test_the_shapes_that_trainers_know_are_pairs(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_text(SHAPES[name])
    assert read_pairs(file) == [Pair("Q?", "A", "A")]


def test_what_an_instruction_is_about_belongs_to_the_question(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text('[{"instruction": "Translate.", "input": "Probe", "output": "探头"}]')
    (pair,) = read_pairs(file)
    assert pair.question == "Translate.\nProbe"


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.json", '{"question": "Q"}', "a.json: expected a list"),
        ("a.json", "[3]", "a.json, entry 1: expected an object"),
        ("a.csv", "q,a\n1,2\n", "a.csv, line 1: expected the columns question and answer"),
        ("a.csv", "question,answer\nQ,A,B\n", "a.csv, line 2: more cells than columns"),
        ("a.csv", "question,answer\nQ\n", "a.csv, line 2: answer must be a text"),
        ("a.csv", "question,answer\n", "holds no pairs"),
        ("a.jsonl", '{"conversations": [{"from": "gpt", "value": "A"}]}', "then one assistant"),
    ],
)
def test_other_shapes_are_named_by_file_and_line(
    tmp_path: Path, name: str, text: str, says: str
) -> None:
    file = tmp_path / name
    file.write_text(text)
    with pytest.raises(InvalidInput, match=says):
        read_pairs(file)
