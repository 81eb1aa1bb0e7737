"""What only a person can decide about pairs: asked once, and withheld from training meanwhile.

Whether an item is still open is derived when somebody asks: one whose pairs were rejected or
worded otherwise since has settled itself.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.tables import pair, pair_review
from agent.tuning.examining.findings import Finding
from agent.tuning.stored_pairs import ACTIVE

WITHHELD = frozenset({"contradiction", "personal data", "secret", "leak", "ungrounded"})
"""Kinds that would hurt when trained on, so their pairs wait for the decision."""

MUTUAL = frozenset({"contradiction", "exact duplicate", "near duplicate", "semantic duplicate"})
"""Kinds that are a fault between pairs, and none once only one of them is left."""

_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Item:
    """A question to a person; of a kind that is no fault between pairs only the first is meant."""

    id: int
    kind: str
    pairs: tuple[int, ...]
    why: str
    score: float | None
    created_at: datetime

    @property
    def meant(self) -> tuple[int, ...]:
        """The pairs that a decision is about when it names none."""
        return self.pairs if self.kind in MUTUAL else self.pairs[:1]


def review_key(kind: str, digests: Sequence[str]) -> str:
    """Names the question by what the pairs say: the same texts are never asked about twice."""
    meant = sorted(digests) if kind in MUTUAL else digests[:1]
    return hashlib.sha256("\n".join([kind, *meant]).encode()).hexdigest()


async def enqueue(
    connection: AsyncConnection, findings: Sequence[Finding], digests: Mapping[int, str]
) -> int:
    """Put findings before a person and return how many are new; what was asked stays as it is."""
    rows = [
        {
            "kind": one.kind,
            "pairs": list(one.pairs),
            "key": review_key(one.kind, [digests[number] for number in one.pairs]),
            "why": one.why,
            "score": one.score,
        }
        for one in findings
    ]
    added = 0
    for start in range(0, len(rows), _BATCH):
        written = insert(pair_review).values(rows[start : start + _BATCH])
        asked = written.on_conflict_do_nothing().returning(pair_review.c.id)
        added += len((await connection.execute(asked)).all())
    return added


async def decided(connection: AsyncConnection) -> set[str]:
    """The keys of what persons have decided."""
    query = select(pair_review.c.key).where(pair_review.c.resolution.is_not(None))
    return set(await connection.scalars(query))


async def open_items(connection: AsyncConnection) -> list[Item]:
    """What still waits for a person: what is withheld first, the surest first within a kind."""
    query = (
        select(pair_review)
        .where(pair_review.c.resolution.is_(None))
        .order_by(
            pair_review.c.kind.not_in(WITHHELD),
            pair_review.c.kind,
            pair_review.c.score.desc().nulls_last(),
            pair_review.c.id,
        )
    )
    rows = (await connection.execute(query)).all()
    meant = select(func.unnest(pair_review.c.pairs)).where(pair_review.c.resolution.is_(None))
    columns = (pair.c.id, pair.c.digest, pair.c.state)
    found = await connection.execute(select(*columns).where(pair.c.id.in_(meant)))
    known = {row.id: row for row in found}

    def waits(kind: str, pairs: Sequence[int], key: str) -> bool:
        active = [number for number in pairs if known[number].state in ACTIVE]
        enough = len(active) > 1 if kind in MUTUAL else pairs[0] in active
        return enough and key == review_key(kind, [known[number].digest for number in pairs])

    return [
        Item(row.id, row.kind, tuple(row.pairs), row.why, row.score, row.created_at)
        for row in rows
        if waits(row.kind, row.pairs, row.key)
    ]


def withheld(items: Iterable[Item], among: Collection[int]) -> dict[int, str]:
    """Which of these pairs must not be taught until the items are decided, with the kind.

    A contradiction withholds its pairs only where more than one of them would be taught: a
    candidate, or another audience's pair, takes nothing away from a curated one.
    """
    kept: dict[int, str] = {}
    for one in items:
        if one.kind not in WITHHELD:
            continue
        meant = [number for number in one.pairs if number in among]
        if one.kind not in MUTUAL:
            meant = [number for number in meant if number == one.pairs[0]]
        if len(meant) > (one.kind in MUTUAL):
            kept.update(dict.fromkeys(meant, one.kind))
    return kept
