"""Question/answer pairs as files have them: JSONL, JSON, CSV, in the shapes that trainers know.

Shapes: ``{"question", "answer"}``; OpenAI's ``messages``; LLaMA-Factory's Alpaca (``instruction``,
``input``, ``output``) and ShareGPT (``conversations``); ``prompt`` and ``completion``.
"""

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from knowledge.documents import parse_audience
from knowledge.errors import InvalidInput
from knowledge.secret_patterns import secret_in

_LONGEST_QUESTION = 2_000
_LONGEST_ANSWER = 20_000
_LONGEST_TOPIC = 200
_TOPIC_WORDS = 8

_ASKERS, _ANSWERERS = frozenset({"user", "human"}), frozenset({"assistant", "gpt"})
_SILENT = frozenset({"system"})
_COLUMNS = (("question", "answer"), ("prompt", "completion"), ("instruction", "output"))


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and the team's answer to it; many questions may share an answer."""

    question: str
    answer: str
    topic: str
    lineage: "Lineage | None" = None

    @property
    def digest(self) -> str:
        """Its identity: the same question and answer are the same pair, whatever the topic."""
        return hashlib.sha256(f"{self.question}\0{self.answer}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Lineage:
    """The version of a document that a pair was made from, and who may see that document."""

    document_id: int
    document_version: int
    audience: tuple[str, ...]


def read_pairs(path: Path, *, secrets: bool = False) -> list[Pair]:
    """Read every pair of a file; ``.csv`` by its header, ``.json`` as a list, else a line each.

    ``topic`` may be given; ``document_id``, ``document_version`` and ``audience`` say what a pair
    was made from. Raises InvalidInput naming file and line for anything else: a pair dropped in
    silence would be missed only when somebody asks for it. ``secrets`` lets keys and passwords
    through, for cleaning to find.
    """
    records = _records(path, _file_text(path))
    pairs = [_pair(record, where, secrets=secrets) for record, where in records]
    if not pairs:
        raise InvalidInput(f'{path} holds no pairs: write {{"question": …, "answer": …}} per line')
    return pairs


def read_questions(path: Path) -> list[str]:
    """Read the question of every pair of a file; answers may be missing, ``.txt`` has one a line.

    Raises InvalidInput naming file and line.
    """
    text = _file_text(path)
    if path.suffix.lower() == ".txt":
        return [line.strip() for line in text.split("\n") if line.strip()]
    questions = []
    for record, where in _records(path, text):
        asked = record.get("question") if isinstance(record, dict) else None
        if asked is None:
            asked = _pair(record, where, secrets=True).question
        questions.append(_text(asked, "question", _LONGEST_QUESTION, where))
    return questions


def _file_text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} cannot be read as UTF-8 text: {error}") from error


def _records(path: Path, text: str) -> Iterator[tuple[object, str]]:
    """What stands on each line, entry or row, and where that is."""
    return {".csv": _rows, ".json": _list}.get(path.suffix.lower(), _lines)(path, text)


