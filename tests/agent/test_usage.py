from datetime import date, timedelta

from agent.feedback.votes import Vote, cast
from agent.gaps.unmet import Period
from agent.usage import usage
from knowledge.database import Database
from tests.agent.gaps.asked import NOON, TEAM, asked

WEEK = Period(NOON - timedelta(days=7), NOON + timedelta(hours=1))


async def test_every_question_is_counted_once(database: Database) -> None:
    first = await asked(database, "how many days?", "U1", abstained=False)
    await asked(
        database,
        "and?",
        "U1",
        abstained=False,
        answer={"route": "domain", "cost_usd": 0.25, "timings_ms": {"total": 90.0}},
        queue_wait_ms=0.0,
    )
    await asked(database, "visa?", "U2", at=NOON - timedelta(days=2))
    await asked(database, "hi", "U3", abstained=False, answer={"route": "chat"})
    await asked(database, "paid?", "U3", abstained=False, answer={"cost_usd": None})
    sorry = {"route": "clarify"}
    await asked(database, "boom", "U3", abstained=False, answer=sorry, state="failed")
    await asked(database, "long ago", "U4", at=NOON - timedelta(days=8))
    await asked(database, "elsewhere", "U4", team="T2")
    async with database.engine.begin() as connection:
        await cast(connection, Vote(first, TEAM, "U1", good=True))
        await cast(connection, Vote(first, TEAM, "U2", good=False))
    found = await usage(database, TEAM, WEEK)
    assert (found.questions, found.people, found.failed) == (6, 3, 1)
    assert found.routes == {"knowledge": 2, "domain": 1, "none": 1, "chat": 1}
    assert (found.answered, found.answer_rate) == (3, 3 / 5)
    assert (found.cost_usd, found.unpriced, found.median_ms) == (0.25, 1, 11.0)
    assert (found.good, found.bad) == (1, 1)
    assert len(found.days) == 8
    assert found.days[date(2026, 11, 26)] == 1
    assert found.days[date(2026, 11, 27)] == 0
    assert found.days[date(2026, 11, 28)] == 5


async def test_a_workspace_without_questions_has_no_rates(database: Database) -> None:
    found = await usage(database, TEAM, WEEK)
    assert (found.questions, found.answer_rate, found.median_ms) == (0, None, None)
