"""Scopes: what one collection holds for one audience, the unit that a search may or may not see.

A reader's scopes are few and found at once; postings and vectors carry their chunk's scope, so
that both legs read what the reader may see and nothing else, however little of the library it is.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ARRAY, Column, ColumnElement, Text, and_, any_, literal, or_, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from knowledge.documents import EVERYONE, PUBLIC

Scope = tuple[str, tuple[str, ...]]
"""A collection and an audience, sorted."""

MAY_SEE_SCOPE = """
    audience && CAST(:principals AS text[])
    AND (CAST(:collections AS text[]) IS NULL OR collection = ANY(:collections))
"""
"""The one rule of who sees what: the reader holds a principal of the audience."""


def covers(audience: Column[Any], wanted: Sequence[str] | Column[Any]) -> ColumnElement[bool]:
    """`knowledge.documents.covers`, of rows: all of the ``wanted`` may see what is for these."""
    every = wanted if isinstance(wanted, Column) else literal(list(wanted), ARRAY(Text))
    team = and_(literal(EVERYONE) == any_(audience), ~(literal(PUBLIC) == any_(every)))
    return or_(team, audience.bool_op("@>")(every))


_ADD = text("""
    INSERT INTO scope (collection, audience, chunks)
    VALUES (:collection, :audience, 0)
    ON CONFLICT (collection, audience) DO UPDATE SET audience = excluded.audience
    RETURNING id
""")

_COUNT = text("""
    UPDATE scope SET chunks = chunks + new.count
    FROM unnest(CAST(:ids AS int[]), CAST(:counts AS bigint[])) AS new (id, count)
    WHERE scope.id = new.id
""")

_COUNT_OUT = text("""
    UPDATE scope SET chunks = chunks - old.count
    FROM (
        SELECT scope_id, count(*) AS count FROM chunk
        WHERE document_id = ANY(:documents) GROUP BY scope_id
    ) AS old
    WHERE scope.id = old.scope_id
""")

_DELETE_EMPTY = text("DELETE FROM scope WHERE chunks = 0")


def scope_of(collection: str, audience: Sequence[str]) -> Scope:
    """The scope of a document's chunks."""
    return collection, tuple(sorted(set(audience)))


_KINDS = text("""
    SELECT DISTINCT split_part(principal, ':', 1)
    FROM scope, unnest(audience) AS principal WHERE principal LIKE '%:%'
""")


async def scope_ids(connection: AsyncConnection, scopes: Collection[Scope]) -> dict[Scope, int]:
    """Each scope's id, made where it is new; the caller holds the writers' lock."""
    ids: dict[Scope, int] = {}
    for collection, audience in sorted(set(scopes)):
        asked = {"collection": collection, "audience": list(audience)}
        ids[collection, audience] = int(await connection.scalar(_ADD, asked))
    return ids


async def count_in(connection: AsyncConnection, counts: Mapping[int, int]) -> None:
    """Count chunks into their scopes, by id."""
    await connection.execute(_COUNT, {"ids": list(counts), "counts": list(counts.values())})


async def count_out(connection: AsyncConnection, documents: Sequence[int]) -> None:
    """Count the documents' chunks out, before they are deleted."""
    await connection.execute(_COUNT_OUT, {"documents": list(documents)})


async def delete_empty(connection: AsyncConnection) -> None:
    """Forget scopes that hold nothing any more; their names say who once might see something."""
    await connection.execute(_DELETE_EMPTY)


_COLLECTIONS = text("SELECT DISTINCT collection FROM scope ORDER BY collection")


async def collections(engine: AsyncEngine) -> tuple[str, ...]:
    """Those that hold anything, by name."""
    async with engine.connect() as connection:
        return tuple(await connection.scalars(_COLLECTIONS))


async def principal_kinds(engine: AsyncEngine) -> frozenset[str]:
    """Which of ``channel``, ``user`` and ``group`` any document is restricted to."""
    async with engine.connect() as connection:
        return frozenset(await connection.scalars(_KINDS))
