"""The HNSW index over one encoder's vectors, made after a bulk load once exact search is slow."""

import hashlib

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge.embedding import Encoder

EXACT_UP_TO = 20_000
"""Visible chunks that are scored one and all. Above it the indexes are faster and find 99 % of the
same first ten: on 51,000 chunks and two busy cores they take 60 ms instead of 150."""

_LARGEST_DIMENSION = 4_000
"""Of a half-precision vector that pgvector can index."""

_BUILD_MEMORY_MB = (256, 2048)
_GRAPH_BYTES = 400
"""Of each vector beside its own; a graph that outgrows its memory is built many times slower. A
library that needs the upper bound (700,000 vectors of 384 dimensions) has a machine to match."""

_IS_VALID = text("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)")


def distance_sql(dimension: int) -> str:
    """Distance of a row's vector to ``:vector`` (its negative inner product), as indexed."""
    size = int(dimension)
    return f"CAST(vector AS halfvec({size})) <#> CAST(:vector AS halfvec({size}))"


def made_by_sql(encoder: str) -> str:
    """The condition of the partial index; a literal, or the planner would not see that it holds."""
    quoted = encoder.replace("'", "''").replace(":", r"\:")
    return f"encoder = '{quoted}' AND vector IS NOT NULL"


async def ensure_vector_index(connection: AsyncConnection, encoder: Encoder) -> None:
    """Make the index unless it is there; readers and writers go on meanwhile.

    ``connection`` must be in autocommit: PostgreSQL builds an index beside writers only outside a
    transaction.
    """
    if encoder.dimension > _LARGEST_DIMENSION:
        return
    name = _name(encoder.name)
    valid = await connection.scalar(_IS_VALID, {"name": name})
    if valid:
        return
    if valid is False:  # left by a build that was interrupted
        await connection.execute(text(f"DROP INDEX CONCURRENTLY {name}"))
    chunks = await connection.scalar(text("SELECT chunks FROM corpus"))
    needed = int(chunks or 0) * (2 * encoder.dimension + _GRAPH_BYTES) // 1_000_000
    memory = min(max(needed, _BUILD_MEMORY_MB[0]), _BUILD_MEMORY_MB[1])
    await connection.execute(text(f"SET maintenance_work_mem = '{memory}MB'"))
    try:
        await connection.execute(
            text(
                f"CREATE INDEX CONCURRENTLY {name} ON embedding "
                f"USING hnsw ((CAST(vector AS halfvec({int(encoder.dimension)}))) halfvec_ip_ops) "
                f"WHERE {made_by_sql(encoder.name)}"
            )
        )
    finally:
        await connection.execute(text("RESET maintenance_work_mem"))


async def drop_vector_index(connection: AsyncConnection, encoder: str) -> None:
    """Remove the index of an encoder whose vectors are gone."""
    await connection.execute(text(f"DROP INDEX IF EXISTS {_name(encoder)}"))


def _name(encoder: str) -> str:
    return f"ix_embedding_{hashlib.sha256(encoder.encode()).hexdigest()[:12]}"
