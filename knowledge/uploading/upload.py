"""The admin's upload: what is under these paths against what is stored, and only the difference."""

import asyncio
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge.documents import EVERYONE
from knowledge.embedding import Encoder
from knowledge.sources import Root, roots, sources
from knowledge.storage.duplicates import Repeat, repeats
from knowledge.storage.ingest import Draft, Failure, Ingested, Report, ingest
from knowledge.storage.library import Library
from knowledge.storage.prepared import Prepared
from knowledge.storage.uncovered import index_uncovered
from knowledge.storage.upload_traces import sweep_staged
from knowledge.uploading import staging
from knowledge.uploading.queued_upload import Pace, WorkQueue, ingest_over_queue
from knowledge.uploading.rehearsal import Change, rehearse, removal
from knowledge.uploading.stored import Stored, known_documents
from knowledge.uploading.survey import Filing, Read, Survey
from knowledge.uploading.upload_failures import keep_failures
from knowledge.uploading.upload_progress import Watch, unwatched, watching

_PACE = Pace()


@dataclass(frozen=True, slots=True)
class UploadReport:
    """What an upload did, or with ``dry_run`` would do; ``chunks`` are those written.

    ``repeats`` are the documents written that are found through another; ``changes`` names each
    document that a dry run would change, None after an upload. ``empty`` are the files that hold
    nothing to index, which is no failure.
    """

    added: int
    updated: int
    unchanged: int
    removed: int
    failed: tuple[Failure, ...]
    chunks: int
    seconds: float
    changes: tuple[Change, ...] | None = None
    repeats: tuple[Repeat, ...] = ()
    empty: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The fixed JSON contract of ``knowhow upload --json``."""
        report: dict[str, Any] = {
            "added": self.added,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "removed": self.removed,
            "failed": [{"uri": one.uri, "reason": one.reason} for one in self.failed],
            "empty": list(self.empty),
            "chunks": self.chunks,
            "seconds": self.seconds,
        }
        if self.repeats:
            report["duplicates"] = [
                {"uri": one.uri, "duplicate_of": one.original} for one in self.repeats
            ]
        if self.changes is not None:
            report["changes"] = [change.as_json() for change in self.changes]
        return report

    def __add__(self, other: "UploadReport") -> "UploadReport":
        """Of both uploads, one after the other."""
        changes = (*(self.changes or ()), *(other.changes or ()))
        return UploadReport(
            self.added + other.added,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.removed + other.removed,
            (*self.failed, *other.failed),
            self.chunks + other.chunks,
            round(self.seconds + other.seconds, 3),
            changes if self.changes is not None else None,
            (*self.repeats, *other.repeats),
            (*self.empty, *other.empty),
        )


async def upload(
    paths: Sequence[Path | str],
    *,
    library: Library,
    encoder: Encoder,
    collection: str = "default",
    audience: tuple[str, ...] = (EVERYONE,),
    owner: str | None = None,
    expires_at: datetime | None = None,
    author: str = "",
    dry_run: bool = False,
    prune: bool = False,
    only: Collection[str] | None = None,
    read: Read = sources,
    queue: WorkQueue | None = None,
    pace: Pace = _PACE,
    watch: Watch = unwatched,
) -> UploadReport:
    """Bring the library up to date with files and folders; what has not changed is not parsed.

    Collection, audience, owner and expiry are for what a folder's own settings leave open. Each
    document is written whole or not at all: after a crash a second run completes the first.
    A document whose folder now names another collection leaves the one that it was in. ``prune``
    removes the documents whose source lay under one of the paths and has gone; a path that could
    not be read to its end is not pruned, and named in ``failed``. ``only`` reads these sources
    alone. With a ``queue`` the workers encode what is much. What fails is kept, to be retried.

    Raises InvalidInput for a path that does not exist, before anything is written.
    """
    started = time.monotonic()
    named = await asyncio.to_thread(roots, paths)
    filing = Filing(collection, audience, owner, expires_at, author)
    await library.check_encoder()
    survey = Survey(await known_documents(library.engine, collection, named), filing, only)
    drafts = survey.drafts(named, read)
    changes: list[Change] = []
    if dry_run:
        done, changes = await rehearse(drafts, survey, library.engine)
    else:
        await sweep_staged(library.engine)
        async with watching(watch, survey, named, read) as progress:
            done = await _stored(
                drafts, library, encoder, queue=queue, pace=pace, progress=progress
            )
    gone, unpruned = survey.gone(named) if prune else ([], [])
    pruned = {one.source for one in gone}
    failed = [*survey.failed, *(one for one in survey.vanished if one[1].source not in pruned)]
    superfluous = [*gone, *_left(done, survey)]
    if not dry_run:
        # Only now that what stands for it is stored.
        if superfluous:
            await library.remove([one.id for one in superfluous])
        uncovered = await index_uncovered(library, encoder)
        if done.sources or superfluous or uncovered:
            await library.settle()
        stuck = [(_root_of(one, named), one) for one in done.failed]
        await keep_failures(library.engine, survey, named, [*failed, *stuck])
    written = set(done.sources)
    removed = [one for one in superfluous if one.source not in written]
    said = () if dry_run else (survey.filed[source] for source in written)
    added = _added(done, survey)
    return UploadReport(
        added=added,
        updated=len(done.sources) - added,
        unchanged=survey.unchanged,
        removed=len(removed),
        failed=(*(one for _, one in failed), *done.failed, *unpruned),
        chunks=done.chunks,
        seconds=round(time.monotonic() - started, 3),
        changes=(*changes, *map(removal, removed)) if dry_run else None,
        repeats=await repeats(library.engine, said),
        empty=tuple(survey.empty),
    )


async def _stored(
    drafts: Iterator[Draft],
    library: Library,
    encoder: Encoder,
    *,
    queue: WorkQueue | None,
    pace: Pace,
    progress: Report,
) -> Ingested:
    """By the workers where there are any and there is much to do, else in this process."""
    if queue is not None and await queue.has_workers():
        few = pace.from_documents
        first = await asyncio.to_thread(lambda: list(islice(drafts, few)))
        drafts = chain(first, drafts)
        if len(first) == few:
            return await ingest_over_queue(
                drafts, library, encoder, queue=queue, progress=progress, pace=pace
            )
    return await ingest(drafts, library, encoder, progress, _still)


async def _still(connection: AsyncConnection, prepared: Sequence[Prepared]) -> list[bool]:
    """Not what another upload has stored meanwhile, just so."""
    await staging.supersede(connection, prepared)
    stored = await staging.stored_already(connection, prepared)
    return [(one.collection, one.document.source) not in stored for one in prepared]


def _added(done: Ingested, survey: Survey) -> int:
    """How many were not stored anywhere; one that moves is updated."""
    written = {survey.filed[source] for source in done.sources}
    return sum(survey.known.get(key) is None for key in written - survey.left.keys())


def _left(done: Ingested, survey: Survey) -> list[Stored]:
    """What documents leave behind in their old collections, being stored in the new one."""
    failed = {one.source for one in done.failed} | {one.source for _, one in survey.failed}
    return [one for key, held in survey.left.items() if key[1] not in failed for one in held]


def _root_of(failure: Failure, named: Sequence[Root]) -> Root:
    """The path under which a document was found."""
    source = failure.source or ""
    return next(
        (
            root
            for root in named
            if str(root.path) == source or (root.prefix and source.startswith(root.prefix))
        ),
        named[0],
    )
