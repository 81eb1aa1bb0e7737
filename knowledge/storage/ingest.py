"""Documents into the library: cut, encode, write, the three at once and in bounded memory."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime

import psycopg
from sqlalchemy.exc import DBAPIError

from knowledge.chunking import chunk, searchable
from knowledge.documents import Chunk, Document
from knowledge.embedding import Encoder
from knowledge.errors import DatabaseError
from knowledge.storage.contexts import contexts_of
from knowledge.storage.fingerprints import Fingerprint, fingerprint
from knowledge.storage.library import Library, Still
from knowledge.storage.prepared import Prepared

_ROUND_CHUNKS = 512
"""Chunks encoded and written together: some seconds of work, some megabytes of memory."""

_VALUES_FAULT = ("22", "23", "54")
"""SQLSTATE classes that blame the values given: data, integrity, a limit exceeded."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A document to be stored, with what decides who sees it and whether it has changed.

    ``placed``: its folder chose the collection, so it belongs into no other. ``once``: it is not
    indexed beside a document that already says the same. ``contexts`` are context lines by the
    text of their chunk; a chunk that is stored with one already keeps it.
    """

    document: Document
    collection: str
    audience: tuple[str, ...]
    content_hash: str
    owner: str | None = None
    expires_at: datetime | None = None
    author: str = ""
    placed: bool = False
    once: bool = False
    contexts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failure:
    """A document that could not be stored, and why, in one line; ``source`` where it is known."""

    uri: str
    reason: str
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """Documents and chunks written so far."""

    documents: int
    chunks: int


Report = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Ingested:
    """``sources`` are those of the documents written."""

    sources: tuple[str, ...]
    chunks: int
    failed: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class _Cut:
    """A draft in chunks; ``texts`` is what to encode of each, None where the encoder must not."""

    draft: Draft
    chunks: tuple[Chunk, ...]
    texts: tuple[str | None, ...]
    fingerprint: Fingerprint | None


def silent(_: Progress) -> None:
    """The progress report of whoever does not want one."""


async def ingest(
    drafts: Iterable[Draft],
    library: Library,
    encoder: Encoder,
    progress: Report = silent,
    still: Still | None = None,
) -> Ingested:
    """Store the drafts, each whole or not at all.

    ``drafts`` is consumed in a thread, as far ahead as one round: it may read and parse files.
    While a round is encoded the next is cut and the one before is written. A document that the
    database refuses for its content is named in ``failed``. ``still`` as in `Library.put`.

    Raises DatabaseError, EncoderError or what ``drafts`` raises, after the rounds before the
    error have been written.
    """
    writer = _Writer(library, progress, still)
    writing = asyncio.create_task(asyncio.sleep(0))
    try:
        async with aclosing(_ahead(_rounds(drafts, encoder))) as rounds:
            async for current in rounds:
                prepared = await _encoded(await _situated(current, library, encoder), encoder)
                # Stopped here, the round that is being written is still written.
                await asyncio.shield(writing)
                writing = asyncio.create_task(writer.write(prepared))
    finally:
        await writing
    return Ingested(tuple(writer.sources), writer.chunks, tuple(writer.failed))


class _Writer:
    """Puts rounds into the library and keeps the account."""

    def __init__(self, library: Library, progress: Report, still: Still | None) -> None:
        self._library = library
        self._progress = progress
        self._still = still
        self.sources: list[str] = []
        self.chunks = 0
        self.failed: list[Failure] = []

    async def write(self, prepared: Sequence[Prepared]) -> None:
        if await self._refused(prepared) is None:
            return
        for one in prepared:
            reason = await self._refused([one])
            if reason is not None:
                self.failed.append(Failure(one.document.uri, reason, one.document.source))

    async def _refused(self, prepared: Sequence[Prepared]) -> str | None:
        """Why the database would not store these for what they hold; None: it has them."""
        try:
            await self._put(prepared)
        except (DBAPIError, psycopg.Error) as error:
            return refusal(error)
        return None

    async def _put(self, prepared: Sequence[Prepared]) -> None:
        self.chunks += await self._library.put(prepared, self._still)
        self.sources += [one.document.source for one in prepared]
        self._progress(Progress(len(self.sources), self.chunks))


def refusal(error: DBAPIError | psycopg.Error) -> str:
    """Why the database would not take a document; raises DatabaseError where none is to blame."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    line = (str(cause).strip() or type(cause).__name__).splitlines()[0]
    state = str(getattr(cause, "sqlstate", None))
    if isinstance(cause, psycopg.DataError) or state.startswith(_VALUES_FAULT):
        return f"the database refuses its content: {line}"
    raise DatabaseError(
        f"the database stopped taking documents: {line}; what was written before is "
        "complete, run it again to continue"
    ) from error


