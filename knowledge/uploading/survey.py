"""Reading what an upload was given: what is new, what has changed, what cannot be read."""

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from knowledge.chunking import CHUNKING
from knowledge.documents import EVERYONE, Document
from knowledge.errors import DocumentGone, EmptyDocument, UnreadableDocument
from knowledge.sources import Placement, Root, Skipped, Source
from knowledge.storage.ingest import Draft, Failure
from knowledge.uploading.stored import Key, Known, Stored

Read = Callable[[Root], Iterator[Source | Skipped]]
"""`knowledge.sources.sources`, with its options given."""


@dataclass(frozen=True, slots=True)
class Filing:
    """Where an upload puts what it reads, for all that a folder's own settings do not decide."""

    collection: str = "default"
    audience: tuple[str, ...] = (EVERYONE,)
    owner: str | None = None
    expires_at: datetime | None = None
    author: str = ""

    def of(self, placement: Placement) -> "Filing":
        """As the folder wants it; its word goes over the upload's."""
        return Filing(
            placement.collection or self.collection,
            placement.audience or self.audience,
            placement.owner or self.owner,
            placement.expires_at or self.expires_at,
            self.author,
        )


def content_hash(data: bytes, filing: Filing, uri: str = "") -> str:
    """Of all that decides what is stored: the bytes, who may see them, how they are read and cut.

    Not of the encoder: changing it is `knowhow reindex`'s work, and must not make every document
    look new. Nor of the collection, which is part of a document's name.
    """
    expires = filing.expires_at and filing.expires_at.isoformat()
    decided = [CHUNKING, sorted(filing.audience), filing.owner, expires, uri]
    return hashlib.sha256(json.dumps(decided).encode() + b"\0" + data).hexdigest()


@dataclass(slots=True)
class Survey:
    """What reading the sources has shown so far; filled in a thread, counted from outside.

    ``only`` are the sources to read, the others being passed over; None reads all. ``left``
    holds documents whose source now belongs into another collection, by that new place. ``empty``
    are the addresses of what holds nothing; of a stored document that is its new version, so that
    nobody is given the old text, and its history can bring it back.
    """

    known: Known
    filing: Filing
    only: Collection[str] | None = None
    seen: set[str] = field(default_factory=set)
    filed: dict[str, Key] = field(default_factory=dict)
    left: dict[Key, list[Stored]] = field(default_factory=dict)
    unchanged: int = 0
    empty: list[str] = field(default_factory=list)
    failed: list[tuple[Root, Failure]] = field(default_factory=list)
    vanished: list[tuple[Root, Failure]] = field(default_factory=list)
    unprunable: dict[Root, str] = field(default_factory=dict)

    def drafts(self, roots: Sequence[Root], read: Read) -> Iterator[Draft]:
        """What is new or has changed; the rest goes on this account. Blocks."""
        for root in roots:
            empty = True
            before = len(self.seen)
            for source in read(root):
                empty = False
                if isinstance(source, Skipped):
                    self._note(source, root)
                elif self._is_wanted(source.identity):
                    self.seen.add(source.identity)
                    yield from self._read(source, root)
            if empty:
                # A network share that is not mounted is an empty folder.
                self.unprunable[root] = "nothing is there; remove its documents by hand if meant"
            elif root.prefix and self.vanished and len(self.seen) == before:
                # A site that answers 404 to every page it lists is being moved, or broken.
                self.unprunable[root] = "all of it is said to be gone; remove it by hand if meant"

    def gone(self, roots: Sequence[Root]) -> tuple[list[Stored], list[Failure]]:
        """Stored documents that lay under a root and are not there now; roots it cannot say it of.

        To be asked when all has been read.
        """
        gone: dict[int, Stored] = {}
        kept: list[Failure] = []
        vanished = {failure.source for _, failure in self.vanished}
        for root in roots:
            if root.prefix is None:
                below = [one for one in self.known if one.source == str(root.path)]
                lost = [one for one in below if one.source in vanished]
            else:
                below = [one for one in self.known if one.source.startswith(root.prefix)]
                lost = [one for one in below if one.source not in self.seen]
            lost = [one for one in lost if one.placed or one.collection == self.filing.collection]
            if lost and root in self.unprunable:
                reason = f"not pruned: {self.unprunable[root]}"
                kept.append(Failure(str(root.path), reason))
            else:
                gone |= {one.id: one for one in lost}
        return list(gone.values()), kept

    def _is_wanted(self, identity: str) -> bool:
        return identity not in self.seen and (self.only is None or identity in self.only)

    def _read(self, source: Source, root: Root) -> Iterator[Draft]:
        filing = self.filing.of(source.placement)
        key = (filing.collection, source.identity)
        placed = source.placement.collection is not None
        stored = self.known.get(key)
        if left := self.known.left_behind(key, placed=placed):
            self.left[key] = left
        try:
            data = source.read()
            current = content_hash(data, filing, source.uri)
            if stored and stored.content_hash == current and stored.placed == placed:
                self.unchanged += 1
                return
            document = _document(source, data)
        except DocumentGone as error:
            self.seen.discard(source.identity)
            self.vanished.append((root, Failure(source.uri, str(error), source.identity)))
            return
        except EmptyDocument:
            self.empty.append(source.uri)
            before = next(filter(None, (stored, *left)), None)
            if before is None:
                return
            document = Document(source.identity, source.uri, before.title, "")
        except UnreadableDocument as error:
            self.failed.append((root, Failure(source.uri, str(error), source.identity)))
            return
        self.filed[source.identity] = key
        yield Draft(
            document,
            filing.collection,
            filing.audience,
            current,
            filing.owner,
            filing.expires_at,
            filing.author,
            placed,
            once=bool(document.text),
        )

    def _note(self, skipped: Skipped, root: Root) -> None:
        name = skipped.identity
        if name is not None:
            if not self._is_wanted(name):
                return
            self.seen.add(name)
        if skipped.incomplete:
            self.unprunable[root] = "not all of it could be read"
        self.failed.append((root, Failure(skipped.uri, skipped.reason, name)))


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
