"""Verified answers whose documents changed or went: vouched for again, or withdrawn."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text, update

from agent.feedback_tables import verified_answer as table
from knowledge.database import Database

STALE = """
    EXISTS (
        SELECT FROM unnest(documents, versions) AS rests (id, version)
        LEFT JOIN document ON document.id = rests.id
        WHERE document.version IS DISTINCT FROM rests.version
    )
"""
"""Of a row of ``verified_answer``: a document that it rests on has changed or gone."""

_ALL_STALE = text(f"""
    SELECT id, team, question, answer, author, author_name, created_at, documents
    FROM verified_answer
    WHERE (CAST(:team AS text) IS NULL OR team = :team) AND state = 'live' AND {STALE}
    ORDER BY created_at, id LIMIT :limit OFFSET :offset
""")  # noqa: S608 - constants
_COUNT_STALE = text(f"""
    SELECT count(*) FROM verified_answer WHERE team = :team AND state = 'live' AND {STALE}
""")  # noqa: S608 - constants
_RENEWED = text("""
    UPDATE verified_answer SET (documents, versions) = (
        SELECT coalesce(array_agg(document.id), '{}'), coalesce(array_agg(document.version), '{}')
        FROM document WHERE document.id = ANY(documents)
    ), author = :author, author_name = :name, created_at = now()
    WHERE id = :id AND team = :team AND state = 'live'
""")


@dataclass(frozen=True, slots=True)
class StaleAnswer:
    """A verified answer that no longer counts, for whoever can say whether it still holds."""

    id: int
    team: str
    question: str
    answer: str
    author: str
    author_name: str
    created_at: datetime
    documents: tuple[int, ...]


async def stale_answers(
    database: Database, team: str | None = None, limit: int | None = None, offset: int = 0
) -> tuple[StaleAnswer, ...]:
    """Verified answers whose documents have changed or gone, the oldest first; None: everywhere."""
    given = {"team": team, "limit": limit, "offset": offset}
    async with database.engine.connect() as connection:
        rows = (await connection.execute(_ALL_STALE, given)).mappings()
        return tuple(StaleAnswer(**{**row, "documents": tuple(row["documents"])}) for row in rows)


async def count_stale(database: Database, team: str) -> int:
    """How many of a workspace's there are."""
    async with database.engine.connect() as connection:
        return int(await connection.scalar(_COUNT_STALE, {"team": team}) or 0)


async def author_of(database: Database, team: str, number: int) -> str | None:
    """Who vouches for it; None: there is none such."""
    query = select(table.c.author).where(
        table.c.team == team, table.c.id == number, table.c.state == "live"
    )
    async with database.engine.connect() as connection:
        author: str | None = await connection.scalar(query)
    return author


async def renew(database: Database, team: str, number: int, author: str, name: str) -> bool:
    """Somebody says that it still holds, as the documents are now. False: there is none such."""
    values = {"team": team, "id": number, "author": author, "name": name}
    async with database.engine.begin() as connection:
        return (await connection.execute(_RENEWED, values)).rowcount == 1


async def withdraw(database: Database, team: str, number: int) -> bool:
    """Prefer it no longer. False: there is none such."""
    statement = update(table).where(
        table.c.team == team, table.c.id == number, table.c.state == "live"
    )
    async with database.engine.begin() as connection:
        return (await connection.execute(statement.values(state="withdrawn"))).rowcount == 1
