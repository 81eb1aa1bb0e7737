"""Questions that got no good answer, for the eyes of those who may see that they were asked.

Unanswered, or found bad by more than half of those who voted; what a person has answered since is
none any more.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from knowledge.database import Database
from knowledge.secret_patterns import without_secrets

MOST = 2_000
"""Questions that are looked at, the newest: to cluster them takes two seconds, most of it encoding.
"""

_UNMET = text("""
    WITH disliked AS (
        SELECT mention FROM vote WHERE team = :team
        GROUP BY mention HAVING count(*) FILTER (WHERE good) * 2 < count(*)
    ), failed AS (
        SELECT id FROM mention WHERE team = :team AND (answer ->> 'abstained') = 'true'
            AND created_at >= :since AND created_at < :until
        UNION SELECT mention FROM disliked
    )
    SELECT id, coalesce(nullif(answer ->> 'question', ''), text) AS question, person, channel,
        created_at, (answer ->> 'abstained') IS DISTINCT FROM 'true' AS rated
    FROM mention JOIN failed USING (id)
    WHERE created_at >= :since AND created_at < :until
    AND (:everything OR person = :person
         OR (kind NOT IN ('direct', 'command') AND channel = ANY(:channels)))
    AND NOT EXISTS (SELECT FROM handover WHERE handover.mention = mention.id AND state <> 'open')
    ORDER BY created_at DESC, id LIMIT :most
""")

_TEAMS = text("SELECT team FROM workspace UNION SELECT team FROM mention ORDER BY 1")


@dataclass(frozen=True, slots=True)
class Sight:
    """Which questions somebody may see: all, or their own and those asked openly in channels.

    A direct message and a slash command are nobody else's to see, wherever they were sent.
    """

    everything: bool = False
    person: str = ""
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Period:
    """From a moment up to another one, which is outside."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Unmet:
    """One such question; ``rated``: it was answered, and people found the answer bad."""

    id: UUID
    question: str = field(repr=False)
    person: str
    channel: str
    asked_at: datetime
    rated: bool


async def unmet(
    database: Database, team: str, sight: Sight, period: Period, most: int = MOST
) -> list[Unmet]:
    """The newest of them first; a follow-up as the question that it stands for."""
    given = {
        "team": team,
        "since": period.since,
        "until": period.until,
        "everything": sight.everything,
        "person": sight.person,
        "channels": list(sight.channels),
        "most": most,
    }
    async with database.engine.connect() as connection:
        return [_unmet(row) for row in await connection.execute(_UNMET, given)]


async def teams(database: Database) -> tuple[str, ...]:
    """Every workspace that asked something or was set up."""
    async with database.engine.connect() as connection:
        return tuple(await connection.scalars(_TEAMS))


def _unmet(row: Row[Any]) -> Unmet:
    question = without_secrets(" ".join(row.question.split()))
    return Unmet(row.id, question, row.person, row.channel, row.created_at, row.rated)
