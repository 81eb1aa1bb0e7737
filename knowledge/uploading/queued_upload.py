"""An upload whose documents the workers encode: parsed here, handed over, waited for."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol
from uuid import UUID, uuid4

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge.embedding import Encoder
from knowledge.storage.ingest import Draft, Failure, Ingested, Progress, Report, refusal
from knowledge.storage.library import Library
from knowledge.uploading import staging
from knowledge.uploading.staged_work import work_off


class WorkQueue(Protocol):
    """The workers, as an upload sees them."""

    async def has_workers(self) -> bool:
        """Whether any worker is alive."""
        ...

    async def wake(self, connection: AsyncConnection, jobs: int) -> None:
        """In the connection's transaction: let up to ``jobs`` workers look for staged documents."""
        ...


@dataclass(frozen=True, slots=True)
class Pace:
    """How an upload over the queue goes.

    ``from_documents`` on it is worth it; ``batch`` documents are staged at once, and no more
    while ``backlog`` wait. After ``stall_s`` seconds in which no worker finished any it helps.
    """

    from_documents: int = 48
    batch: int = 16
    backlog: int = 1000
    poll_s: float = 0.5
    stall_s: float = 10.0


async def ingest_over_queue(
    drafts: Iterator[Draft],
    library: Library,
    encoder: Encoder,
    *,
    queue: WorkQueue,
    progress: Report,
    pace: Pace,
) -> Ingested:
    """As `ingest`, by whatever workers there are; by itself where they do nothing.

    ``drafts`` is consumed in a thread. When cancelled or failing it takes back what no worker
    has stored yet.
    """
    handed = _Handed(library, encoder, queue, uuid4())
    try:
        await _followed(handed, drafts, progress, pace)
        done = await staging.standing(library.engine, handed.upload)
        undone = await staging.undone(library.engine, handed.upload)
    finally:
        await asyncio.shield(staging.withdraw(library.engine, handed.upload))
    failed = [Failure(handed.uris[source], why, source) for source, why in undone.items()]
    sources = tuple(source for source in handed.uris if source not in undone)
    return Ingested(sources, done.chunks, (*handed.refused, *failed))


async def _followed(
    handed: "_Handed", drafts: Iterator[Draft], progress: Report, pace: Pace
) -> None:
    """Stage what there is, and wait until all of it is closed."""
    engine = handed.library.engine
    more = True
    by_others, by_itself, moved_at = 0, 0, time.monotonic()
    while True:
        now = await staging.standing(engine, handed.upload)
        progress(Progress(now.done, now.chunks))
        if more and now.waiting < pace.backlog:
            batch = await asyncio.to_thread(lambda: list(islice(drafts, pace.batch)))
            more = bool(batch)
            await handed.over(batch)
            continue
        if not more and not now.waiting:
            return
        if now.closed - by_itself != by_others:
            by_others, moved_at = now.closed - by_itself, time.monotonic()
        elif time.monotonic() - moved_at > pace.stall_s:
            helped = await work_off(handed.library, handed.encoder, handed.upload)
            by_itself += helped
            if helped:
                continue
        await asyncio.sleep(pace.poll_s)


class _Handed:
    """What one upload has handed over: ``uris`` by source, ``refused`` what could not be staged."""

    def __init__(self, library: Library, encoder: Encoder, queue: WorkQueue, upload: UUID) -> None:
        self.library = library
        self.encoder = encoder
        self.upload = upload
        self.uris: dict[str, str] = {}
        self.refused: list[Failure] = []
        self._queue = queue

    async def over(self, batch: Sequence[Draft]) -> None:
        """Stage a batch, with a job for it in the same transaction."""
        if batch and await self._refusal(batch) is not None:
            for one in batch:
                reason = await self._refusal([one])
                if reason is not None:
                    self.refused.append(Failure(one.document.uri, reason, one.document.source))

    async def _refusal(self, batch: Sequence[Draft]) -> str | None:
        try:
            async with self.library.engine.begin() as connection:
                await staging.stage(connection, self.upload, self.encoder.name, batch)
                await self._queue.wake(connection, 1)
        except (DBAPIError, psycopg.Error) as error:
            return refusal(error)
        self.uris |= {one.document.source: one.document.uri for one in batch}
        return None
