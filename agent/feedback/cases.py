"""Verified answers as cases that an evaluation should get right."""

import asyncio
import json
from pathlib import Path

from sqlalchemy import select

from agent.feedback_tables import verified_answer as table
from knowledge.database import Database
from knowledge.errors import InvalidInput


async def cases(database: Database) -> list[tuple[str, str]]:
    """Every live verified question with its answer, oldest first."""
    query = select(table.c.question, table.c.answer).where(table.c.state == "live")
    async with database.engine.connect() as connection:
        rows = await connection.execute(query.order_by(table.c.id))
        return [(row.question, row.answer) for row in rows]


async def export_cases(file: Path, database: Database) -> int:
    """Write them as ``evaluate domain`` and ``tune evaluate`` take them; returns their number.

    Raises InvalidInput when there are none, or the file cannot be written.
    """
    found = await cases(database)
    if not found:
        raise InvalidInput("no answer is verified yet: people correct and give them in Slack")
    lines = [json.dumps({"question": q, "answer": a}, ensure_ascii=False) for q, a in found]
    text = "".join(f"{line}\n" for line in lines)
    try:
        await asyncio.to_thread(file.write_text, text, encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"{file} cannot be written: {error.strerror}") from error
    return len(found)
