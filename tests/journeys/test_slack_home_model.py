"""Promote and roll back in Home with nothing scripted: a real head, a real evaluation, its verdict.

Only Slack's server is imitated.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agent.learned.registry import Registry
from agent.tuning.pairs import import_pairs
from agent.tuning.stored_evaluations import newest
from agent.tuning.training.training import train
from bot.model_steps import model_steps
from bot.settings import Settings
from bot.slack import actions
from bot.wiring import Knowhow
from knowledge.database import Database
from knowledge.embedding.minilm import MiniLM
from tests.agent.team import team
from tests.agent.tuning.test_evaluating import pairs_file
from tests.fakes.running import Bot, running_bot
from tests.fakes.scripted_agent import ScriptedAgent
from tests.fakes.slack_server import FakeSlack
from tests.journeys.homes import ADMIN, clicked, tab, value_of


@pytest.fixture
async def bot(
    slack: FakeSlack, database: Database, encoder: MiniLM, home: Path, tmp_path: Path
) -> AsyncIterator[Bot]:
    slack.people[ADMIN] = {"is_admin": True, "real_name": "Ada"}
    await team(database, encoder)
    await import_pairs(pairs_file(tmp_path), database)
    steps = model_steps(Knowhow(Settings(home=home, chat_model="none"), database, encoder, None))
    agent = ScriptedAgent()
    async with running_bot(slack, database, agent, encoder=encoder, steps=steps) as running:
        yield running
    assert slack.problems == []


async def told(slack: FakeSlack, count: int) -> str:
    """The outcome that the admin is written, when the evaluation has ended."""
    await slack.until(lambda: len(slack.answers(f"D{ADMIN}")) == count, seconds=120)
    return str(slack.answers(f"D{ADMIN}")[-1]["text"])


async def pressed(slack: FakeSlack, bot: Bot, action: str) -> None:
    await tab(slack, bot, "model")
    await clicked(slack, bot, action, value_of(slack, action))


async def shown(slack: FakeSlack, text: str) -> str:
    """The model tab, once it says that."""
    await slack.until(lambda: text in str(slack.homes.get(ADMIN)))
    return str(slack.homes[ADMIN])


async def test_a_model_is_evaluated_promoted_refused_and_rolled_back(
    slack: FakeSlack, bot: Bot, database: Database, encoder: MiniLM
) -> None:
    registry = Registry(database)
    first = (await train(database, encoder)).version
    await pressed(slack, bot, actions.MODEL_PROMOTE)
    await shown(slack, "that takes minutes")
    said = await told(slack, 1)
    assert f"Version {first} answers everyone: better:" in said
    done = await newest(database, first)
    assert done is not None
    assert (done.verdict, done.against) == ("promote", None)
    assert done.why in said
    assert await registry.live_version() == first

    # The same again is no better: the gate says so, and nothing changes.
    second = (await train(database, encoder)).version
    await shown(slack, "✓")
    await pressed(slack, bot, actions.MODEL_PROMOTE)
    said = await told(slack, 2)
    assert f"version {second} is inconclusive, not promoted" in said
    done = await newest(database, second)
    assert done is not None
    assert (done.verdict, done.against) == ("inconclusive", first)
    assert await registry.live_version() == first
    assert "evaluated: inconclusive" in await shown(slack, "⚠️")

    # On somebody's word in the terminal it goes live all the same, and is rolled back in Home.
    await registry.promote(second, "a try")
    await pressed(slack, bot, actions.MODEL_ROLLBACK)
    assert f"version {first} answers everyone" in await told(slack, 3)
    assert await registry.live_version() == first
    event = (await registry.history())[0]
    assert (event.action, event.grounds.author) == ("rollback", f"Ada ({ADMIN})")
    assert f"version {first} answers everyone" in await shown(slack, "Rolled back")
