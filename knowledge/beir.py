"""Reading a BEIR folder (Thakur et al. 2021): corpus, queries, judgements, all hostile input.

``turns`` and ``answers`` of a query and ``unanswerable.jsonl`` are additions to the format. A line
that is not what it should be raises InvalidInput with its file, its number and what is expected.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from knowledge.documents import Query
from knowledge.errors import InvalidInput
from knowledge.parsing.decoding import clean
from knowledge.parsing.parsed import MAX_TITLE, Parsed

CORPUS = "corpus.jsonl"

_ID_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class CorpusEntry:
    """One document of a corpus; ``title`` may be empty, ``text`` is empty only if it is not."""

    id: str
    title: str
    text: str

    @property
    def parsed(self) -> Parsed:
        """As every other document: where there is only a title, it is the text."""
        return Parsed(self.title[:MAX_TITLE], self.text or self.title)


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the conversation that a query ends."""

    speaker: str
    text: str


@dataclass(frozen=True, slots=True)
class BeirQuery:
    """One question; ``answers`` are gold answers, any of which is right."""

    id: str
    text: str
    turns: tuple[Turn, ...] = ()
    answers: tuple[str, ...] = ()

    @property
    def query(self) -> Query:
        """What search is given: the question and the user's earlier turns, oldest first.

        A conversation that already ends with the question is not given it twice.
        """
        turns = [turn.text for turn in self.turns if turn.speaker == "user"]
        if turns and turns[-1].strip() == self.text.strip():
            turns.pop()
        return Query(self.text, tuple(turns))


def read_corpus(directory: Path) -> Iterator[CorpusEntry]:
    """The documents of ``corpus.jsonl``, in the file's order."""
    path = directory / CORPUS
    seen: set[str] = set()
    for number, line in numbered_lines(path):
        entry = parse_entry(line, f"{path} line {number}")
        if entry.id in seen:
            raise InvalidInput(f"{path} line {number}: _id {entry.id!r} was already used")
        seen.add(entry.id)
        yield entry


def parse_entry(line: bytes, where: str) -> CorpusEntry:
    """Read one line of a corpus; ``where`` names it in the InvalidInput of a malformed one."""
    expected = 'expected {"_id": string, "title": string, "text": string}'
    fields = _object(line, where, expected)
    entry = CorpusEntry(
        _id(fields, where, expected),
        " ".join(_text(fields.get("title") or "", "title", where, expected).split()),
        _text(fields.get("text") or "", "text", where, expected).strip(),
    )
    if not entry.text and not entry.title:
        raise InvalidInput(f"{where}: both text and title are empty; {expected}")
    return entry


def read_queries(directory: Path) -> tuple[BeirQuery, ...]:
    """The questions of ``queries.jsonl``."""
    return _queries(directory / "queries.jsonl")


def read_unanswerable(directory: Path) -> tuple[BeirQuery, ...]:
    """The questions of ``unanswerable.jsonl``, which the corpus holds no answer to."""
    return _queries(directory / "unanswerable.jsonl")


def read_qrels(directory: Path) -> Mapping[str, Mapping[str, int]]:
    """``qrels/test.tsv`` as query id → document id → grade (0: judged and not relevant)."""
    path = directory / "qrels" / "test.tsv"
    expected = "expected query-id, corpus-id and a whole-number score, parted by tabs"
    grades: dict[str, dict[str, int]] = {}
    for number, line in numbered_lines(path):
        parts = _decoded(line, f"{path} line {number}", expected).rstrip("\r\n").split("\t")
        if number == 1 and parts[0] == "query-id":
            continue
        try:
            query, document, score = parts
            grades.setdefault(query, {})[document] = int(score)
        except ValueError as error:
            raise InvalidInput(f"{path} line {number}: {expected}") from error
    return grades


def numbered_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Numbered lines of a file that are not blank, read as they are asked for."""
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                content = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
                if content.strip():
                    yield number, content
    except FileNotFoundError as error:
        raise InvalidInput(f"there is no {path}: a BEIR folder needs this file") from error
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror or error}") from error


def _queries(path: Path) -> tuple[BeirQuery, ...]:
    expected = (
        'expected {"_id": string, "text": string} and optionally '
        '"turns": [{"speaker": string, "text": string}], "answers": [string]'
    )
    found: dict[str, BeirQuery] = {}
    for number, line in numbered_lines(path):
        where = f"{path} line {number}"
        fields = _object(line, where, expected)
        query = BeirQuery(
            _id(fields, where, expected),
            _text(fields.get("text"), "text", where, expected),
            tuple(_turn(turn, where, expected) for turn in _list(fields, "turns", where, expected)),
            tuple(
                _text(answer, "answers", where, expected)
                for answer in _list(fields, "answers", where, expected)
            ),
        )
        if not query.text.strip():
            raise InvalidInput(f"{where}: text is empty; {expected}")
        if query.id in found:
            raise InvalidInput(f"{where}: _id {query.id!r} was already used")
        found[query.id] = query
    return tuple(found.values())


def _turn(value: object, where: str, expected: str) -> Turn:
    if not isinstance(value, dict):
        raise InvalidInput(f"{where}: a turn is not an object; {expected}")
    return Turn(
        _text(value.get("speaker"), "speaker", where, expected),
        _text(value.get("text"), "text", where, expected),
    )


def _decoded(line: bytes, where: str, expected: str) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{where}: not UTF-8; {expected}") from error


def _object(line: bytes, where: str, expected: str) -> dict[str, object]:
    try:
        value = json.loads(_decoded(line, where, expected))
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{where}: not JSON; {expected}") from error
    if not isinstance(value, dict):
        raise InvalidInput(f"{where}: not an object; {expected}")
    return value


def _id(fields: Mapping[str, object], where: str, expected: str) -> str:
    value = fields.get("_id")
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    text = _text(value, "_id", where, expected)
    if not text or len(text) > _ID_LIMIT:
        raise InvalidInput(f"{where}: _id must have 1 to {_ID_LIMIT} characters; {expected}")
    return text


def _text(value: object, name: str, where: str, expected: str) -> str:
    if not isinstance(value, str):
        raise InvalidInput(f"{where}: {name} is missing or not a string; {expected}")
    return clean(value)  # JSON may escape a NUL or half a surrogate pair


def _list(fields: Mapping[str, object], name: str, where: str, expected: str) -> Sequence[object]:
    value = fields.get(name)
    if value is None:
        return ()
    if not isinstance(value, list):
        raise InvalidInput(f"{where}: {name} is not a list; {expected}")
    return value
