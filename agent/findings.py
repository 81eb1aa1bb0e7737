"""Conflicts and stale documents that still wait for somebody to look at them.

What a person says is right as it stands is not shown again until its words or dates change.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from agent.citing import cited_documents
from agent.finding_tables import settled_finding as table
from knowledge.database import Database
from knowledge.reviewing.review import Named, Review, review

_OFTEN = 3
"""Answers that cite a document, from which it is worth asking whether it still holds."""

_OLD = timedelta(days=365)


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


async def open_findings(database: Database, now: datetime) -> tuple[Finding, ...]:
    """Conflicts first, then what is past its date, then what is old and often cited.

    Reads every document's text once.
    """
    often = await cited_documents(database, _OFTEN)
    found = _findings(await review(database.engine, often, now - _OLD))
    async with database.engine.connect() as connection:
        settled = set(await connection.scalars(select(table.c.key)))
    return tuple(one for one in found if one.key not in settled)


async def settle_finding(database: Database, key: str, author: str) -> None:
    """Somebody looked at it, and it is right as it stands."""
    statement = insert(table).values(key=key, author=author).on_conflict_do_nothing()
    async with database.engine.begin() as connection:
        await connection.execute(statement)


def _findings(found: Review) -> list[Finding]:
    conflicts = [
        Finding(
            _key("conflict", one.document.id, one.says, one.other.id, one.other_says),
            "conflict",
            one.document,
            one.other,
            (one.says, one.other_says),
        )
        for one in found.conflicts
    ]
    expired = [
        Finding(
            _key("expired", one.document.id, one.since), "expired", one.document, since=one.since
        )
        for one in found.expired
    ]
    unchanged = [
        Finding(
            _key("unchanged", one.document.id, one.since),
            "unchanged",
            one.document,
            since=one.since,
            cited=one.cited or 0,
        )
        for one in found.unchanged
    ]
    return [*conflicts, *expired, *unchanged]


def _key(*said: object) -> str:
    return hashlib.sha256("\n".join(map(str, said)).encode()).hexdigest()[:32]
