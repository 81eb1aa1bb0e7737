"""A dry run: what an upload would change, document by document, without encoding or writing."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import islice, takewhile
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncEngine

from knowledge.chunking import chunk
from knowledge.storage.ingest import Draft, Ingested
from knowledge.uploading.stored import Held, Stored, held_documents
from knowledge.uploading.survey import Survey

_AT_ONCE = 32
"""Documents whose stored text is held beside the new one."""

_ALIGNED_LINES = 1000
"""Longer texts are compared as bags of lines: aligning them takes the square of their length."""


@dataclass(frozen=True, slots=True)
class Change:
    """What would happen to one document; ``fields`` are those that differ, before and after."""

    uri: str
    change: Literal["added", "updated", "removed"]
    title: str
    collection: str
    lines_added: int = 0
    lines_removed: int = 0
    fields: Mapping[str, tuple[str | None, str | None]] | None = None

    def as_json(self) -> dict[str, Any]:
        """An entry of ``changes`` in ``knowhow upload --dry-run --json``."""
        fields = (self.fields or {}).items()
        return {
            "uri": self.uri,
            "change": self.change,
            "title": self.title,
            "collection": self.collection,
            "lines_added": self.lines_added,
            "lines_removed": self.lines_removed,
            "fields": {name: {"before": old, "after": new} for name, (old, new) in fields},
        }


async def rehearse(
    drafts: Iterator[Draft], survey: Survey, engine: AsyncEngine
) -> tuple[Ingested, list[Change]]:
    """Go through the drafts as `ingest` would; the chunks are counted, nothing is stored."""
    changes: list[Change] = []
    sources: list[str] = []
    chunks = 0
    while batch := await asyncio.to_thread(lambda: list(islice(drafts, _AT_ONCE))):
        before = {one.document.source: _before(one, survey) for one in batch}
        held = await held_documents(engine, [one.id for one in before.values() if one])
        compared = await asyncio.to_thread(_compared, batch, before, held)
        changes += [change for change, _ in compared]
        chunks += sum(count for _, count in compared)
        sources += before
    return Ingested(tuple(sources), chunks, ()), changes


def removal(stored: Stored) -> Change:
    """Of a document that would be removed."""
    return Change(stored.uri, "removed", stored.title, stored.collection)


def lines_changed(before: str, after: str) -> tuple[int, int]:
    """How many lines are new and how many are gone."""
    old, new = _differing(before.split("\n"), after.split("\n"))
    if max(len(old), len(new)) > _ALIGNED_LINES:
        was, will = Counter(old), Counter(new)
        return (will - was).total(), (was - will).total()
    added = removed = 0
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            added += d - c
            removed += b - a
    return added, removed


def _differing(old: list[str], new: list[str]) -> tuple[list[str], list[str]]:
    """Without the lines that both begin and end with."""
    start = sum(1 for _ in takewhile(lambda both: both[0] == both[1], zip(old, new, strict=False)))
    old, new = old[start:], new[start:]
    ends = zip(reversed(old), reversed(new), strict=False)
    end = sum(1 for _ in takewhile(lambda both: both[0] == both[1], ends))
    return old[: len(old) - end], new[: len(new) - end]


def _before(draft: Draft, survey: Survey) -> Stored | None:
    """What is stored of it, be it in a collection that it leaves."""
    key = (draft.collection, draft.document.source)
    return survey.known.get(key) or next(iter(survey.left.get(key, ())), None)


def _compared(
    batch: Sequence[Draft], before: Mapping[str, Stored | None], held: Mapping[int, Held]
) -> list[tuple[Change, int]]:
    compared = []
    for draft in batch:
        stored = before[draft.document.source]
        old = held.get(stored.id) if stored else None
        count = len(chunk(draft.document.text, draft.document.title))
        compared.append((_change(draft, old), count))
    return compared


def _change(draft: Draft, old: Held | None) -> Change:
    document = draft.document
    if old is None:
        lines = len(document.text.split("\n"))
        return Change(document.uri, "added", document.title, draft.collection, lines)
    expires = f"{draft.expires_at:%Y-%m-%d}" if draft.expires_at else None
    pairs: dict[str, tuple[str | None, str | None]] = {
        "title": (old.title, document.title),
        "uri": (old.uri, document.uri),
        "collection": (old.collection, draft.collection),
        "audience": (", ".join(sorted(old.audience)), ", ".join(sorted(draft.audience))),
        "owner": (old.owner, draft.owner),
        "expires": (old.expires, expires),
    }
    added, removed = lines_changed(old.text, document.text)
    differing = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
    return Change(
        document.uri, "updated", document.title, draft.collection, added, removed, differing
    )
