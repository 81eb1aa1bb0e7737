"""The admin's upload: what is under these paths against what is stored, and only the difference."""

import asyncio
import hashlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from knowledge.chunking import CHUNKING, chunk
from knowledge.documents import EVERYONE, Document
from knowledge.embedding import Encoder
from knowledge.errors import UnreadableDocument
from knowledge.ingest import Draft, Failure, Ingested, Report, ingest, silent
from knowledge.library import Library
from knowledge.sources import Root, Skipped, Source, roots, sources


@dataclass(frozen=True, slots=True)
class UploadReport:
    """What an upload did, or with ``dry_run`` would do; ``chunks`` are those written."""

    added: int
    updated: int
    unchanged: int
    removed: int
    failed: tuple[Failure, ...]
    chunks: int
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """The fixed JSON contract of ``knowhow upload --json``."""
        failed = [{"uri": one.uri, "reason": one.reason} for one in self.failed]
        return {**asdict(self), "failed": failed}


@dataclass(slots=True)
class _Survey:
    """What reading the sources has shown so far; filled in ingest's thread, read after it."""

    seen: set[str] = field(default_factory=set)
    unchanged: int = 0
    failed: list[Failure] = field(default_factory=list)
    unprunable: dict[Root, str] = field(default_factory=dict)


async def upload(
    paths: Sequence[Path],
    *,
    library: Library,
    encoder: Encoder,
    collection: str = "default",
    audience: tuple[str, ...] = (EVERYONE,),
    dry_run: bool = False,
    prune: bool = False,
    progress: Report = silent,
) -> UploadReport:
    """Bring a collection up to date with files and folders; what has not changed is not parsed.

    Each document is written whole or not at all: after a crash a second run completes the first.
    ``prune`` removes the collection's documents whose source lay under one of the paths and has
    gone; a path that could not be read to its end is not pruned, and named in ``failed``.

    Raises InvalidInput for a path that does not exist, before anything is written.
    """
    started = time.monotonic()
    named = await asyncio.to_thread(roots, paths)
    await library.check_encoder()
    known = await library.hashes(collection)
    survey = _Survey()
    drafts = _drafts(named, known, survey, collection, audience)
    if dry_run:
        done = await asyncio.to_thread(_rehearsed, drafts)
    else:
        done = await ingest(drafts, library, encoder, progress)
    gone = _gone(named, known, survey) if prune else []
    if gone and not dry_run:
        await library.remove(await library.ids(collection, gone))
    if (done.sources or gone) and not dry_run:
        await library.settle()
    updated = sum(source in known for source in done.sources)
    return UploadReport(
        added=len(done.sources) - updated,
        updated=updated,
        unchanged=survey.unchanged,
        removed=len(gone),
        failed=(*survey.failed, *done.failed),
        chunks=done.chunks,
        seconds=round(time.monotonic() - started, 3),
    )


def content_hash(data: bytes, audience: Sequence[str]) -> str:
    """Of all that decides what is stored: the bytes, who may see them, how they are read and cut.

    Not of the encoder: changing it is `knowhow reindex`'s work, and must not make every document
    look new.
    """
    decided = json.dumps([CHUNKING, sorted(audience)]).encode()
    return hashlib.sha256(decided + b"\0" + data).hexdigest()


def _drafts(
    named: Sequence[Root],
    known: Mapping[str, str],
    survey: _Survey,
    collection: str,
    audience: tuple[str, ...],
) -> Iterator[Draft]:
    """What is new or has changed; the rest goes on the survey's account."""
    for root in named:
        empty = True
        for source in sources(root):
            empty = False
            if isinstance(source, Skipped):
                _note(source, root, survey)
                continue
            if source.identity in survey.seen:
                continue
            survey.seen.add(source.identity)
            try:
                data = source.read()
                current = content_hash(data, audience)
                if known.get(source.identity) == current:
                    survey.unchanged += 1
                else:
                    yield Draft(_document(source, data), collection, audience, current)
            except UnreadableDocument as error:
                survey.failed.append(Failure(source.uri, str(error)))
        if empty:
            # A network share that is not mounted is an empty folder.
            survey.unprunable[root] = "nothing is there; remove its documents by hand if meant"


def _note(skipped: Skipped, root: Root, survey: _Survey) -> None:
    if skipped.identity is not None:
        if skipped.identity in survey.seen:
            return
        survey.seen.add(skipped.identity)
    if skipped.incomplete:
        survey.unprunable[root] = "not all of it could be read"
    survey.failed.append(Failure(skipped.uri, skipped.reason))


def _document(source: Source, data: bytes) -> Document:
    parsed = source.parse(data)
    return Document(
        source=source.identity,
        uri=parsed.uri or source.uri,
        title=parsed.title,
        text=parsed.text,
        metadata=parsed.metadata,
        updated_at=parsed.updated_at,
        anchors=parsed.anchors,
    )


def _rehearsed(drafts: Iterator[Draft]) -> Ingested:
    """What ingest would do, without encoding and writing."""
    written: list[str] = []
    chunks = 0
    for draft in drafts:
        written.append(draft.document.source)
        chunks += len(chunk(draft.document.text, draft.document.title))
    return Ingested(tuple(written), chunks, ())


def _gone(named: Sequence[Root], known: Mapping[str, str], survey: _Survey) -> list[str]:
    """Stored sources that lay under a root and are not there now."""
    gone: dict[str, None] = {}
    for root in named:
        if root.prefix is None:
            continue
        below = [source for source in known if source.startswith(root.prefix)]
        lost = [source for source in below if source not in survey.seen]
        if lost and root in survey.unprunable:
            reason = f"not pruned: {survey.unprunable[root]}"
            survey.failed.append(Failure(str(root.path), reason))
        else:
            gone |= dict.fromkeys(lost)
    return list(gone)
