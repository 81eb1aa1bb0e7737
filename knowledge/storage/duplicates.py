"""Documents that say nothing new: stored with their history, found through the one they repeat."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Row, insert, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from knowledge.documents import Document, covers
from knowledge.storage.fingerprints import Fingerprint, Shingles, says_no_more, shingles_of
from knowledge.tables import fingerprint

_CANDIDATES = 8
"""Documents whose text is compared, the likeliest first."""

# A band that stands in very many documents is a form's; twenty of them show it.
_SHARING = text("""
    SELECT new.id, held.document_id
    FROM unnest(CAST(:ids AS bigint[]), CAST(:bands AS bigint[])) AS new (id, band)
    CROSS JOIN LATERAL (
        SELECT document_id FROM fingerprint WHERE bands @> ARRAY[new.band] LIMIT 20
    ) AS held
    UNION ALL
    SELECT new.id, held.document_id
    FROM unnest(CAST(:marked AS bigint[]), CAST(:digests AS text[])) AS new (id, digest)
    CROSS JOIN LATERAL (
        SELECT document_id FROM fingerprint WHERE digest = new.digest LIMIT 20
    ) AS held
""")

_STANDING = text("""
    SELECT document.id, document.collection, document.audience, version.title, version.text
    FROM document JOIN document_version AS version
        ON version.document_id = document.id AND version.version = document.version
    WHERE document.id = ANY(:ids)
""")

_POINT = text("""
    UPDATE document SET duplicate_of = new.original
    FROM unnest(CAST(:ids AS bigint[]), CAST(:originals AS bigint[])) AS new (id, original)
    WHERE document.id = new.id
""")

_FORGET = text("DELETE FROM fingerprint WHERE document_id = ANY(:ids)")

_REPEATS = text("""
    SELECT document.uri, original.uri
    FROM unnest(CAST(:collections AS text[]), CAST(:sources AS text[])) AS new (collection, source)
    JOIN document USING (collection, source)
    JOIN document AS original ON original.id = document.duplicate_of
    ORDER BY document.id
""")

_RELEASE = text("UPDATE document SET duplicate_of = NULL WHERE duplicate_of = ANY(:originals)")


@dataclass(frozen=True, slots=True)
class Marked:
    """A document just written, without chunks yet, and what it may be recognised by."""

    id: int
    collection: str
    audience: tuple[str, ...]
    document: Document
    fingerprint: Fingerprint


@dataclass(frozen=True, slots=True)
class _Original:
    """A document that may stand for others."""

    collection: str
    audience: tuple[str, ...]
    shingles: Shingles

    def stands_for(self, one: Marked, shingles: Shingles) -> bool:
        """Whoever may see the other finds in this all that it says, in the same collection."""
        seen = covers(self.audience, one.audience)
        return self.collection == one.collection and seen and says_no_more(shingles, self.shingles)


@dataclass(frozen=True, slots=True)
class Repeat:
    """A document that is not indexed since the one at ``original`` says all that it says."""

    uri: str
    original: str


async def repeats(engine: AsyncEngine, keys: Iterable[tuple[str, str]]) -> tuple[Repeat, ...]:
    """Those of the documents, given by collection and source, that another stands for."""
    known = list(keys)
    asked = {"collections": [key[0] for key in known], "sources": [key[1] for key in known]}
    async with engine.connect() as connection:
        return tuple(Repeat(*row) for row in await connection.execute(_REPEATS, asked))


async def stand_ins(
    connection: AsyncConnection, marked: Sequence[Marked], written: Sequence[int]
) -> Mapping[int, int]:
    """Note which of the documents another stands for, by their ids, and the others' fingerprints.

    ``written`` are all that the transaction renews; those in ``marked`` may stand for each other.
    """
    await connection.execute(_FORGET, {"ids": list(written)})
    if not marked:
        return {}
    likely = await _alike(connection, marked)
    wanted = {found for ids in likely.values() for found in ids}
    originals = {
        row.id: _original(row) for row in await connection.execute(_STANDING, {"ids": list(wanted)})
    }
    covered: dict[int, int] = {}
    by_band: dict[int, list[int]] = defaultdict(list)
    for one in marked:
        earlier = Counter(other for band in one.fingerprint.bands for other in by_band[band])
        others = [*likely[one.id], *(found for found, _ in earlier.most_common(_CANDIDATES))]
        shingles = shingles_of(one.document.title, one.document.text)
        standing = (other for other in others if originals[other].stands_for(one, shingles))
        original = next(standing, None)
        if original is not None:
            covered[one.id] = original
            continue
        originals[one.id] = _Original(one.collection, one.audience, shingles)
        for band in one.fingerprint.bands:
            by_band[band].append(one.id)
    await _remember(connection, [one for one in marked if one.id not in covered])
    if covered:
        asked = {"ids": list(covered), "originals": list(covered.values())}
        await connection.execute(_POINT, asked)
    return covered


async def release_duplicates(connection: AsyncConnection, originals: Sequence[int]) -> None:
    """These documents change: nothing is taken to be said by them any more."""
    await connection.execute(_RELEASE, {"originals": list(originals)})


async def _remember(connection: AsyncConnection, marked: Sequence[Marked]) -> None:
    if marked:
        await connection.execute(
            insert(fingerprint),
            [
                {
                    "document_id": one.id,
                    "digest": one.fingerprint.digest,
                    "signature": one.fingerprint.signature.astype("<u4").tobytes(),
                    "bands": list(one.fingerprint.bands),
                }
                for one in marked
            ],
        )


async def _alike(
    connection: AsyncConnection, marked: Sequence[Marked]
) -> Mapping[int, Sequence[int]]:
    """Stored documents with a fingerprint like each one's, those that share most first."""
    pairs = [(one.id, band) for one in marked for band in one.fingerprint.bands]
    asked = {
        "ids": [number for number, _ in pairs],
        "bands": [band for _, band in pairs],
        "marked": [one.id for one in marked],
        "digests": [one.fingerprint.digest for one in marked],
    }
    counts: dict[int, Counter[int]] = defaultdict(Counter)
    for number, found in await connection.execute(_SHARING, asked):
        counts[number][found] += 1
    return {
        one.id: [found for found, _ in counts[one.id].most_common(_CANDIDATES)] for one in marked
    }


def _original(row: Row[int, str, list[str], str, str]) -> _Original:
    return _Original(row.collection, tuple(row.audience), shingles_of(row.title, row.text))
