from pathlib import Path

import pytest

from agent.errors import TrainingError
from agent.tuning.pairs import Imported, Pair, import_pairs, read_pairs, trainable_pairs
from agent.tuning.status import tuning_status
from agent.tuning.training import train
from knowledge.database import Database
from knowledge.embedding import Encoder
from knowledge.errors import InvalidInput
from tests.agent.pairs import write_lines, write_pairs


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
    assert await trainable_pairs(database) == []
    with pytest.raises(TrainingError, match="tune import"):
        await train(database, encoder)


async def test_an_answer_longer_than_an_index_row_is_stored(
    database: Database, tmp_path: Path
) -> None:
    answer = " ".join(f"step{number:05}" for number in range(1_500))
    file = write_lines(tmp_path / "long.jsonl", [{"question": "How?", "answer": answer}])
    await import_pairs(file, database)
    (pair,) = await trainable_pairs(database)
    assert pair.answer == answer


async def test_status_counts_pairs_and_topics(database: Database, tmp_path: Path) -> None:
    await import_pairs(write_pairs(tmp_path / "pairs.jsonl"), database)
    status = await tuning_status(database)
    assert (status.pairs, status.topics, status.live) == ({"approved": 13}, 5, None)


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
