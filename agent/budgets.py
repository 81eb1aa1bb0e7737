"""How much was asked today: what a channel's and a person's daily budget are held against."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import and_, func, or_, select

from agent.mentions import Claim
from agent.workspace_tables import mention as table
from knowledge.database import Database

_NO_ANSWER = "none"
"""What a notice has for a model: it answers nothing and counts as nothing."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Questions of one day (UTC) that came before one; ``over`` is when the next day starts."""

    in_channel: int
    by_person: int
    over: datetime


async def asked_before(database: Database, claim: Claim) -> Asked:
    """What the claim's channel and person asked that day before it, whatever came of it since."""
    mention = claim.mention
    day = claim.created_at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    here = and_(table.c.team == mention.team, table.c.channel == mention.channel)
    own = and_(table.c.team == mention.team, table.c.person == mention.person)
    statement = select(func.count().filter(here), func.count().filter(own)).where(
        or_(here, own),
        table.c.created_at >= day,
        table.c.created_at < claim.created_at,
        func.coalesce(table.c.answer["model"].astext, "") != _NO_ANSWER,
    )
    async with database.autocommit.connect() as connection:
        in_channel, by_person = (await connection.execute(statement)).one()
    return Asked(in_channel, by_person, day + timedelta(days=1))
