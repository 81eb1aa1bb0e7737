"""A hand of pairs in a real database, and what became of them."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from agent.tables import dataset, pair, pair_event, pair_review
from agent.tuning.pairs import import_pairs
from knowledge.database import Database
from tests.agent.pairs import write_lines

PARK = "Behind the house, on the left of the old gate."
LEAVE = "Ask your lead, then enter the days in the calendar."


async def put(
    database: Database,
    folder: Path,
    pairs: Iterable[tuple[str, str]],
    audience: tuple[str, ...] = ("everyone",),
    **how: Any,
) -> list[int]:
    """Import the pairs, and return their ids in the same order."""
    given = list(pairs)
    lines = [{"question": question, "answer": answer} for question, answer in given]
    await import_pairs(
        write_lines(folder / "pairs.jsonl", lines), database, audience, author="ann", **how
    )
    async with database.engine.connect() as connection:
        columns = (pair.c.id, pair.c.question, pair.c.answer)
        rows = (await connection.execute(select(*columns))).all()
    known = {(row.question, row.answer): int(row.id) for row in rows}
    return [known[one] for one in given]


async def states(database: Database) -> Mapping[int, str]:
    async with database.engine.connect() as connection:
        rows = await connection.execute(select(pair.c.id, pair.c.state).order_by(pair.c.id))
        return {row.id: row.state for row in rows}


async def written(database: Database) -> list[int]:
    """How many events, questions to a person and datasets there are."""
    async with database.engine.connect() as connection:
        return [
            await connection.scalar(select(func.count()).select_from(table)) or 0
            for table in (pair_event, pair_review, dataset)
        ]


async def events(database: Database, pair_id: int) -> list[tuple[str, str, str]]:
    """Action, reason and author, oldest first."""
    columns = (pair_event.c.action, pair_event.c.reason, pair_event.c.author)
    query = select(*columns).where(pair_event.c.pair_id == pair_id).order_by(pair_event.c.id)
    async with database.engine.connect() as connection:
        return [(row[0], row[1], row[2]) for row in await connection.execute(query)]
