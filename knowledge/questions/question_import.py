"""A team's own questions, from a file or a BEIR folder, to the chunks that answer them."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from knowledge.beir import numbered_lines, read_qrels, read_queries
from knowledge.database import Database
from knowledge.embedding import Encoder
from knowledge.errors import InvalidInput
from knowledge.parsing.decoding import clean
from knowledge.questions.question_set import Answered, Place, add_questions
from knowledge.terms import index_terms

_LONGEST = 2_000

_PLACES = text("""
    SELECT uri, source, chunk.id, document_id, chunk.text, title, heading, md5(chunk.text)
    FROM chunk JOIN document ON document.id = document_id
    WHERE uri = ANY(:named) OR source = ANY(:named)
    ORDER BY chunk.id
""")


@dataclass(frozen=True, slots=True)
class Given:
    """A question as given: which document answers it, and in what words if that is known."""

    where: str
    question: str
    document: str
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did; ``unresolved`` says of each question left out where it stands and why."""

    added: int
    unchanged: int
    unresolved: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """For ``knowhow questions import --json``."""
        return {
            "added": self.added,
            "unchanged": self.unchanged,
            "unresolved": list(self.unresolved),
        }


async def import_questions(path: Path, database: Database, encoder: Encoder) -> Imported:
    """Store the questions at the passages that answer them.

    That is the passage of the named document that holds the answer, else the one that shares most
    of the question's terms. Raises InvalidInput for a file that is not what it should be.
    """
    given = await asyncio.to_thread(_read, path)
    if not given:
        raise InvalidInput(f"{path} holds no questions")
    named = sorted({one.document for one in given})
    places: defaultdict[str, list[Place]] = defaultdict(list)
    async with database.engine.connect() as connection:
        rows = await connection.execute(_PLACES, {"named": named})
        for uri, source, number, document, content, title, heading, digest in rows:
            place = Place(number, document, content, title, tuple(heading), digest)
            for name in {uri, source}:
                places[name].append(place)
    answered, unresolved = [], []
    for one in given:
        if one.document in places:
            answered.append(placed(one, places[one.document]))
        else:
            unresolved.append(f"{one.where}: no document {one.document!r} is in the library")
    added = await add_questions(answered, database, encoder, "import")
    return Imported(added, len(answered) - added, tuple(unresolved))


def placed(given: Given, places: Sequence[Place]) -> Answered:
    """The question at the passage that holds its answer, else at the one that shares most terms."""
    for answer in given.answers:
        wanted = " ".join(answer.split()).lower()
        for place in places:
            if wanted and wanted in " ".join(place.text.split()).lower():
                return Answered(given.question, answer, place)
    asked = set(index_terms(given.question))
    best = max(places, key=lambda place: len(asked & set(index_terms(place.text))))
    return Answered(given.question, "", best)


def _read(path: Path) -> list[Given]:
    return _folder(path) if path.is_dir() else _file(path)


def _folder(directory: Path) -> list[Given]:
    grades = read_qrels(directory)
    return [
        Given(f"{directory} question {query.id}", query.text, document, query.answers)
        for query in read_queries(directory)
        for document, grade in grades.get(query.id, {}).items()
        if grade > 0
    ]


def _file(path: Path) -> list[Given]:
    return [_line(f"{path} line {number}", line) for number, line in numbered_lines(path)]


def _line(where: str, line: bytes) -> Given:
    expected = 'expected {"question": string, "document": uri, "answer": string?}'
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{where}: not JSON; {expected}") from error
    if not isinstance(fields, dict):
        raise InvalidInput(f"{where}: not an object; {expected}")
    question, document = fields.get("question"), fields.get("document")
    answer = fields.get("answer") or ""
    if not all(isinstance(value, str) for value in (question, document, answer)):
        raise InvalidInput(f"{where}: {expected}")
    words = " ".join(clean(str(question)).split())
    if not 0 < len(words) <= _LONGEST:
        raise InvalidInput(f"{where}: a question has 1 to {_LONGEST:,} characters")
    return Given(where, words, str(document), _some(clean(answer)))


def _some(answer: str) -> tuple[str, ...]:
    return (answer,) if answer.strip() else ()
