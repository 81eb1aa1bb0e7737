"""Working off staged documents: what a worker does, and an upload that nobody helps."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from knowledge.embedding import Encoder
from knowledge.storage.ingest import ingest
from knowledge.storage.library import Library
from knowledge.storage.prepared import Prepared
from knowledge.uploading import staging
from knowledge.uploading.staging import LEASE, Claim

_TRY_AGAIN_AFTER = timedelta(seconds=5)


async def work_off(
    library: Library, encoder: Encoder, upload: UUID | None = None, lease: timedelta = LEASE
) -> int:
    """Claim some documents, then cut, encode and store them; returns how many, 0 if none wait.

    ``upload`` looks at that one's only. Any number of processes may do so at once: each document
    is stored once. What is left of a claim that fails or is cancelled is given back. Raises what
    `ingest` raises.
    """
    engine = library.engine
    claim = await staging.claim(engine, encoder.name, upload, lease)
    if claim is None:
        return 0
    keeping = asyncio.create_task(_keep(engine, claim, lease))
    try:
        await _store(library, encoder, claim)
    except BaseException as error:
        stopped = isinstance(error, asyncio.CancelledError)
        delay = timedelta(0) if stopped else _TRY_AGAIN_AFTER
        await asyncio.shield(staging.release(engine, claim, delay))
        raise
    finally:
        keeping.cancel()
        await asyncio.wait({keeping})
    return max(1, len(claim.drafts))


async def _keep(engine: AsyncEngine, claim: Claim, lease: timedelta) -> None:
    """Hold the lease for as long as the work lasts."""
    while True:
        await asyncio.sleep(lease.total_seconds() / 3)
        try:
            await staging.renew(engine, claim, lease)
        except (DBAPIError, OSError):
            continue  # the work itself says what is wrong; without the lease it stores nothing


async def _store(library: Library, encoder: Encoder, claim: Claim) -> None:
    ids = {(one.collection, one.document.source): row for row, one in claim.drafts.items()}
    async with library.engine.begin() as connection:
        stored = await staging.stored_already(connection, list(claim.drafts.values()))
        await staging.close_done(connection, claim, dict.fromkeys((ids[key] for key in stored), 0))

    async def still(connection: AsyncConnection, prepared: Sequence[Prepared]) -> list[bool]:
        keys = [(one.collection, one.document.source) for one in prepared]
        chunks = {ids[key]: len(one.chunks) for key, one in zip(keys, prepared, strict=True)}
        ours = await staging.close_done(connection, claim, chunks)
        faster = await staging.stored_already(connection, prepared)
        return [ids[key] in ours and key not in faster for key in keys]

    drafts = [one for key, one in zip(ids, claim.drafts.values(), strict=True) if key not in stored]
    done = await ingest(drafts, library, encoder, still=still)
    by_source = {one.document.source: row for row, one in claim.drafts.items()}
    reasons = {by_source[one.source]: one.reason for one in done.failed if one.source}
    if reasons:
        await staging.close_failed(library.engine, claim, reasons)
