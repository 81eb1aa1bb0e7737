"""Documents on their way to the workers: every move of the ``staged`` table.

A row moves ``waiting → done | failed | superseded``. Whoever works on waiting rows holds them by a
lease; a document is stored and its row closed in one transaction, under the lease, so that it is
stored once whoever dies or wakes up late. A closed row keeps no text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from knowledge.storage.ingest import Draft
from knowledge.storage.prepared import Prepared
from knowledge.upload_tables import staged
from knowledge.uploading.staged_drafts import draft_as_json, draft_of

LEASE = timedelta(seconds=30)
"""A worker renews three times as often; when it dies, its documents wait this long."""

_CLAIM_ROWS = 64
_CLAIM_CHARACTERS = 300_000
"""About 400 chunks: some seconds of encoding on two cores."""

_MAX_ATTEMPTS = 5
"""A document that was in the hands of so many workers that died is not tried again."""

_CLOSE = "draft = NULL, lease = NULL, lease_until = NULL"

# A newer upload has read these sources: what an older one still holds of them is out of date.
_SUPERSEDE = text(f"""
    UPDATE staged SET state = 'superseded', {_CLOSE}
    FROM unnest(
        CAST(:collections AS text[]), CAST(:sources AS text[]), CAST(:hashes AS text[])
    ) AS new (collection, source, content_hash)
    WHERE staged.state = 'waiting' AND staged.collection = new.collection
        AND staged.source = new.source AND staged.content_hash <> new.content_hash
""")  # noqa: S608 - a constant

# What took a worker down is tried alone, so that it takes no other document with it.
_CLAIM = text("""
    WITH free AS (
        SELECT id, size, attempts FROM staged
        WHERE state = 'waiting' AND encoder = :encoder
            AND (lease_until IS NULL OR lease_until < now())
            AND (CAST(:upload AS uuid) IS NULL OR upload = :upload)
        ORDER BY id LIMIT :rows FOR UPDATE SKIP LOCKED
    ), ordered AS (
        SELECT id, attempts, sum(size) OVER before - size AS ahead,
            sum(attempts) OVER before - attempts AS suspects, row_number() OVER before AS place
        FROM free WINDOW before AS (ORDER BY id)
    )
    UPDATE staged
    SET lease = :lease, lease_until = now() + :duration, attempts = staged.attempts + 1
    FROM ordered WHERE ordered.id = staged.id
        AND (place = 1 OR (ahead < :characters AND suspects = 0 AND ordered.attempts = 0))
    RETURNING staged.id, staged.draft, staged.attempts
""")

_RENEW = text("UPDATE staged SET lease_until = now() + :duration WHERE lease = :lease")

_RELEASE = text("""
    UPDATE staged SET lease = NULL, lease_until = now() + :delay, attempts = attempts - 1
    WHERE lease = :lease
""")

_MARK_FAILED = text(f"""
    UPDATE staged SET state = 'failed', reason = new.reason, {_CLOSE}
    FROM unnest(CAST(:ids AS bigint[]), CAST(:reasons AS text[])) AS new (id, reason)
    WHERE staged.id = new.id AND lease = :lease
""")  # noqa: S608 - a constant

_MARK_DONE = text(f"""
    UPDATE staged SET state = 'done', chunks = new.chunks, {_CLOSE}
    FROM unnest(CAST(:ids AS bigint[]), CAST(:chunks AS int[])) AS new (id, chunks)
    WHERE staged.id = new.id AND lease = :lease AND state = 'waiting'
    RETURNING staged.id
""")  # noqa: S608 - a constant

_STORED_ALREADY = text("""
    SELECT document.collection, document.source FROM document JOIN unnest(
        CAST(:collections AS text[]), CAST(:sources AS text[]), CAST(:hashes AS text[])
    ) AS new (collection, source, content_hash) USING (collection, source, content_hash)
""")

_STANDING = text("""
    SELECT count(*) FILTER (WHERE state = 'waiting'), count(*) FILTER (WHERE state = 'done'),
        count(*), coalesce(sum(chunks), 0)
    FROM staged WHERE upload = :upload
""")

_UNDONE = text("""
    SELECT source, coalesce(reason, 'another upload has replaced it meanwhile')
    FROM staged WHERE upload = :upload AND state IN ('failed', 'superseded') ORDER BY id
""")

_WITHDRAW = text("DELETE FROM staged WHERE upload = :upload")

_UNATTENDED = text("""
    SELECT count(*) FROM (
        SELECT FROM staged WHERE state = 'waiting' AND encoder = :encoder
            AND (lease_until IS NULL OR lease_until < now()) LIMIT 1000
    ) AS free
""")


@dataclass(frozen=True, slots=True)
class Claim:
    """Drafts that only the holder of ``lease`` may store, with their rows' ids."""

    lease: UUID
    drafts: dict[int, Draft]


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an upload's staged documents are; ``closed`` counts all that do not wait."""

    waiting: int
    done: int
    closed: int
    chunks: int


