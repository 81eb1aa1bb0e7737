"""Curated question/answer pairs: read from a file, stored, and given to training."""

import asyncio
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Result, any_, func, literal, literal_column, or_, select
from sqlalchemy.dialects.postgresql import insert

from agent.learned.stale_pairs import is_current
from agent.tables import pair
from knowledge.database import Database
from knowledge.documents import EVERYONE, parse_audience
from knowledge.errors import InvalidInput

_LONGEST_QUESTION = 2_000
_LONGEST_ANSWER = 20_000
_LONGEST_TOPIC = 200
_TOPIC_WORDS = 8
_BATCH = 1_000


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


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did; ``updated`` pairs were known and got another topic or audience."""

    added: int
    updated: int
    unchanged: int


def read_pairs(path: Path) -> list[Pair]:
    """Read JSONL of ``{"question", "answer", "topic"?}`` or of chat ``messages``.

    ``document_id``, ``document_version`` and ``audience`` say what a pair was made from.

    Raises InvalidInput naming file and line for anything else: a pair dropped in silence would be
    missed only when somebody asks for it.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} cannot be read as UTF-8 text: {error}") from error
    pairs = list(_pairs(path, text))
    if not pairs:
        raise InvalidInput(f'{path} holds no pairs: write {{"question": …, "answer": …}} per line')
    return pairs


async def import_pairs(
    path: Path, database: Database, audience: tuple[str, ...] = (EVERYONE,)
) -> Imported:
    """Store a file's pairs as approved, all or none; those already there are left as they are.

    A pair that names the document it was made from keeps that document's audience, whatever is
    said of the file. Raises InvalidInput as `read_pairs` does.
    """
    pairs = {found.digest: found for found in await asyncio.to_thread(read_pairs, path)}
    rows = [
        {
            "question": found.question,
            "answer": found.answer,
            "topic": found.topic,
            "digest": digest,
            "audience": list(found.lineage.audience if found.lineage else audience),
            "source": path.name,
            "document_id": found.lineage and found.lineage.document_id,
            "document_version": found.lineage and found.lineage.document_version,
        }
        for digest, found in pairs.items()
    ]
    added = updated = 0
    async with database.engine.begin() as connection:
        for start in range(0, len(rows), _BATCH):
            written = insert(pair).values(rows[start : start + _BATCH])
            new = written.excluded
            # xmax is 0 on a row that the statement inserted, and set on one that it updated.
            result: Result[tuple[bool]] = await connection.execute(
                written.on_conflict_do_update(
                    index_elements=[pair.c.digest],
                    set_={
                        "topic": new.topic,
                        "audience": new.audience,
                        "document_id": func.coalesce(new.document_id, pair.c.document_id),
                        "document_version": func.coalesce(
                            new.document_version, pair.c.document_version
                        ),
                    },
                    where=or_(
                        pair.c.topic != new.topic,
                        pair.c.audience != new.audience,
                        pair.c.document_id.is_distinct_from(new.document_id),
                        pair.c.document_version.is_distinct_from(new.document_version),
                    ),
                ).returning(literal_column("(xmax = 0)"))
            )
            inserted = [bool(row[0]) for row in result]
            added += sum(inserted)
            updated += len(inserted) - sum(inserted)
    return Imported(added, updated, len(rows) - added - updated)


async def trainable_pairs(database: Database) -> list[Pair]:
    """The approved pairs that still hold and that everyone may see, for anyone may ask."""
    query = (
        select(pair.c.question, pair.c.answer, pair.c.topic)
        .where(is_current(), literal(EVERYONE) == any_(pair.c.audience))
        .order_by(pair.c.digest)
    )
    async with database.engine.connect() as connection:
        return [Pair(*row) for row in await connection.execute(query)]


def _pairs(path: Path, text: str) -> Iterator[Pair]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InvalidInput(f"{where}: not JSON ({error})") from error
        if not isinstance(record, dict):
            raise InvalidInput(f"{where}: expected an object with question and answer")
        question, answer = _messages(record, where) if "messages" in record else _fields(record)
        checked = _checked(question, answer, record.get("topic"), where)
        yield replace(checked, lineage=_lineage(record, where))


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


def _fields(record: dict[str, Any]) -> tuple[Any, Any]:
    return record.get("question"), record.get("answer")


def _messages(record: dict[str, Any], where: str) -> tuple[Any, Any]:
    """One user message and one assistant message; a system message is about style, not the pair."""
    messages = record["messages"]
    spoken: list[tuple[Any, Any]] = []
    if isinstance(messages, list) and all(isinstance(m, dict) for m in messages):
        spoken = [(m.get("role"), m.get("content")) for m in messages if m.get("role") != "system"]
    if [role for role, _ in spoken] != ["user", "assistant"]:
        raise InvalidInput(f"{where}: messages must be one user's, then one assistant's")
    return spoken[0][1], spoken[1][1]


def _checked(question: object, answer: object, topic: object, where: str) -> Pair:
    """The pair, stripped, or InvalidInput."""
    asked = _text(question, "question", _LONGEST_QUESTION, where)
    answered = _text(answer, "answer", _LONGEST_ANSWER, where)
    if topic is None or topic == "":
        words = answered.split()
        topic = " ".join(words[:_TOPIC_WORDS])[: _LONGEST_TOPIC - 1]
        topic += "…" if len(words) > _TOPIC_WORDS else ""
    return Pair(asked, answered, _text(topic, "topic", _LONGEST_TOPIC, where))


def _text(value: object, name: str, longest: int, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InvalidInput(f"{where}: {name} must be a text that is not empty")
    value = value.strip()
    if len(value) > longest:
        raise InvalidInput(f"{where}: {name} has {len(value)} characters, at most {longest} fit")
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise InvalidInput(f"{where}: {name} holds a character that cannot be stored")
    return value
