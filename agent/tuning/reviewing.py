"""What a person does with pairs: approve, edit, reject, merge, or let an item of the queue be.

Each action is one transaction with its log, done once however often it is asked for; the terminal
and Slack offer the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.errors import ReviewError
from agent.tables import pair, pair_review
from agent.tuning.pair_files import checked_pair
from agent.tuning.pair_log import Change, apply
from agent.tuning.pair_queue import Item
from knowledge.database import Database
from knowledge.documents import common
from knowledge.secret_patterns import secret_in


@dataclass(frozen=True, slots=True)
class Decision:
    """Pairs that an action changed, and the run that undoes it; none if it was done before."""

    run: UUID
    changed: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Who decides, why, and which item of the queue is settled by it, if any."""

    author: str
    reason: str = ""
    item: int | None = None


async def item_of(database: Database, number: int) -> Item:
    """The item, open or settled; ReviewError where there is none."""
    async with database.engine.connect() as connection:
        found = select(pair_review).where(pair_review.c.id == number)
        row = (await connection.execute(found)).one_or_none()
    if row is None:
        raise ReviewError(f"there is no item {number}: `knowhow tune review --json` lists them")
    return Item(row.id, row.kind, tuple(row.pairs), row.why, row.score, row.created_at)


async def approve(database: Database, pairs: Sequence[int], by: Reviewer) -> Decision:
    """Let the pairs be taught as they are; ReviewError for one that holds a secret."""
    async with database.engine.begin() as connection:
        rows = await _rows(connection, pairs)
        for row in rows.values():
            kind = secret_in(row.question) or secret_in(row.answer)
            if kind is not None:
                raise ReviewError(f"pair {row.id} holds what looks like {kind}: edit it first")
        reason = by.reason or "looked through"
        changes = [Change(one, {"state": "approved"}, reason) for one in rows]
        return await _carry_out(connection, changes, "approve", by)


async def reject(database: Database, pairs: Sequence[int], by: Reviewer) -> Decision:
    """Never teach the pairs, nor ask about them again."""
    async with database.engine.begin() as connection:
        rows = await _rows(connection, pairs)
        reason = by.reason or "rejected"
        changes = [Change(one, {"state": "rejected"}, reason) for one in rows]
        return await _carry_out(connection, changes, "reject", by)


async def edit(
    database: Database,
    pair_id: int,
    by: Reviewer,
    *,
    question: str | None = None,
    answer: str | None = None,
    topic: str | None = None,
) -> Decision:
    """Word a pair otherwise and approve it; what is None stays.

    Raises InvalidInput for texts that cannot be a pair, ReviewError where another pair says just
    that already.
    """
    async with database.engine.begin() as connection:
        row = (await _rows(connection, [pair_id]))[pair_id]
        texts = (question or row.question, answer or row.answer, topic or row.topic)
        new = checked_pair(*texts, f"pair {pair_id}")
        values = _different(row, {**_said(new.question, new.answer, new.topic, new.digest)})
        if other := await _same(connection, new.digest, pair_id):
            raise ReviewError(f"pair {other} says that already: reject pair {pair_id} instead")
        values["state"] = "approved"
        change = Change(pair_id, values, by.reason or "edited")
        return await _carry_out(connection, [change], "edit", by)


async def merge(database: Database, pairs: Sequence[int], into: int, by: Reviewer) -> Decision:
    """Give all the pairs one answer, that of ``into``, with its topic and the document behind it.

    Each is then for those only who may see both. A pair that would come to say what another says
    already is rejected. Raises ReviewError where nobody may see both.
    """
    async with database.engine.begin() as connection:
        rows = await _rows(connection, [*pairs, into])
        model = rows[into]
        changes = [Change(into, {"state": "approved"}, by.reason or "the answer for all")]
        taken = {model.digest}
        for row in rows.values():
            if row.id == into:
                continue
            new = checked_pair(row.question, model.answer, model.topic, f"pair {row.id}")
            if new.digest in taken or await _same(connection, new.digest, row.id):
                reason = f"asks and answers what pair {into} does, or another"
                changes.append(Change(row.id, {"state": "rejected"}, reason))
                continue
            taken.add(new.digest)
            values = {
                **_said(new.question, new.answer, new.topic, new.digest),
                "audience": _common(row, model),
                "document_id": model.document_id,
                "document_version": model.document_version,
            }
            values = {**_different(row, values), "state": "approved"}
            changes.append(Change(row.id, values, by.reason or f"with the answer of pair {into}"))
        return await _carry_out(connection, changes, "merge", by)


async def resolve(database: Database, by: Reviewer) -> Decision:
    """Settle the item without touching its pairs."""
    async with database.engine.begin() as connection:
        return await _carry_out(connection, [], "keep", by)


async def _carry_out(
    connection: AsyncConnection, changes: Sequence[Change], action: str, by: Reviewer
) -> Decision:
    run = uuid4()
    if by.item is not None:
        await _settle(connection, by, action, run)
    return Decision(run, tuple(await apply(connection, changes, action, by.author, run)))


async def _settle(connection: AsyncConnection, by: Reviewer, action: str, run: UUID) -> None:
    """Close the item, unless the same was decided before: of another of its pairs, perhaps.

    Raises ReviewError where there is no such item, or somebody decided otherwise.
    """
    found = select(pair_review).where(pair_review.c.id == by.item).with_for_update()
    row = (await connection.execute(found)).one_or_none()
    if row is None:
        raise ReviewError(f"there is no item {by.item}: `knowhow tune review` lists them")
    if row.resolution == action:
        return
    if row.resolution is not None:
        who = f" by {row.author}" if row.author else ""
        raise ReviewError(f"item {by.item} was settled already{who}: {row.resolution}")
    settled = update(pair_review).where(pair_review.c.id == by.item)
    values = {"resolution": action, "author": by.author, "run": run, "resolved_at": func.now()}
    await connection.execute(settled.values(values))


async def _rows(connection: AsyncConnection, pairs: Sequence[int]) -> dict[int, Row[Any]]:
    """Raises ReviewError for one that there is not."""
    query = select(pair).where(pair.c.id.in_(pairs)).order_by(pair.c.id).with_for_update()
    rows = {row.id: row for row in await connection.execute(query)}
    for number in pairs:
        if number not in rows:
            raise ReviewError(f"there is no pair {number}: `knowhow tune pairs` lists them")
    return rows


async def _same(connection: AsyncConnection, digest: str, but: int) -> int | None:
    query = select(pair.c.id).where(pair.c.digest == digest, pair.c.id != but)
    found: int | None = await connection.scalar(query)
    return found


def _said(question: str, answer: str, topic: str, digest: str) -> dict[str, Any]:
    return {"question": question, "answer": answer, "topic": topic, "digest": digest}


def _different(row: Row[Any], values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if getattr(row, name) != value}


def _common(row: Row[Any], model: Row[Any]) -> list[str]:
    """Who may see both: an answer must not reach people through another pair's question."""
    both = common(row.audience, model.audience)
    if not both:
        raise ReviewError(
            f"nobody may see both pair {row.id} ({', '.join(row.audience)}) and pair {model.id} "
            f"({', '.join(model.audience)}): edit or reject one of them"
        )
    return list(both)
