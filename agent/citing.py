"""Which documents the answers in the ledger rest on."""

from collections.abc import Mapping

from sqlalchemy import text

from knowledge.database import Database

_CITED = text("""
    SELECT CAST(cited ->> 'document_id' AS bigint) AS id, count(DISTINCT mention.id)
    FROM mention, jsonb_array_elements(answer -> 'citations') AS cited
    GROUP BY 1 HAVING count(DISTINCT mention.id) >= :least
""")


async def cited_documents(database: Database, least: int) -> Mapping[int, int]:
    """How many answers cite each document, of those cited by at least so many."""
    async with database.engine.connect() as connection:
        rows = await connection.execute(_CITED, {"least": least})
        return dict(iter(rows))
