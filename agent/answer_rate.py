"""How many of a workspace's questions are answered."""

from sqlalchemy import text

from knowledge.database import Database

_RATE = text("""
    SELECT
        count(*) FILTER (WHERE answer ->> 'route' IN ('knowledge', 'domain', 'both')),
        count(*) FILTER (WHERE answer ->> 'route' = 'none')
    FROM mention
    WHERE team = :team AND state = 'done' AND created_at > now() - make_interval(days => :days)
""")


async def answer_rate(database: Database, team: str, days: int = 30) -> tuple[int, int]:
    """Questions answered, and questions asked that wanted an answer; small talk aside."""
    async with database.engine.connect() as connection:
        row = (await connection.execute(_RATE, {"team": team, "days": days})).one()
    return int(row[0]), int(row[0]) + int(row[1])
