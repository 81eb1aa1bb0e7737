"""What only a person can decide about pairs: asked once, and withheld from training meanwhile.

Whether an item is still open is derived when somebody asks: one whose pairs were rejected or
worded otherwise since has settled itself.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    any_,
    case,
    collate,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by, insert
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
    # As `_open` does in SQL.
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


async def open_items(
    connection: AsyncConnection,
    kind: str | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[Item]:
    """What still waits for a person: what is withheld first, the surest first within a kind."""
    query = _open(*_COLUMNS).order_by(
        pair_review.c.kind.not_in(WITHHELD),
        pair_review.c.kind,
        pair_review.c.score.desc().nulls_last(),
        pair_review.c.id,
    )
    if kind is not None:
        query = query.where(pair_review.c.kind == kind)
    rows = await connection.execute(query.limit(limit).offset(offset))
    return [
        Item(row.id, row.kind, tuple(row.pairs), row.why, row.score, row.created_at) for row in rows
    ]


async def open_counts(connection: AsyncConnection) -> dict[str, int]:
    """How many of those there are of each kind."""
    query = _open(pair_review.c.kind, func.count()).group_by(pair_review.c.kind)
    return {row[0]: row[1] for row in await connection.execute(query)}


async def is_open(connection: AsyncConnection, number: int) -> bool:
    """Whether the item still waits."""
    query = _open(pair_review.c.id).where(pair_review.c.id == number)
    return await connection.scalar(query) is not None


def asked_about() -> Select[Any]:
    """The pairs, by id, that any open item is about."""
    return _open(func.unnest(pair_review.c.pairs))


_COLUMNS = tuple(
    pair_review.c[name] for name in ("id", "kind", "pairs", "why", "score", "created_at")
)


def _open(*columns: ColumnElement[Any]) -> Select[Any]:
    """Of the items whose pairs still say what is asked about, and are still taught or may be."""
    active, first = pair.c.state.in_(ACTIVE), pair.c.id == pair_review.c.pairs[1]
    in_order: ColumnElement[str] = aggregate_order_by(
        literal_column(r"E'\n'"), collate(pair.c.digest, "C")
    )
    said = (
        select(
            func.count().filter(active).label("active"),
            func.bool_or(and_(active, first)).label("first_active"),
            func.string_agg(pair.c.digest, in_order).label("all"),
            func.max(pair.c.digest).filter(first).label("first"),
        )
        .where(pair.c.id == any_(pair_review.c.pairs))
        .correlate(pair_review)
        .lateral("said")
    )
    mutual = pair_review.c.kind.in_(MUTUAL)
    words = case((mutual, said.c["all"]), else_=said.c.first)
    worded = pair_review.c.kind.concat(literal_column(r"E'\n'")).concat(words)
    key = func.encode(func.sha256(func.convert_to(worded, "UTF8")), "hex")
    return (
        select(*columns)
        .select_from(pair_review)
        .join(said, true())
        .where(
            pair_review.c.resolution.is_(None),
            case((mutual, said.c.active > 1), else_=said.c.first_active),
            pair_review.c.key == key,
        )
    )


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
