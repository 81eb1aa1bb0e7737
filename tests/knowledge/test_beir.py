import json
from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge.beir import (
    CorpusEntry,
    Turn,
    parse_entry,
    read_corpus,
    read_qrels,
    read_queries,
    read_unanswerable,
)
from knowledge.documents import Query
from knowledge.errors import InvalidInput

CORPUS = '{"_id": "a", "title": "T", "text": "x"}\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "qrels").mkdir()
    (tmp_path / "corpus.jsonl").write_text(CORPUS)
    (tmp_path / "queries.jsonl").write_text('{"_id": "q", "text": "what?"}\n')
    (tmp_path / "unanswerable.jsonl").write_text('{"_id": "u", "text": "who?"}\n')
    (tmp_path / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq\ta\t1\nq\tb\t0\n")
    return tmp_path


def test_a_folder_is_read(folder: Path) -> None:
    assert list(read_corpus(folder)) == [CorpusEntry("a", "T", "x")]
    assert [query.query for query in read_queries(folder)] == [Query("what?")]
    assert [query.text for query in read_unanswerable(folder)] == ["who?"]
    assert read_qrels(folder) == {"q": {"a": 1, "b": 0}}


def test_blank_lines_a_byte_order_mark_and_a_missing_header_do_no_harm(folder: Path) -> None:
    (folder / "corpus.jsonl").write_bytes(b"\xef\xbb\xbf\n" + CORPUS.encode() + b"\n  \n")
    (folder / "qrels" / "test.tsv").write_text("q\ta\t2\r\n\n")
    assert len(list(read_corpus(folder))) == 1
    assert read_qrels(folder) == {"q": {"a": 2}}


def test_turns_are_the_users_earlier_ones_and_answers_are_kept(folder: Path) -> None:
    turns = [("user", "first"), ("agent", "reply"), ("user", "second"), ("user", "last? ")]
    line = {
        "_id": 7,
        "text": "last?",
        "turns": [{"speaker": speaker, "text": text} for speaker, text in turns],
        "answers": ["one", "two"],
    }
    (folder / "queries.jsonl").write_text(json.dumps(line))
    (query,) = read_queries(folder)
    assert query.id == "7"
    assert query.turns[1] == Turn("agent", "reply")
    assert query.query == Query("last?", ("first", "second"))
    assert query.answers == ("one", "two")


def test_a_document_with_only_a_title_has_it_as_its_text() -> None:
    parsed = parse_entry(b'{"_id": "a", "title": "Only", "text": ""}', "here").parsed
    assert (parsed.title, parsed.text) == ("Only", "Only")


def test_what_postgres_cannot_hold_is_taken_out() -> None:
    entry = parse_entry(b'{"_id": "a\\u0000", "title": null, "text": "x\\u0000y\\ud800"}', "here")
    assert entry == CorpusEntry("a", "", "xy")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (b"{", "not JSON; expected"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[1]", "not an object"),
        (b'{"text": "x"}', "_id is missing or not a string"),
        (b'{"_id": true, "text": "x"}', "_id is missing"),
        (b'{"_id": "", "text": "x"}', "1 to 1000 characters"),
        (json.dumps({"_id": "x" * 1001, "text": "x"}).encode(), "1 to 1000 characters"),
        (b'{"_id": "b", "text": 5}', "text is missing or not a string"),
        (b'{"_id": "b", "title": "", "text": " "}', "both text and title are empty"),
        (b'{"_id": "a", "text": "again"}', "'a' was already used"),
        (b"[" * 100_000, "not JSON"),
        (b"9" * 10_000, "not JSON"),
    ],
)
def test_a_malformed_corpus_line_is_named(folder: Path, line: bytes, complaint: str) -> None:
    path = folder / "corpus.jsonl"
    path.write_bytes(CORPUS.encode() + b"\n" + line + b"\n")
    with pytest.raises(InvalidInput) as caught:
        list(read_corpus(folder))
    assert str(caught.value).startswith(f"{path} line 3: ")
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('{"_id": "r"}', "text is missing"),
        ('{"_id": "r", "text": "  "}', "text is empty"),
        ('{"_id": "r", "text": "x", "turns": "y"}', "turns is not a list"),
        ('{"_id": "r", "text": "x", "turns": ["y"]}', "a turn is not an object"),
        ('{"_id": "r", "text": "x", "turns": [{"speaker": "user"}]}', "text is missing"),
        ('{"_id": "r", "text": "x", "answers": [1]}', "answers is missing or not a string"),
        ('{"_id": "q", "text": "x"}', "_id 'q' was already used"),
    ],
)
def test_a_malformed_query_line_is_named(folder: Path, line: str, complaint: str) -> None:
    path = folder / "queries.jsonl"
    with path.open("a") as file:
        file.write(line)
    with pytest.raises(InvalidInput) as caught:
        read_queries(folder)
    assert str(caught.value).startswith(f"{path} line 2: {complaint}")


@pytest.mark.parametrize("line", ["q a 1", "q\ta", "q\ta\tb", "q\ta\t1\tx", "q\ta\t1.5"])
def test_a_malformed_judgement_is_named(folder: Path, line: str) -> None:
    path = folder / "qrels" / "test.tsv"
    path.write_text(f"query-id\tcorpus-id\tscore\n{line}\n")
    with pytest.raises(InvalidInput, match="line 2: expected query-id, corpus-id and a whole"):
        read_qrels(folder)


@pytest.mark.parametrize("read", [read_queries, read_unanswerable, read_qrels])
def test_a_missing_file_is_one_clear_line(read: Callable[[Path], object], tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="a BEIR folder needs this file") as caught:
        read(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_missing_corpus_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"there is no .*corpus\.jsonl"):
        list(read_corpus(tmp_path))
    (tmp_path / "corpus.jsonl").mkdir()
    with pytest.raises(InvalidInput, match="cannot be read: Is a directory"):
        list(read_corpus(tmp_path))
