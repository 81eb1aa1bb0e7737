"""What the form of the right answer is filled in with."""

from dataclasses import dataclass, field
from uuid import UUID

from agent.feedback.consent import consent_of
from agent.feedback.handovers import Handover, handover
from agent.feedback.votes import criticism
from knowledge.database import Database


@dataclass(frozen=True, slots=True)
class Draft:
    """``question`` is empty without the workspace's consent: whoever corrects writes their own."""

    handover: Handover
    question: str = field(repr=False)
    answer: str = field(repr=False)


async def drafted(database: Database, number: UUID) -> Draft | None:
    """What is known already: what the last critic called right, or what an expert answered."""
    one = await handover(database, number)
    if one is None:
        return None
    said = await criticism(database, one.mention) if one.mention else ()
    right = next((vote.said for vote in reversed(said) if vote.said), "")
    async with database.engine.connect() as connection:
        consented = await consent_of(connection, one.team) is not None
    return Draft(one, one.question if consented else "", one.resolution or right)
