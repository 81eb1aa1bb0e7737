"""Evaluations as stored: the evidence of promotions, and what the router learns from."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import desc, insert, select

from agent.tables import evaluated, evaluation
from agent.tuning.evaluation import Evaluation
from agent.tuning.gate import Outcome
from knowledge.database import Database

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Stored:
    """An evaluation without its questions."""

    id: int
    version: int
    against: int | None
    verdict: Outcome
    why: str
    created_at: datetime


async def store(done: Evaluation, database: Database) -> Stored:
    """Keep an evaluation with every question and answer."""
    row = {
        "version": done.version,
        "against": done.against,
        "source": done.held_out.source,
        "report": done.as_json(),
        "verdict": done.verdict.outcome,
    }
    async with database.engine.begin() as connection:
        added = insert(evaluation).values(row).returning(evaluation)
        kept = _stored((await connection.execute(added)).one())
        rows = [_question(done, kept.id, place) for place in range(len(done.held_out.asked))]
        for start in range(0, len(rows), _BATCH):
            await connection.execute(insert(evaluated), rows[start : start + _BATCH])
    return kept


async def newest(database: Database, version: int) -> Stored | None:
    """The version's last evaluation; None when it never had one."""
    query = (
        select(evaluation)
        .where(evaluation.c.version == version)
        .order_by(desc(evaluation.c.id))
        .limit(1)
    )
    async with database.engine.connect() as connection:
        row = (await connection.execute(query)).one_or_none()
    return None if row is None else _stored(row)


def _stored(row: Any) -> Stored:
    return Stored(row.id, row.version, row.against, row.verdict, row.report["why"], row.created_at)


def _question(done: Evaluation, number: int, place: int) -> dict[str, Any]:
    asked = done.held_out.asked[place]
    return {
        "evaluation": number,
        "position": place,
        "question": asked.question,
        "expected": asked.expected,
        "cluster": asked.cluster,
        "features": dict(done.features[place]),
        "arms": {arm: scored[place].as_json() for arm, scored in done.scores.items()},
    }
