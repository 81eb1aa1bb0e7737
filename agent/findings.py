"""What of the library still waits for somebody to look at it, page by page.

Conflicts, verified answers whose documents have changed, and documents that are stale. What a
person says is right as it stands is not shown again until its words or dates change.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Row, select, text
from sqlalchemy.dialects.postgresql import insert

from agent.citing import cited_documents
from agent.feedback.stale_answers import StaleAnswer, count_stale, stale_answers
from agent.finding_tables import settled_finding as table
from agent.paging import Part, cut, page_start
from knowledge.database import Database
from knowledge.documents import ATTACHED
from knowledge.reviewing.conflicts import Conflict
from knowledge.reviewing.contradictions import Contradictions
from knowledge.reviewing.review import Named

_OFTEN = 3
"""Answers that cite a document, from which it is worth asking whether it still holds."""

_OLD = timedelta(days=365)
_PATIENCE_S = 3.0
"""How long somebody who looks waits for documents to be compared."""

_KEYED = """
    SELECT found.*, left(encode(sha256(convert_to(concat_ws(E'\\n', kind, id,
        to_char(since AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')), 'UTF8')), 'hex'), 32) AS key
    FROM (
        SELECT 'expired' AS kind, id, title, uri, owner, expires_at AS since, 0 AS cited
        FROM document WHERE expires_at < :now AND collection <> :attached
        UNION ALL
        SELECT 'unchanged', id, title, uri, owner, coalesce(source_updated_at, updated_at), often.n
        FROM document
        JOIN unnest(CAST(:cited AS bigint[]), CAST(:times AS bigint[])) AS often (id, n) USING (id)
        WHERE coalesce(source_updated_at, updated_at) < :before AND collection <> :attached
    ) AS found
"""
_DATED = f"""
    FROM ({_KEYED}) AS keyed
    WHERE NOT EXISTS (SELECT FROM settled_finding AS settled WHERE settled.key = keyed.key)
"""
_COUNTED = text(f"SELECT count(*) {_DATED}")
_SHOWN = text(f"SELECT * {_DATED} ORDER BY kind, cited DESC, since, id LIMIT :limit OFFSET :offset")
_OF_KEY = text(f"SELECT * {_DATED} AND key = :key")
_NAMED = text("SELECT id, title, uri, owner, version FROM document WHERE id = ANY(:ids)")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at, under a key of all that it says.

    ``says`` are the sentences of a conflict, ``document``'s and ``other``'s; ``since`` is when the
    document expired or last changed, ``cited`` how many answers rest on it.
    """

    key: str
    kind: Literal["conflict", "expired", "unchanged"]
    document: Named
    other: Named | None = None
    says: tuple[str, ...] = ()
    since: datetime | None = None
    cited: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """Some of ``count`` items, from number ``at`` on.

    Not ``compared``: documents have changed since their conflicts were looked for.
    """

    items: tuple[Finding | StaleAnswer, ...]
    at: int
    count: int
    compared: bool


class Findings:
    """One library's, with what its documents contradict kept between looks."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._contradictions = Contradictions(database.engine)

    async def page(self, team: str, now: datetime, at: int, size: int) -> Page:
        """Conflicts first, then answers, then what is past its date, then what is old and cited."""
        conflicts, compared = await self._conflicts()
        dates = await self._dates(now)

        async def of_conflicts(limit: int, offset: int) -> Sequence[Finding]:
            return conflicts[offset : offset + limit]

        async def of_answers(limit: int, offset: int) -> Sequence[StaleAnswer]:
            return await stale_answers(self._database, team, limit, offset)

        async def of_dated(limit: int, offset: int) -> Sequence[Finding]:
            given = dates | {"limit": limit, "offset": offset}
            async with self._database.engine.connect() as connection:
                return [_dated(row) for row in await connection.execute(_SHOWN, given)]

        async with self._database.engine.connect() as connection:
            dated = int(await connection.scalar(_COUNTED, dates) or 0)
        parts: list[Part[Finding | StaleAnswer]] = [
            (len(conflicts), of_conflicts),
            (await count_stale(self._database, team), of_answers),
            (dated, of_dated),
        ]
        count = sum(one for one, _ in parts)
        start = page_start(at, size, count)
        return Page(await cut(parts, start, size), start, count, compared)

    async def of_key(self, key: str, now: datetime) -> Finding | None:
        """The one with that key; None: there is nothing to do about it any more."""
        given = await self._dates(now) | {"key": key}
        async with self._database.engine.connect() as connection:
            row = (await connection.execute(_OF_KEY, given)).one_or_none()
        if row is not None:
            return _dated(row)
        conflicts, _ = await self._conflicts()
        return next((one for one in conflicts if one.key == key), None)

    async def _conflicts(self) -> tuple[list[Finding], bool]:
        """Those between documents that still are as they were compared, and not settled."""
        known = await self._contradictions.known(_PATIENCE_S)
        async with self._database.engine.connect() as connection:
            rows = await connection.execute(_NAMED, {"ids": list(known.versions)})
            named = {row.id: Named(*row[:4]) for row in rows if row[4] == known.versions[row.id]}
            found = [
                _conflict(one, named)
                for one in known.conflicts
                if {one.one.document_id, one.other.document_id} <= named.keys()
            ]
            query = select(table.c.key).where(table.c.key.in_([one.key for one in found]))
            settled = set(await connection.scalars(query)) if found else set()
        return [one for one in found if one.key not in settled], known.current

    async def _dates(self, now: datetime) -> dict[str, Any]:
        often = await cited_documents(self._database, _OFTEN)
        cited = {"cited": list(often), "times": list(often.values())}
        return {"now": now, "before": now - _OLD, "attached": ATTACHED, **cited}


async def settle_finding(database: Database, key: str, author: str) -> None:
    """Somebody looked at it, and it is right as it stands."""
    statement = insert(table).values(key=key, author=author).on_conflict_do_nothing()
    async with database.engine.begin() as connection:
        await connection.execute(statement)


def _conflict(found: Conflict, named: dict[int, Named]) -> Finding:
    one, other = found.one, found.other
    said = ("conflict", one.document_id, one.sentence, other.document_id, other.sentence)
    key = hashlib.sha256("\n".join(map(str, said)).encode()).hexdigest()[:32]
    documents = (named[one.document_id], named[other.document_id])
    return Finding(key, "conflict", *documents, (one.sentence, other.sentence))


def _dated(row: Row[Any]) -> Finding:
    document = Named(row.id, row.title, row.uri, row.owner)
    return Finding(row.key, row.kind, document, since=row.since, cited=row.cited)
