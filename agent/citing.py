"""Which documents the answers in the ledger rest on, and how these stand now."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from knowledge.database import Database

_CITED = text("""
    SELECT CAST(cited ->> 'document_id' AS bigint) AS id, count(DISTINCT mention.id)
    FROM mention, jsonb_array_elements(answer -> 'citations') AS cited
    GROUP BY 1 HAVING count(DISTINCT mention.id) >= :least
""")


async def cited_documents(database: Database, least: int) -> Mapping[int, int]:
    """How many answers cite each document, of those cited by at least so many."""
    async with database.autocommit.connect() as connection:
        rows = await connection.execute(_CITED, {"least": least})
        return dict(iter(rows))


@dataclass(frozen=True, slots=True)
class Freshness:
    """A document as it stands now: its newest version, and when that was written."""

    version: int
    updated_at: datetime


_NOW = text("""
    SELECT id, version, coalesce(source_updated_at, updated_at) AS updated_at
    FROM document WHERE id = ANY(:ids)
""")


async def freshness(database: Database, documents: Collection[int]) -> Mapping[int, Freshness]:
    """How each document stands now, in one query; those that are gone are left out."""
    if not documents:
        return {}
    async with database.autocommit.connect() as connection:
        rows = await connection.execute(_NOW, {"ids": list(documents)})
        return {row.id: Freshness(row.version, row.updated_at) for row in rows}