async def stage(
    connection: AsyncConnection, upload: UUID, encoder: str, drafts: Sequence[Draft]
) -> None:
    """Hand drafts over to the workers."""
    await supersede(connection, drafts)
    await connection.execute(
        insert(staged),
        [
            {
                "upload": upload,
                "encoder": encoder,
                "collection": one.collection,
                "source": one.document.source,
                "content_hash": one.content_hash,
                "size": len(one.document.text),
                "draft": draft_as_json(one),
            }
            for one in drafts
        ],
    )


async def supersede(connection: AsyncConnection, newer: Sequence[Draft | Prepared]) -> None:
    """Close rows of other uploads that would bring an older state of these documents."""
    await connection.execute(_SUPERSEDE, _named(newer))


async def stored_already(
    connection: AsyncConnection, documents: Sequence[Draft | Prepared]
) -> set[tuple[str, str]]:
    """Collection and source of those that are stored just so: another upload was faster."""
    rows = await connection.execute(_STORED_ALREADY, _named(documents))
    return {(collection, source) for collection, source in rows}


async def claim(
    engine: AsyncEngine, encoder: str, upload: UUID | None = None, lease: timedelta = LEASE
) -> Claim | None:
    """Take some waiting documents that nobody works on; None when there are none.

    ``upload`` takes only that one's. Rows that workers died over come alone.
    """
    token = uuid4()
    asked = {
        "encoder": encoder,
        "upload": upload,
        "rows": _CLAIM_ROWS,
        "characters": _CLAIM_CHARACTERS,
        "lease": token,
        "duration": lease,
    }
    async with engine.begin() as connection:
        rows = (await connection.execute(_CLAIM, asked)).all()
        hopeless = [row.id for row in rows if row.attempts > _MAX_ATTEMPTS]
        if hopeless:
            reason = f"{_MAX_ATTEMPTS} workers ended while they worked on it: it may be too large"
            failed = {"ids": hopeless, "reasons": [reason] * len(hopeless), "lease": token}
            await connection.execute(_MARK_FAILED, failed)
    if not rows:
        return None
    return Claim(
        token, {row.id: draft_of(row.draft) for row in sorted(rows) if row.id not in hopeless}
    )


async def renew(engine: AsyncEngine, claim: Claim, lease: timedelta = LEASE) -> None:
    """Hold what is left of the claim for longer."""
    async with engine.begin() as connection:
        await connection.execute(_RENEW, {"lease": claim.lease, "duration": lease})


async def release(engine: AsyncEngine, claim: Claim, delay: timedelta) -> None:
    """Give back what is left of the claim, to be taken again after ``delay``."""
    async with engine.begin() as connection:
        await connection.execute(_RELEASE, {"lease": claim.lease, "delay": delay})


async def close_done(connection: AsyncConnection, claim: Claim, chunks: dict[int, int]) -> set[int]:
    """Close rows, in the transaction that stores them, with their chunks; the rest was lost."""
    asked = {"ids": list(chunks), "chunks": list(chunks.values()), "lease": claim.lease}
    return set(await connection.scalars(_MARK_DONE, asked))


async def close_failed(engine: AsyncEngine, claim: Claim, reasons: dict[int, str]) -> None:
    """Close rows that the database refuses."""
    asked = {"ids": list(reasons), "reasons": list(reasons.values()), "lease": claim.lease}
    async with engine.begin() as connection:
        await connection.execute(_MARK_FAILED, asked)


async def standing(engine: AsyncEngine, upload: UUID) -> Standing:
    """How far an upload is."""
    async with engine.connect() as connection:
        waiting, done, total, chunks = (
            await connection.execute(_STANDING, {"upload": upload})
        ).one()
    return Standing(waiting, done, total - waiting, int(chunks))


async def undone(engine: AsyncEngine, upload: UUID) -> dict[str, str]:
    """Sources of the upload that were not stored, with the reason."""
    async with engine.connect() as connection:
        rows = await connection.execute(_UNDONE, {"upload": upload})
        return dict(iter(rows))


async def withdraw(engine: AsyncEngine, upload: UUID) -> None:
    """Forget an upload's rows: it has ended, or was stopped. Who works on them stores nothing."""
    async with engine.begin() as connection:
        await connection.execute(_WITHDRAW, {"upload": upload})


async def unattended(connection: AsyncConnection, encoder: str) -> int:
    """How many documents wait for a worker, up to a thousand."""
    return int(await connection.scalar(_UNATTENDED, {"encoder": encoder}) or 0)


def _named(documents: Sequence[Draft | Prepared]) -> dict[str, list[str]]:
    return {
        "collections": [one.collection for one in documents],
        "sources": [one.document.source for one in documents],
        "hashes": [one.content_hash for one in documents],
    }
