"""Which documents are said to be wrong, and what is right instead."""

from collections.abc import Mapping, Sequence

from sqlalchemy import text

from knowledge.database import Database

_BLAMED = text("""
    SELECT document.id, array_agg(verified_answer.answer ORDER BY verified_answer.id)
    FROM verified_answer, unnest(documents, versions) AS rests (id, version)
    JOIN document ON document.id = rests.id AND document.version = rests.version
    WHERE blames AND state = 'live'
    GROUP BY document.id
""")


async def blamed_documents(database: Database) -> Mapping[int, Sequence[str]]:
    """What persons corrected, by the document that says it wrongly; until the document changes."""
    async with database.engine.connect() as connection:
        return dict(iter(await connection.execute(_BLAMED)))