def _lines(path: Path, text: str) -> Iterator[tuple[object, str]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            where = f"{path}, line {number}"
            yield _json(line, where), where


def _list(path: Path, text: str) -> Iterator[tuple[object, str]]:
    records = _json(text, str(path))
    if not isinstance(records, list):
        raise InvalidInput(f"{path}: expected a list of pairs")
    for number, record in enumerate(records, 1):
        yield record, f"{path}, entry {number}"


def _rows(path: Path, text: str) -> Iterator[tuple[object, str]]:
    rows = csv.DictReader(text.splitlines(keepends=True), restkey="")
    header = {(name or "").strip().lower() for name in rows.fieldnames or ()}
    if not any(set(pair) <= header for pair in _COLUMNS):
        raise InvalidInput(f"{path}, line 1: expected the columns question and answer")
    try:
        for row in rows:
            if "" in row:
                raise InvalidInput(f"{path}, line {rows.line_num}: more cells than columns")
            yield (
                {name.strip().lower(): cell for name, cell in row.items()},
                (f"{path}, line {rows.line_num}"),
            )
    except csv.Error as error:
        raise InvalidInput(f"{path}, line {rows.line_num}: no row of a table ({error})") from error


def _json(text: str, where: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{where}: not JSON ({error})") from error


def _pair(record: object, where: str, *, secrets: bool) -> Pair:
    if not isinstance(record, dict):
        raise InvalidInput(f"{where}: expected an object with question and answer")
    if "messages" in record:
        question, answer = _spoken(record["messages"], "role", "content", where)
    elif "conversations" in record:
        question, answer = _spoken(record["conversations"], "from", "value", where)
    else:
        question, answer = _fields(record)
    checked = checked_pair(question, answer, record.get("topic"), where, secrets=secrets)
    return replace(checked, lineage=_lineage(record, where))


def _fields(record: Mapping[str, Any]) -> tuple[object, object]:
    """Alpaca's ``input`` is what its instruction is about, so it belongs to the question."""
    asked, answered = next((pair for pair in _COLUMNS if pair[0] in record), _COLUMNS[0])
    question, about = record.get(asked), record.get("input")
    if asked == "instruction" and isinstance(about, str) and about.strip():
        question = f"{question}\n{about}"
    return question, record.get(answered)


def _spoken(messages: object, role: str, content: str, where: str) -> tuple[object, object]:
    """One user message and one assistant message; a system message is about style, not the pair."""
    said: Sequence[Mapping[str, Any]] = ()
    if isinstance(messages, list) and all(isinstance(one, dict) for one in messages):
        said = [one for one in messages if one.get(role) not in _SILENT]
    asker, answerer = (one.get(role) for one in said) if len(said) == 2 else (None, None)  # noqa: PLR2004
    if asker not in _ASKERS or answerer not in _ANSWERERS:
        raise InvalidInput(f"{where}: messages must be one user's, then one assistant's")
    return said[0].get(content), said[1].get(content)


def _lineage(record: dict[str, Any], where: str) -> Lineage | None:
    document, version = record.get("document_id"), record.get("document_version")
    if document is None:
        return None
    audience = record.get("audience")
    numbers = (
        isinstance(n, int) and not isinstance(n, bool) and n > 0 for n in (document, version)
    )
    named = isinstance(audience, list) and all(isinstance(one, str) for one in audience)
    if not (all(numbers) and named and audience):
        raise InvalidInput(
            f"{where}: a pair made from a document names document_id, document_version and audience"
        )
    return Lineage(document, int(version or 0), parse_audience(",".join(audience)))


def checked_pair(
    question: object, answer: object, topic: object, where: str, *, secrets: bool = False
) -> Pair:
    """The pair, stripped, its topic derived where there is none.

    Raises InvalidInput, with ``where`` before it, for what cannot be stored or may not be taught.
    """
    asked = _text(question, "question", _LONGEST_QUESTION, where)
    answered = _text(answer, "answer", _LONGEST_ANSWER, where)
    if topic is None or topic == "":
        words = answered.split()
        topic = " ".join(words[:_TOPIC_WORDS])[: _LONGEST_TOPIC - 1]
        topic += "…" if len(words) > _TOPIC_WORDS else ""
    checked = Pair(asked, answered, _text(topic, "topic", _LONGEST_TOPIC, where))
    for name in () if secrets else ("question", "answer", "topic"):
        if kind := secret_in(getattr(checked, name)):
            raise InvalidInput(f"{where}: {name} holds what looks like {kind}: take it out")
    return checked


def _text(value: object, name: str, longest: int, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InvalidInput(f"{where}: {name} must be a text that is not empty")
    value = value.strip()
    if len(value) > longest:
        raise InvalidInput(f"{where}: {name} has {len(value)} characters, at most {longest} fit")
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise InvalidInput(f"{where}: {name} holds a character that cannot be stored")
    return value
