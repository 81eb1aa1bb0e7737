"""How a workspace uses us: what was asked, what became of it, what it cost; one query."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import text

from agent.gaps.unmet import Period
from knowledge.database import Database

_USAGE = text("""
    WITH asked AS MATERIALIZED (
        SELECT id, person, state, CAST(created_at AT TIME ZONE 'UTC' AS date) AS day,
            answer ->> 'route' AS route, queue_wait_ms,
            CAST(answer ->> 'cost_usd' AS float8) AS cost,
            CAST(answer -> 'timings_ms' ->> 'total' AS float8) AS thought_ms
        FROM mention
        WHERE team = :team AND created_at >= :since AND created_at < :until
    )
    SELECT
        count(*) AS questions,
        count(DISTINCT person) AS people,
        count(*) FILTER (WHERE state = 'failed') AS failed,
        sum(cost) AS cost,
        count(*) FILTER (WHERE route <> 'clarify' AND cost IS NULL) AS unpriced,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY queue_wait_ms + thought_ms)
            FILTER (WHERE route IN ('knowledge', 'domain', 'both', 'none')) AS median_ms,
        (SELECT jsonb_object_agg(route, count) FROM (
            SELECT route, count(*) FROM asked WHERE route IS NOT NULL AND state = 'done'
            GROUP BY route
        ) AS routes) AS routes,
        (SELECT jsonb_object_agg(day, count) FROM (
            SELECT day, count(*) FROM asked GROUP BY day
        ) AS days) AS days,
        (SELECT count(*) FROM vote JOIN asked ON id = mention WHERE good) AS good,
        (SELECT count(*) FROM vote JOIN asked ON id = mention WHERE NOT good) AS bad
    FROM asked
""")

_ANSWERED = ("knowledge", "domain", "both")


@dataclass(frozen=True, slots=True)
class Usage:
    """A workspace's questions in a period. Costs are US dollars, times milliseconds.

    ``cost_usd`` leaves out ``unpriced`` answers, whose model's prices are not set;
    ``median_ms`` is from the question's arrival to the decided answer, None where nothing was
    looked up. ``failed`` ended in an explained error.
    """

    period: Period
    questions: int
    people: int
    failed: int
    cost_usd: float
    unpriced: int
    median_ms: float | None
    routes: Mapping[str, int]
    """How many ended in each route, ``none`` being an abstention."""

    days: Mapping[date, int]
    """Questions a day (UTC), for every day of the period."""

    good: int
    bad: int

    @property
    def answered(self) -> int:
        """Answers from documents or the domain model; small talk is none."""
        return sum(self.routes.get(route, 0) for route in _ANSWERED)

    @property
    def answer_rate(self) -> float | None:
        """Of the questions that were looked up or failed, the share that got an answer."""
        asked = self.answered + self.routes.get("none", 0) + self.failed
        return self.answered / asked if asked else None


async def usage(database: Database, team: str, period: Period) -> Usage:
    """The period's figures."""
    given = {"team": team, "since": period.since, "until": period.until}
    async with database.engine.connect() as connection:
        row = (await connection.execute(_USAGE, given)).one()
    counted = row.days or {}
    first, last = period.since.date(), (period.until - timedelta.resolution).date()
    days = [first + timedelta(days=step) for step in range((last - first).days + 1)]
    return Usage(
        period,
        row.questions,
        row.people,
        row.failed,
        row.cost or 0.0,
        row.unpriced,
        row.median_ms,
        row.routes or {},
        {day: counted.get(day.isoformat(), 0) for day in days},
        row.good,
        row.bad,
    )
