"""Promotions, canaries and audiences reach an agent that is running, question by question."""

from pathlib import Path

import pytest
from sqlalchemy import update

from agent.answers import Question
from agent.learned.promotions import Canary
from agent.learned.registry import Registry
from agent.routing.calibration import calibrate
from agent.tables import dataset
from agent.tuning.training.training import train
from bot.live_agent import CurrentAgent, open_agent
from bot.settings import Settings
from bot.wiring import Knowhow
from knowledge.database import Database
from knowledge.documents import Reader
from knowledge.embedding.minilm import MiniLM
from tests.agent.pairs import go_live

ASK = "How much may a sensor drift before calibration?"
HERE, ELSEWHERE = Reader.of_channel("C1"), Reader.of_channel("C2")


@pytest.fixture
def knowhow(database: Database, encoder: MiniLM, home: Path) -> Knowhow:
    return Knowhow(Settings(home=home, chat_model="none"), database, encoder, None)


async def model(agent: CurrentAgent, reader: Reader) -> str:
    return (await agent.ask(Question(ASK, reader))).model


async def test_a_running_agent_follows_every_step(knowhow: Knowhow, tmp_path: Path) -> None:
    database, encoder = knowhow.database, knowhow.encoder
    registry = Registry(database)
    async with open_agent(knowhow) as agent:
        assert "domain" not in await model(agent, HERE)
        first = await go_live(database, encoder, tmp_path)
        assert await model(agent, HERE) == f"domain:{first}"

        second = (await train(database, encoder)).version
        await registry.promote(second, "a try", Canary(("C1",)))
        await calibrate(database, encoder, knowhow.search, version=second)
        assert await model(agent, HERE) == f"domain:{second}"
        assert await model(agent, ELSEWHERE) == f"domain:{first}"

        await registry.rollback("no good")
        assert await model(agent, HERE) == f"domain:{first}"
        await registry.promote(second, "for all after all")
        assert await model(agent, ELSEWHERE) == f"domain:{second}"


async def test_a_model_of_a_channels_pairs_says_nothing_elsewhere(
    knowhow: Knowhow, tmp_path: Path
) -> None:
    version = await go_live(knowhow.database, knowhow.encoder, tmp_path)
    async with knowhow.database.engine.begin() as connection:
        await connection.execute(update(dataset).values(audience=["channel:C1"]))
    async with open_agent(knowhow) as agent:
        assert await model(agent, HERE) == f"domain:{version}"
        answer = await agent.ask(Question(ASK, ELSEWHERE))
        assert answer.abstained
        assert "2 points" not in answer.text
