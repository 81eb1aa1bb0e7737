"""Whether a workspace's admin let what is written in its Slack become training data.

Without consent only what admins write themselves is taught. What experts and owners answer is then
still a verified answer, and its pair waits as a candidate for an admin.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.feedback_tables import verified_answer
from agent.tables import pair
from agent.tuning.pair_log import Change, apply
from agent.workspace_tables import workspace as table
from knowledge.database import Database


@dataclass(frozen=True, slots=True)
class Consent:
    """Who gave it, and when."""

    team: str
    by: str
    at: datetime


async def consent_of(connection: AsyncConnection, team: str) -> Consent | None:
    """The workspace's consent; None where nobody gave it."""
    query = select(table.c.consented_by, table.c.consented_at).where(
        table.c.team == team, table.c.consented_at.is_not(None)
    )
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else Consent(team, row.consented_by or "", row.consented_at)


async def grant(database: Database, team: str, by: str) -> Consent:
    """Give it; where it is given already, the first one stays."""
    values = {"consented_by": by, "consented_at": func.now()}
    statement = insert(table).values(team=team, **values)
    statement = statement.on_conflict_do_update(
        index_elements=[table.c.team], set_=values, where=table.c.consented_at.is_(None)
    )
    async with database.engine.begin() as connection:
        await connection.execute(statement)
        given = await consent_of(connection, team)
    if given is None:
        raise RuntimeError("a consent that was stored is not there")  # nobody else takes it back
    return given


async def withdraw(database: Database, team: str, by: str) -> int:
    """Take it back: pairs that rest on it wait for an admin again; returns how many these are.

    From that moment the domain models that learned from them keep silent about them.
    """
    resting = (
        select(pair.c.id)
        .join(verified_answer, verified_answer.c.pair_id == pair.c.id)
        .where(
            verified_answer.c.team == team,
            or_(~verified_answer.c.by_admin, verified_answer.c.quoted),
            pair.c.origin == "correction",
            pair.c.state == "approved",
        )
        .distinct()
    )
    taken = update(table).where(table.c.team == team, table.c.consented_at.is_not(None))
    async with database.engine.begin() as connection:
        await connection.execute(taken.values(consented_by=None, consented_at=None))
        pairs = (await connection.scalars(resting)).all()
        changes = [Change(one, {"state": "candidate"}, "consent was withdrawn") for one in pairs]
        return len(await apply(connection, changes, "withdraw", by, uuid4()))
