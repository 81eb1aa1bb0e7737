"""Everything that is done to a pair, written down beside it, so that it can be undone."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.tables import pair, pair_event, pair_review
from agent.tuning.pair_queue import review_key
from knowledge.database import Database

_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Change:
    """New values for columns of a pair, and why; ``kind`` is the fault found, if one was.

    With a ``digest`` only while the pair says what was looked at.
    """

    pair_id: int
    values: Mapping[str, Any]
    reason: str
    kind: str = ""
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Undone:
    """Pairs that are as they were, and those left alone because they changed again since."""

    restored: tuple[int, ...]
    changed_since: tuple[int, ...]


async def apply(
    connection: AsyncConnection, changes: Sequence[Change], action: str, author: str, run: UUID
) -> list[int]:
    """Write the changes and the log of them in the caller's transaction; returns whom they met.

    A pair that already is so, whatever its note says, is passed over: doing it twice is the same
    as once.
    """
    rows = await _locked(connection, [one.pair_id for one in changes])
    events: list[dict[str, Any]] = []
    for one in changes:
        row = rows.get(one.pair_id)
        if row is None or one.digest not in {None, row.digest} or _agrees(row, one.values):
            continue
        after = {**one.values, "note": one.reason}
        events.append(
            {
                "pair_id": one.pair_id,
                "run": run,
                "action": action,
                "before": {name: getattr(row, name) for name in after},
                "after": after,
                "reason": f"{one.kind}: {one.reason}" if one.kind else one.reason,
                "author": author,
            }
        )
    await _write(connection, events)
    return [one["pair_id"] for one in events]


async def undo(
    database: Database, author: str, *, run: UUID | None = None, pair_id: int | None = None
) -> Undone:
    """Undo a run, or the last thing that was done to a pair and was not undone yet.

    The review items that were decided with it are open again. A dropped pair that is brought back
    was wanted: cleaning does not drop it for that reason again.
    """
    async with database.engine.begin() as connection:
        if run is None:
            ids = [] if pair_id is None else [pair_id]
        else:
            done = select(pair_event.c.pair_id).where(pair_event.c.run == run)
            ids = sorted(set(await connection.scalars(done)))
        rows = await _locked(connection, ids)
        last = await _last_standing(connection, ids)
        back = [one for one in last.values() if run is None or one.run == run]
        back = [one for one in back if _agrees(rows[one.pair_id], one.after)]
        back = await _without_doubles(connection, back)
        await _write(connection, [_reverse(one, author) for one in back])
        await _wanted(connection, [one for one in back if one.action == "drop"], rows, author)
        await _reopen(connection, {one.run for one in back} | ({run} if run else set()))
        restored = tuple(sorted(one.pair_id for one in back))
        return Undone(restored, tuple(one for one in ids if one not in restored))


async def _locked(connection: AsyncConnection, ids: Sequence[int]) -> dict[int, Row[Any]]:
    """In the order of their ids, so that two who change pairs at once do not block each other."""
    found: dict[int, Row[Any]] = {}
    ordered = sorted(set(ids))
    for start in range(0, len(ordered), _BATCH):
        wanted = pair.c.id.in_(ordered[start : start + _BATCH])
        query = select(pair).where(wanted).order_by(pair.c.id).with_for_update()
        found.update({row.id: row for row in await connection.execute(query)})
    return found


def _agrees(row: Row[Any], values: Mapping[str, Any]) -> bool:
    return all(getattr(row, name) == value for name, value in values.items() if name != "note")


async def _write(connection: AsyncConnection, events: Sequence[Mapping[str, Any]]) -> None:
    """One statement for all pairs whose same columns change."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for one in events:
        values = {f"new_{name}": value for name, value in one["after"].items()}
        alike[tuple(one["after"])].append({"changed": one["pair_id"], **values})
    for names, rows in alike.items():
        new = {name: bindparam(f"new_{name}", type_=pair.c[name].type) for name in names}
        statement = update(pair).where(pair.c.id == bindparam("changed")).values(new)
        await connection.execute(statement, rows)
    for start in range(0, len(events), _BATCH):
        rows = [dict(one) for one in events[start : start + _BATCH]]
        await connection.execute(insert(pair_event), rows)


async def _last_standing(connection: AsyncConnection, ids: Sequence[int]) -> dict[int, Row[Any]]:
    """The newest event of each pair that no later one undid."""
    query = (
        select(pair_event)
        .where(pair_event.c.pair_id.in_(ids))
        .order_by(pair_event.c.pair_id, pair_event.c.id.desc())
    )
    standing: dict[int, Row[Any]] = {}
    undone: dict[int, int] = defaultdict(int)
    for row in await connection.execute(query):
        if row.pair_id in standing:
            continue
        if row.action == "undo":
            undone[row.pair_id] += 1
        elif undone[row.pair_id]:
            undone[row.pair_id] -= 1
        else:
            standing[row.pair_id] = row
    return standing


async def _without_doubles(
    connection: AsyncConnection, events: Sequence[Row[Any]]
) -> list[Row[Any]]:
    """Without those whose former question and answer have been imported again since."""
    former = [one.before["digest"] for one in events if "digest" in one.before]
    taken = set(await connection.scalars(select(pair.c.digest).where(pair.c.digest.in_(former))))
    return [one for one in events if one.before.get("digest") not in taken]


def _reverse(event: Row[Any], author: str) -> dict[str, Any]:
    return {
        "pair_id": event.pair_id,
        "run": None,
        "action": "undo",
        "before": event.after,
        "after": event.before,
        "reason": f"undid: {event.reason}",
        "author": author,
    }


async def _wanted(
    connection: AsyncConnection,
    drops: Sequence[Row[Any]],
    rows: Mapping[int, Row[Any]],
    author: str,
) -> None:
    """Say to later cleanings that a person wants these pairs."""
    decisions = [
        {
            "kind": kind,
            "pairs": [one.pair_id],
            "key": review_key(kind, [rows[one.pair_id].digest]),
            "why": why,
            "resolution": "keep",
            "author": author,
        }
        for one in drops
        for kind, _, why in [one.reason.partition(": ")]
    ]
    if decisions:
        kept = {"resolution": "keep", "author": author}
        written = upsert(pair_review).on_conflict_do_update(index_elements=["key"], set_=kept)
        await connection.execute(written, decisions)


async def _reopen(connection: AsyncConnection, runs: Iterable[UUID]) -> None:
    statement = update(pair_review).where(pair_review.c.run.in_(list(runs)))
    await connection.execute(
        statement.values(resolution=None, author="", run=None, resolved_at=None)
    )
