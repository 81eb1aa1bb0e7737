from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import insert

from agent.learned.registry import Registry
from agent.routing.calibration import calibrate
from agent.routing.outcomes import better, outcomes
from agent.routing.routing import PRIOR
from agent.routing.scales import DOMAIN, KNOWLEDGE, NEITHER, Samples, fit_scale, joined
from agent.tables import evaluated, evaluation
from agent.tuning.pairs import import_pairs
from agent.tuning.training.training import train
from knowledge.database import Database
from knowledge.embedding import Encoder
from tests.agent.routing.test_calibration import many_pairs
from tests.agent.team import team


def _right(f1: float = 0.5) -> dict[str, Any]:
    return {"right": True, "f1": f1, "abstained": False}


WRONG = {"right": False, "f1": 0.0, "abstained": True}


@pytest.mark.parametrize(
    ("documents", "model", "route", "weight"),
    [
        (WRONG, _right(), DOMAIN, 1.0),
        (_right(), WRONG, KNOWLEDGE, 1.0),
        (_right(0.9), _right(0.4), KNOWLEDGE, 0.3),
        (_right(0.4), _right(0.9), DOMAIN, 0.3),
    ],
)
def test_the_side_that_answered_better_is_the_right_one(
    documents: dict[str, Any], model: dict[str, Any], route: int, weight: float
) -> None:
    assert better(documents, model) == (route, weight)


async def _store(database: Database, version: int, question: str, count: int) -> None:
    """An evaluation in which only the documents answered, however sure the model was."""
    features = {"confidence": 0.97, "similarity": 0.8, "covered": True}
    arms = {"retrieval": _right(), "candidate": WRONG}
    row = {"version": version, "source": "a test", "report": {}, "verdict": "promote"}
    async with database.engine.begin() as connection:
        made = insert(evaluation).values(row).returning(evaluation.c.id)
        number = (await connection.execute(made)).scalar_one()
        rows = [
            {
                "evaluation": number,
                "position": place,
                "question": question,
                "expected": "x",
                "cluster": str(place),
                "features": features if place else {},
                "arms": arms,
            }
            for place in range(count)
        ]
        await connection.execute(insert(evaluated).values(rows))


async def test_only_the_newest_evaluation_of_the_version_counts(
    database: Database, encoder: Encoder, tmp_path: Path
) -> None:
    await import_pairs(many_pairs(tmp_path / "pairs.jsonl"), database)
    version = (await train(database, encoder)).version
    assert await outcomes(database, version) == []
    await _store(database, version, "an old question", 3)
    await _store(database, version, "a new question", 4)
    found = await outcomes(database, version)
    assert [one.question for one in found] == ["a new question"] * 3  # one was never routed
    assert {one.route for one in found} == {KNOWLEDGE}
    assert await outcomes(database, version + 1) == []


async def test_a_calibration_learns_from_the_evaluation(
    database: Database, encoder: Encoder, tmp_path: Path
) -> None:
    search = await team(database, encoder)
    await import_pairs(many_pairs(tmp_path / "pairs.jsonl"), database)
    version = (await train(database, encoder)).version
    await Registry(database).promote(version, "a test")
    before = await calibrate(database, encoder, search)
    question = "How many days of annual leave do employees get?"
    await _store(database, version, question, 80)
    after = await calibrate(database, encoder, search)
    assert (before.outcomes, after.outcomes) == (0, 79)
    sure = [one.encoded.scores(0.97, 0.6) for one in (before, after)]
    assert sure[1][0] - sure[1][1] < sure[0][0] - sure[0][1]


def _simulated(count: int) -> Samples:
    route = np.repeat([DOMAIN, KNOWLEDGE, NEITHER], count)
    return Samples(
        odds=np.where(route == DOMAIN, 4.0, -4.0),
        match=np.where(route == KNOWLEDGE, 0.7, 0.2),
        route=route,
        topic=np.arange(3 * count),
        weight=np.repeat([1.0, 0.8, 0.5], count) / count,
    )


def test_outcomes_change_how_a_route_looks_and_not_how_often_it_is_right() -> None:
    count = 150
    sure = np.full(count, 3.0)
    measured = Samples(
        sure, np.full(count, 0.1), np.full(count, DOMAIN), np.arange(count), np.ones(count)
    )
    both = joined(_simulated(30), measured)
    for route, weight in ((DOMAIN, 1.0), (KNOWLEDGE, 0.8), (NEITHER, 0.5)):
        assert both.weight[both.route == route].sum() == pytest.approx(weight)
    assert both.weight[:count].sum() == pytest.approx(0.5)


def test_ten_pairs_hardly_move_the_prior() -> None:
    few = fit_scale(_simulated(3), PRIOR)
    assert abs(few.domain_slope - PRIOR.domain_slope) < 0.5
    assert abs(few.knowledge_bias - PRIOR.knowledge_bias) < 1