def _rounds(drafts: Iterable[Draft], encoder: Encoder) -> Iterator[list[_Cut]]:
    held: list[_Cut] = []
    count = 0
    for draft in drafts:
        held.append(_cut(draft, encoder))
        count += len(held[-1].chunks)
        if count >= _ROUND_CHUNKS:
            yield held
            held, count = [], 0
    if held:
        yield held


def _cut(draft: Draft, encoder: Encoder) -> _Cut:
    title, body = draft.document.title, draft.document.text
    chunks = chunk(body, title)
    mark = fingerprint(title, body) if draft.once else None
    return _Cut(draft, chunks, _texts(title, chunks, encoder), mark)


def _texts(title: str, chunks: Sequence[Chunk], encoder: Encoder) -> tuple[str | None, ...]:
    texts = [searchable(title, piece) for piece in chunks]
    return tuple(text if encoder.covers(text) else None for text in texts)


async def _situated(current: Sequence[_Cut], library: Library, encoder: Encoder) -> Sequence[_Cut]:
    """With the context lines of the drafts, and of unchanged chunks of stored documents."""
    keys = [(one.draft.collection, one.draft.document.source) for one in current]
    held = await contexts_of(library.engine, keys)
    return [
        _with_contexts(one, {**held.get(key, {}), **one.draft.contexts}, encoder)
        for key, one in zip(keys, current, strict=True)
    ]


def _with_contexts(cut: _Cut, contexts: Mapping[str, str], encoder: Encoder) -> _Cut:
    if not contexts:
        return cut
    chunks = tuple(replace(one, context=contexts.get(one.text, "")) for one in cut.chunks)
    return replace(cut, chunks=chunks, texts=_texts(cut.draft.document.title, chunks, encoder))


async def _ahead(rounds: Iterator[list[_Cut]]) -> AsyncGenerator[list[_Cut]]:
    """The rounds, the next one already being made in a thread while one is used."""
    upcoming = asyncio.create_task(asyncio.to_thread(next, rounds, None))
    try:
        while (current := await upcoming) is not None:
            upcoming = asyncio.create_task(asyncio.to_thread(next, rounds, None))
            yield current
    finally:
        # A thread cannot be stopped; it is waited for, so that nothing outlives the call.
        await asyncio.gather(upcoming, return_exceptions=True)


async def _encoded(current: Sequence[_Cut], encoder: Encoder) -> list[Prepared]:
    texts = [text for one in current for text in one.texts if text is not None]
    vectors = iter(await encoder.encode(texts) if texts else ())
    return [
        Prepared(
            document=one.draft.document,
            collection=one.draft.collection,
            audience=one.draft.audience,
            content_hash=one.draft.content_hash,
            chunks=one.chunks,
            vectors=[None if text is None else next(vectors) for text in one.texts],
            owner=one.draft.owner,
            expires_at=one.draft.expires_at,
            author=one.draft.author,
            placed=one.draft.placed,
            fingerprint=one.fingerprint,
        )
        for one in current
    ]
