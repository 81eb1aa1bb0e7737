from pathlib import Path

import numpy as np
import pytest

from agent.feedback.votes import Vote, cast
from agent.learned.loading import load_judge
from agent.learned.registry import Registry
from agent.routing.calibration import calibrate
from agent.routing.routing import PRIOR
from agent.routing.scales import DOMAIN, KNOWLEDGE, NEITHER, Samples, shared_out
from agent.routing.voted import Ballot, voted, weighed
from agent.tuning.pairs import import_pairs
from agent.tuning.training.training import train
from knowledge.database import Database
from knowledge.embedding import Encoder
from tests.agent.feedback.given import TEAM, asked
from tests.agent.routing.test_calibration import many_pairs
from tests.agent.team import team


def test_people_who_disagree_take_from_each_others_weight() -> None:
    def ballot(person: str, *, good: bool) -> Ballot:
        return Ballot(person, "q", DOMAIN, good)

    assert weighed([ballot("a", good=True)]) == {("q", DOMAIN): 1.0}
    assert weighed([ballot("a", good=True), ballot("b", good=False)]) == {}
    several = [ballot(person, good=False) for person in "abcdef"]
    assert weighed(several) == {("q", DOMAIN): -1.0}


def test_one_person_weighs_three_votes_however_many_they_give() -> None:
    many = [Ballot("a", f"question {n}", KNOWLEDGE, good=True) for n in range(300)]
    assert sum(weighed(many).values()) == pytest.approx(3.0)


def test_a_wrong_route_is_shared_out_among_the_others() -> None:
    samples = Samples(
        odds=np.array([3.0, 3.0, -3.0]),
        match=np.array([0.7, 0.1, 0.1]),
        route=np.array([DOMAIN, DOMAIN, KNOWLEDGE]),
        topic=np.full(3, -1),
        weight=np.full(3, 0.3),
    )
    shared = shared_out(samples, np.array([True, True, False]), PRIOR)
    assert shared.weight.sum() == pytest.approx(0.9)
    assert DOMAIN not in shared.route
    near = shared.match == 0.7
    assert shared.weight[near & (shared.route == KNOWLEDGE)] > 0.29
    far = (shared.match == 0.1) & (shared.odds == 3.0)
    assert shared.weight[far & (shared.route == NEITHER)] > 0.29


async def _vote(database: Database, question: str, *people: str, number: int, **how: str) -> None:
    good, fault = how.pop("good", "") == "yes", how.pop("fault", "wrong")
    mention = await asked(database, question, ts=f"17000000{number:02}.1", **how)  # type: ignore[arg-type]  # route and model
    async with database.engine.begin() as connection:
        for person in people:
            vote = Vote(mention.id, TEAM, person, good=good, fault="" if good else fault)  # type: ignore[arg-type]  # a fault
            await cast(connection, vote)


async def test_votes_become_outcomes_of_the_model_that_answered(
    database: Database, encoder: Encoder, tmp_path: Path
) -> None:
    await import_pairs(many_pairs(tmp_path / "pairs.jsonl"), database)
    version = (await train(database, encoder)).version
    model, _ = await load_judge(database, encoder, version)
    own, other = {"route": "domain", "model": f"domain:{version}"}, {"model": "domain:99"}
    await _vote(database, "Where is the spare printer?", "a", "b", number=1, good="yes", **own)
    await _vote(database, "Which phone is for guests?", "a", number=2, **own)
    await _vote(database, "When are desks moved?", "a", number=3, fault="unclear", **own)
    await _vote(database, "How many days of leave?", "b", number=4, good="yes")
    await _vote(database, "Who feeds the cat?", "b", number=5, good="yes", route="domain", **other)
    await _vote(database, "How do I repair the printer?", "c", number=6, good="yes", **own)
    found = {one.question: one for one in await voted(database, encoder, model, [])}
    assert {(q, one.route, one.against) for q, one in found.items()} == {
        ("Where is the spare printer?", DOMAIN, False),
        ("Which phone is for guests?", DOMAIN, True),
        ("How many days of leave?", KNOWLEDGE, False),
    }
    assert [one.weight for one in found.values()] == pytest.approx([0.3] * 3)


async def test_all_votes_weigh_no_more_than_the_evaluation(
    database: Database, encoder: Encoder, tmp_path: Path
) -> None:
    await import_pairs(many_pairs(tmp_path / "pairs.jsonl"), database)
    version = (await train(database, encoder)).version
    model, _ = await load_judge(database, encoder, version)
    for number in range(20):
        people = [f"p{number}.{one}" for one in range(3)]
        await _vote(database, f"Is leave {number} granted?", *people, number=number, good="yes")
    alone = await voted(database, encoder, model, [])
    beside = await voted(database, encoder, model, alone[:2])
    assert sum(one.weight for one in alone) == pytest.approx(6.0)
    assert sum(one.weight for one in beside) == pytest.approx(0.6)


async def test_a_calibration_hears_votes_and_is_moved_a_little(
    database: Database, encoder: Encoder, tmp_path: Path
) -> None:
    search = await team(database, encoder)
    await import_pairs(many_pairs(tmp_path / "pairs.jsonl"), database)
    version = (await train(database, encoder)).version
    await Registry(database).promote(version, "a test")
    before = await calibrate(database, encoder, search)
    for number in range(10):
        people = [f"p{number}", f"q{number}"]
        question = f"How many days of leave do employees of team {number} get?"
        await _vote(database, question, *people, number=number, good="yes")
    after = await calibrate(database, encoder, search)
    assert (before.outcomes, after.outcomes) == (0, 10)
    sure = [one.encoded.scores(0.5, 0.6) for one in (before, after)]
    moved = (sure[1][1] - sure[1][0]) - (sure[0][1] - sure[0][0])
    assert 0 < abs(moved) < 0.5
