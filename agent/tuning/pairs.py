"""Where pairs come from: files, the question set of the knowledge base, an admin's corrections."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

from sqlalchemy import Result, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.generating.pair_export import question_pairs
from agent.tables import pair
from agent.tuning.examining.languages import language_of
from agent.tuning.pair_files import Pair, checked_pair, read_pairs
from agent.tuning.pair_log import Change, apply
from knowledge.database import Database
from knowledge.documents import EVERYONE

_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did; ``updated`` pairs were known and got another topic or audience."""

    added: int
    updated: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class _Arrival:
    """How pairs come in; a pair made from a document brings an audience of its own."""

    origin: Literal["file", "questions", "correction"]
    author: str
    state: Literal["candidate", "approved"]
    audience: tuple[str, ...] = (EVERYONE,)


async def import_pairs(
    path: Path,
    database: Database,
    audience: tuple[str, ...] = (EVERYONE,),
    *,
    author: str = "",
    candidates: bool = False,
) -> Imported:
    """Store a file's pairs as approved, all or none; those already there are left as they are.

    Only a candidate that the file has too is approved by it. A pair that names the document it was
    made from keeps that document's audience, whatever is said of the file. As ``candidates`` they
    wait for a review, and keys and passwords are let in for cleaning to drop. Raises InvalidInput
    as `read_pairs` does.
    """
    pairs = await asyncio.to_thread(read_pairs, path, secrets=candidates)
    arrival = _Arrival("file", author, "candidate" if candidates else "approved", audience)
    return await _store(database, [(one, path.name) for one in pairs], arrival)


async def import_questions(database: Database, author: str = "") -> Imported:
    """Store the question set's grounded answers as candidates, with their documents' audiences.

    Raises InvalidInput where no question has an answer.
    """
    pairs = await question_pairs(database)
    return await _store(database, pairs, _Arrival("questions", author, "candidate"))


async def correct(
    database: Database,
    question: str,
    answer: str,
    author: str,
    *,
    audience: tuple[str, ...] = (EVERYONE,),
    topic: str | None = None,
) -> int:
    """Store an admin's correction, approved at once, and return the pair's id.

    What else was taught to the same people for this very question is rejected: it was what had to
    be corrected. Raises InvalidInput for texts that cannot be a pair.
    """
    corrected = checked_pair(question, answer, topic, "the correction")
    async with database.engine.begin() as connection:
        return await correct_in(connection, corrected, author, audience)


async def correct_in(
    connection: AsyncConnection,
    corrected: Pair,
    author: str,
    audience: tuple[str, ...],
    *,
    approved: bool = True,
) -> int:
    """The same in the caller's transaction; where not ``approved``, the pair waits for an admin.

    A candidate leaves all else that was taught as it is.
    """
    arrival = _Arrival("correction", author, "approved" if approved else "candidate", audience)
    await _write(connection, [_row(corrected, "", arrival)])
    number = await connection.scalar(select(pair.c.id).where(pair.c.digest == corrected.digest))
    if not approved:
        return int(number or 0)
    run = uuid4()
    change = Change(int(number or 0), {"state": "approved"}, "a correction")
    await apply(connection, [change], "approve", author, run)
    others = select(pair.c.id).where(
        func.lower(pair.c.question) == func.lower(corrected.question),
        pair.c.id != number,
        pair.c.audience == list(audience),
        pair.c.state.in_(("candidate", "approved")),
    )
    found = (await connection.scalars(others)).all()
    rejected = [Change(one, {"state": "rejected"}, f"corrected by {number}") for one in found]
    await apply(connection, rejected, "reject", author, run)
    return int(number or 0)


async def _store(
    database: Database, pairs: Sequence[tuple[Pair, str]], arrival: _Arrival
) -> Imported:
    rows = await asyncio.to_thread(
        lambda: {one.digest: _row(one, source, arrival) for one, source in pairs}
    )
    async with database.engine.begin() as connection:
        added, updated = await _write(connection, list(rows.values()))
        if arrival.state == "approved":
            await _approve(connection, list(rows), arrival.author)
    return Imported(added, updated, len(rows) - added - updated)


def _row(one: Pair, source: str, arrival: _Arrival) -> dict[str, Any]:
    return {
        "question": one.question,
        "answer": one.answer,
        "topic": one.topic,
        "digest": one.digest,
        "audience": list(one.lineage.audience if one.lineage else arrival.audience),
        "source": source,
        "document_id": one.lineage and one.lineage.document_id,
        "document_version": one.lineage and one.lineage.document_version,
        "origin": arrival.origin,
        "author": arrival.author,
        "language": language_of(one.question) or language_of(one.answer),
        "state": arrival.state,
    }


async def _write(connection: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """How many pairs were added, and how many got another topic, audience or document."""
    added = updated = 0
    for start in range(0, len(rows), _BATCH):
        written = insert(pair).values(rows[start : start + _BATCH])
        new = written.excluded
        # xmax is 0 on a row that the statement inserted, and set on one that it updated.
        result: Result[tuple[bool]] = await connection.execute(
            written.on_conflict_do_update(
                index_elements=[pair.c.digest],
                set_={
                    "topic": new.topic,
                    "audience": new.audience,
                    "document_id": func.coalesce(new.document_id, pair.c.document_id),
                    "document_version": func.coalesce(
                        new.document_version, pair.c.document_version
                    ),
                },
                where=or_(
                    pair.c.topic != new.topic,
                    pair.c.audience != new.audience,
                    pair.c.document_id.is_distinct_from(new.document_id),
                    pair.c.document_version.is_distinct_from(new.document_version),
                ),
            ).returning(literal_column("(xmax = 0)"))
        )
        inserted = [bool(row[0]) for row in result]
        added += sum(inserted)
        updated += len(inserted) - sum(inserted)
    return added, updated


async def _approve(connection: AsyncConnection, digests: Sequence[str], author: str) -> None:
    waiting: list[int] = []
    for start in range(0, len(digests), _BATCH):
        these = pair.c.digest.in_(digests[start : start + _BATCH])
        query = select(pair.c.id).where(these, pair.c.state == "candidate")
        waiting.extend(await connection.scalars(query))
    changes = [Change(one, {"state": "approved"}, "imported as approved") for one in waiting]
    await apply(connection, changes, "approve", author, uuid4())
