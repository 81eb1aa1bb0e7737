"""Curated question/answer pairs, stored."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Result, func, literal_column, or_
from sqlalchemy.dialects.postgresql import insert

from agent.tables import pair
from agent.tuning.pair_files import read_pairs
from knowledge.database import Database
from knowledge.documents import EVERYONE

_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did; ``updated`` pairs were known and got another topic or audience."""

    added: int
    updated: int
    unchanged: int


async def import_pairs(
    path: Path, database: Database, audience: tuple[str, ...] = (EVERYONE,)
) -> Imported:
    """Store a file's pairs as approved, all or none; those already there are left as they are.

    A pair that names the document it was made from keeps that document's audience, whatever is
    said of the file. Raises InvalidInput as `read_pairs` does.
    """
    pairs = {found.digest: found for found in await asyncio.to_thread(read_pairs, path)}
    rows = [
        {
            "question": found.question,
            "answer": found.answer,
            "topic": found.topic,
            "digest": digest,
            "audience": list(found.lineage.audience if found.lineage else audience),
            "source": path.name,
            "document_id": found.lineage and found.lineage.document_id,
            "document_version": found.lineage and found.lineage.document_version,
        }
        for digest, found in pairs.items()
    ]
    added = updated = 0
    async with database.engine.begin() as connection:
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
    return Imported(added, updated, len(rows) - added - updated)
