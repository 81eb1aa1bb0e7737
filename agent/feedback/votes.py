"""Who found which answer good or bad; one vote a person and answer, the last one counts."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.feedback_tables import vote as table
from agent.leasing import storable
from knowledge.database import Database

Fault = Literal["", "wrong", "outdated", "missing", "unclear"]
"""What is the matter with an answer; empty: the person did not say."""


@dataclass(frozen=True, slots=True)
class Vote:
    """``said`` is what is right in the person's own words, if they said that."""

    mention: UUID
    team: str
    person: str
    good: bool
    fault: Fault = ""
    said: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many people found an answer good and bad, and how many of these named each fault."""

    good: int = 0
    bad: int = 0
    faults: Mapping[str, int] = field(default_factory=dict)


async def cast(connection: AsyncConnection, vote: Vote) -> None:
    """Store the vote in place of the person's earlier one.

    A bad one that says nothing leaves what the person said before of the fault.
    """
    row = {name: storable(getattr(vote, name)) for name in Vote.__dataclass_fields__}
    changes = {"good": vote.good, "updated_at": func.now()}
    if vote.good or vote.fault or vote.said:
        changes |= {"fault": row["fault"], "said": row["said"]}
    statement = insert(table).values(**row)
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=[table.c.mention, table.c.person], set_=changes
        )
    )


async def tallies(database: Database, mentions: Iterable[UUID]) -> dict[UUID, Tally]:
    """The votes on each of these answers; those that nobody voted on are left out."""
    query = (
        select(table.c.mention, table.c.good, table.c.fault, func.count())
        .where(table.c.mention.in_(set(mentions)))
        .group_by(table.c.mention, table.c.good, table.c.fault)
    )
    async with database.engine.connect() as connection:
        rows = (await connection.execute(query)).all()
    counts: dict[UUID, Counter[tuple[bool, str]]] = {}
    for mention, good, fault, count in rows:
        counts.setdefault(mention, Counter())[good, fault] += count
    return {mention: _tally(found) for mention, found in counts.items()}


async def criticism(database: Database, mention: UUID) -> tuple[Vote, ...]:
    """The bad votes on an answer, oldest first."""
    columns = [table.c[name] for name in Vote.__dataclass_fields__]
    query = (
        select(*columns)
        .where(table.c.mention == mention, ~table.c.good)
        .order_by(table.c.created_at)
    )
    async with database.engine.connect() as connection:
        return tuple(Vote(**row) for row in (await connection.execute(query)).mappings())


def _tally(found: Counter[tuple[bool, str]]) -> Tally:
    good = sum(count for (is_good, _), count in found.items() if is_good)
    faults = {fault: count for (is_good, fault), count in found.items() if fault and not is_good}
    return Tally(good, found.total() - good, faults)
