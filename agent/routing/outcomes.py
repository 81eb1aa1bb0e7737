"""What the newest evaluation of a version says: which side answered each question better."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import desc, func, select

from agent.routing.scales import DOMAIN, KNOWLEDGE
from agent.tables import evaluated, evaluation
from knowledge.database import Database

RETRIEVAL, CANDIDATE = "retrieval", "candidate"
"""The arms that answer alone: the documents, the model."""

BOTH_RIGHT = 0.3
"""What an example weighs where both were right: the better one is better by its words only."""
_MOST = 300
"""Outcomes that are learned from: each costs the calibration one search."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A question, the side that answered it better, and how sure the model was of itself.

    ``confidence`` is of a model that had not seen the question; ``cluster`` names the questions
    that err together (empty: it makes nothing more certain), ``covered`` says whether the encoder
    reads it. ``against``: all that is known is that the side was wrong.
    """

    question: str
    route: int
    weight: float
    confidence: float
    cluster: str
    covered: bool
    against: bool = False


async def outcomes(database: Database, version: int) -> list[Outcome]:
    """Those of the version's newest evaluation; none before there is one."""
    newest = (
        select(evaluation.c.id)
        .where(evaluation.c.version == version)
        .order_by(desc(evaluation.c.id))
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(evaluated)
        .where(evaluated.c.evaluation == newest)
        .order_by(func.hashint8(evaluated.c.position))
        .limit(_MOST)
    )
    async with database.engine.connect() as connection:
        rows = (await connection.execute(query)).all()
    read = (_outcome(row.question, row.cluster, row.features, row.arms) for row in rows)
    return [one for one in read if one is not None]


def _outcome(
    question: str, cluster: str, features: Mapping[str, Any], arms: Mapping[str, Any]
) -> Outcome | None:
    """None where an arm is missing, the router never saw the question, or neither side was right.

    The last is the model's error on what it was taught, which its confidence counts already; it
    says nothing of how a question looks that nobody was taught.
    """
    documents, model = arms.get(RETRIEVAL), arms.get(CANDIDATE)
    if not documents or not model or "confidence" not in features:
        return None
    if not documents["right"] and not model["right"]:
        return None
    route, weight = better(documents, model)
    confidence, covered = float(features["confidence"]), bool(features.get("covered", True))
    return Outcome(question, route, weight, confidence, cluster, covered)


def better(documents: Mapping[str, Any], model: Mapping[str, Any]) -> tuple[int, float]:
    """The side that answered better, one of them being right, and what that weighs."""
    if model["right"] and documents["right"]:
        return (DOMAIN if model["f1"] >= documents["f1"] else KNOWLEDGE), BOTH_RIGHT
    return (DOMAIN if model["right"] else KNOWLEDGE), 1.0
