"""The question set as curated pairs to be: each question with the sentence that answers it."""

import asyncio
import json
from pathlib import Path

from sqlalchemy import text

from agent.reading.extractive import LIMIT
from agent.reading.sentences import sentences
from agent.tuning.pair_files import Lineage, Pair
from knowledge.database import Database
from knowledge.errors import InvalidInput

_LONGEST_TOPIC = 200

_QUESTIONS = text("""
    SELECT question.text AS question, answer, chunk.text AS passage, title, document.id, version,
        audience, uri
    FROM question JOIN chunk ON chunk.id = chunk_id
    JOIN document ON document.id = question.document_id
    WHERE answer <> '' ORDER BY question.id
""")


async def question_pairs(database: Database) -> list[tuple[Pair, str]]:
    """A pair for each question that has an answer, with the address of its document.

    Raises InvalidInput where no question has one.
    """
    async with database.engine.connect() as connection:
        rows = (await connection.execute(_QUESTIONS)).all()
    if not rows:
        raise InvalidInput(
            "no question of the set has an answer: `knowhow questions generate` writes them with it"
        )
    return [
        (
            Pair(
                row.question,
                _sentence(row.answer, row.passage),
                row.title[:_LONGEST_TOPIC],
                Lineage(row.id, row.version, tuple(row.audience)),
            ),
            row.uri,
        )
        for row in rows
    ]


async def export_pairs(file: Path, database: Database) -> int:
    """Write JSONL that `tune import` takes, with each pair's lineage; returns their number.

    To be looked through first: what is imported is taught. Raises InvalidInput when the file
    cannot be written, or no question has an answer.
    """
    lines = [
        {
            "question": one.question,
            "answer": one.answer,
            "topic": one.topic,
            "document_id": one.lineage and one.lineage.document_id,
            "document_version": one.lineage and one.lineage.document_version,
            "audience": one.lineage and list(one.lineage.audience),
        }
        for one, _ in await question_pairs(database)
    ]
    content = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines)
    try:
        await asyncio.to_thread(file.write_text, content, encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"{file} cannot be written: {error.strerror}") from error
    return len(lines)


def _sentence(answer: str, passage: str) -> str:
    """The passage's sentence that holds the answer, where it is not much longer than an answer."""
    holding = (one for one in sentences(passage) if answer.casefold() in one.casefold())
    found = next(holding, answer)
    return found if len(found) <= LIMIT else answer
