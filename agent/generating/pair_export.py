"""The question set as curated pairs to be: each question with the sentence that answers it."""

import asyncio
import json
from pathlib import Path

from sqlalchemy import text

from agent.reading.extractive import LIMIT
from agent.reading.sentences import sentences
from knowledge.database import Database
from knowledge.errors import InvalidInput

_LONGEST_TOPIC = 200

_QUESTIONS = text("""
    SELECT question.text AS question, answer, chunk.text AS passage, title, document.id, version,
        audience
    FROM question JOIN chunk ON chunk.id = chunk_id
    JOIN document ON document.id = question.document_id
    WHERE answer <> '' ORDER BY question.id
""")


async def export_pairs(file: Path, database: Database) -> int:
    """Write JSONL that `tune import` takes, with each pair's lineage; returns their number.

    To be looked through first: what is imported is taught. Raises InvalidInput when the file
    cannot be written, or no question has an answer.
    """
    async with database.engine.connect() as connection:
        rows = (await connection.execute(_QUESTIONS)).all()
    if not rows:
        raise InvalidInput(
            "no question of the set has an answer: `knowhow questions generate` writes them with it"
        )
    lines = [
        {
            "question": row.question,
            "answer": _sentence(row.answer, row.passage),
            "topic": row.title[:_LONGEST_TOPIC],
            "document_id": row.id,
            "document_version": row.version,
            "audience": list(row.audience),
        }
        for row in rows
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
