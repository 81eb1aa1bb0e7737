"""What the owners of documents should look at: said twice, said differently, out of date."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

import numpy as np
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncEngine

from knowledge.documents import ATTACHED
from knowledge.reviewing.conflicts import Conflict, conflicts
from knowledge.storage.fingerprints import resemblance

_ALIKE = 0.8
_FORM = 20
"""Documents that one band brings together; more of them fill in a form."""

_NOBODY: Mapping[int, Sequence[str]] = {}

_NAMED = """
    SELECT id, title, uri, owner FROM document
    WHERE (CAST(:collection AS text) IS NULL OR collection = :collection)
    AND collection <> :attached
"""
_ALL = text(_NAMED)
_EXPIRED = text(f"""
    SELECT id, expires_at FROM ({_NAMED}) AS named JOIN document USING (id)
    WHERE expires_at < now() ORDER BY expires_at
""")  # noqa: S608 - a constant
_REPEATS = text("SELECT id, duplicate_of FROM document WHERE duplicate_of IS NOT NULL ORDER BY id")
_TEXTS = text("""
    SELECT document.id, version.text FROM document JOIN document_version AS version
        ON version.document_id = document.id AND version.version = document.version
    WHERE duplicate_of IS NULL ORDER BY document.id
""")
_SIGNATURES = text("SELECT document_id, signature, bands FROM fingerprint ORDER BY document_id")
_UNCHANGED = text("""
    SELECT id, coalesce(source_updated_at, updated_at) AS since FROM document
    WHERE id = ANY(:ids) AND coalesce(source_updated_at, updated_at) < :before
""")


@dataclass(frozen=True, slots=True)
class Named:
    """A document as a finding names it."""

    id: int
    title: str
    uri: str
    owner: str | None


@dataclass(frozen=True, slots=True)
class Alike:
    """Two documents and the share of what they have in common, 0..1; ``indexed``: both are."""

    document: Named
    other: Named
    similarity: float
    indexed: bool


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two documents, and the sentence of each that the other's contradicts."""

    document: Named
    other: Named
    says: str
    other_says: str


@dataclass(frozen=True, slots=True)
class Stale:
    """A document past its date; or unchanged since then and still cited, so many times."""

    document: Named
    since: datetime
    cited: int | None = None


@dataclass(frozen=True, slots=True)
class Blamed:
    """A document that somebody found wrong, and what is right instead."""

    document: Named
    right: str


@dataclass(frozen=True, slots=True)
class Review:
    """All findings, each kind's worst first."""

    duplicates: tuple[Alike, ...]
    conflicts: tuple[Contradiction, ...]
    expired: tuple[Stale, ...]
    unchanged: tuple[Stale, ...]
    blamed: tuple[Blamed, ...] = ()


async def review(
    engine: AsyncEngine,
    cited: Mapping[int, int],
    unchanged_before: datetime,
    *,
    collection: str | None = None,
    owner: str | None = None,
    blamed: Mapping[int, Sequence[str]] = _NOBODY,
) -> Review:
    """Look through the library; ``cited`` says how often each document was, where that is often.

    Reads every text once. ``blamed`` holds what is right instead of what a document says. Findings
    name a document of the collection, and of the owner if given.
    """
    given = {"collection": collection, "attached": ATTACHED}
    async with engine.connect() as connection:
        named = {row.id: Named(*row) for row in await connection.execute(_ALL, given)}
        repeats = (await connection.execute(_REPEATS)).all()
        signatures = (await connection.execute(_SIGNATURES)).all()
        texts = [(row.id, row.text) for row in await connection.execute(_TEXTS) if row.id in named]
        expired = (await connection.execute(_EXPIRED, given)).all()
        asked = {"ids": list(cited), "before": unchanged_before}
        unchanged = (await connection.execute(_UNCHANGED, asked)).all()
    alike, found = await asyncio.to_thread(_compared, signatures, texts)

    def wanted(*ids: int) -> bool:
        known = all(number in named for number in ids)
        return known and (owner is None or any(named[number].owner == owner for number in ids))

    twice = [Alike(named[a], named[b], 1.0, indexed=False) for a, b in repeats if wanted(a, b)]
    nearly = [Alike(named[a], named[b], s, indexed=True) for a, b, s in alike if wanted(a, b)]
    contradictions = [
        Contradiction(
            named[one.one.document_id],
            named[one.other.document_id],
            one.one.sentence,
            one.other.sentence,
        )
        for one in found
        if wanted(one.one.document_id, one.other.document_id)
    ]
    often = [Stale(named[a], since, cited[a]) for a, since in unchanged if wanted(a)]
    return Review(
        duplicates=(*twice, *sorted(nearly, key=lambda one: -one.similarity)),
        conflicts=tuple(contradictions),
        expired=tuple(Stale(named[a], since) for a, since in expired if wanted(a)),
        unchanged=tuple(sorted(often, key=lambda one: -(one.cited or 0))),
        blamed=tuple(
            Blamed(named[number], right)
            for number, said in blamed.items()
            if wanted(number)
            for right in said
        ),
    )


def _compared(
    signatures: Sequence[Row[int, bytes, list[int]]], texts: Sequence[tuple[int, str]]
) -> tuple[list[tuple[int, int, float]], list[Conflict]]:
    return list(_nearly_alike(signatures)), list(conflicts(texts))


def _nearly_alike(
    signatures: Sequence[Row[int, bytes, list[int]]],
) -> Iterator[tuple[int, int, float]]:
    """Documents that share a band, and by their signatures most of what they say."""
    made = {number: np.frombuffer(data, "<u4") for number, data, _ in signatures}
    by_band: dict[int, list[int]] = defaultdict(list)
    for number, _, bands in signatures:
        for band in bands:
            by_band[band].append(number)
    pairs = {
        pair
        for held in by_band.values()
        if 1 < len(held) <= _FORM
        for pair in combinations(held, 2)
    }
    for one, other in sorted(pairs):
        similarity = float(resemblance(made[one], made[other][None])[0])
        if similarity >= _ALIKE:
            yield one, other, similarity
