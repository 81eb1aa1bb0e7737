"""Which pairs may be taught to whom: the one rule that no dataset is made or loaded without."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.learned.stale_pairs import is_current
from agent.tables import pair
from agent.tuning.manifests import question_hash
from agent.tuning.pair_queue import open_items, withheld
from agent.tuning.stored_pairs import current_state
from knowledge.secret_patterns import secret_in
from knowledge.storage.scopes import covers


def may_be_seen_by(audience: Sequence[str] | Column[Any]) -> ColumnElement[bool]:
    """Of a row of ``pair``: everybody who holds any of the principals may see it."""
    return covers(pair.c.audience, audience)


async def teachable(
    connection: AsyncConnection, audience: Sequence[str], held_out: set[str]
) -> tuple[list[Any], dict[str, int]]:
    """The rows of what may be taught, and how many are left out for which reason.

    The one place where that is decided: no dataset is made or loaded without it.
    """
    seen = may_be_seen_by(audience)
    query = select(pair).where(is_current(), seen).order_by(pair.c.digest)
    rows = (await connection.execute(query)).all()
    waiting = withheld(await open_items(connection), {row.id for row in rows})
    chosen, left_out = await asyncio.to_thread(_taught, rows, waiting, held_out)
    state = current_state()
    others = select(state, func.count()).where(~is_current(), seen).group_by(state)
    left_out.update({row[0]: row[1] for row in await connection.execute(others)})
    unseen = select(func.count()).select_from(pair).where(is_current(), ~seen)
    left_out["for fewer people"] = await connection.scalar(unseen) or 0
    return chosen, {why: count for why, count in left_out.items() if count}


def _taught(
    rows: Sequence[Any], waiting: Mapping[int, str], held_out: set[str]
) -> tuple[list[Any], Counter[str]]:
    """CPU-bound; many questions share an answer, which is looked through once."""
    texts = {text for row in rows for text in (row.question, row.answer)}
    secret = {text: secret_in(text) for text in texts}
    left_out: Counter[str] = Counter()
    chosen = []
    for row in rows:
        if row.id in waiting:
            left_out[f"{waiting[row.id]}, undecided"] += 1
        elif secret[row.question] or secret[row.answer]:
            left_out["secret"] += 1
        elif question_hash(row.question) in held_out:
            left_out["held out"] += 1
        else:
            chosen.append(row)
    return chosen, left_out
