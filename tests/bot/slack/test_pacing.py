"""A channel takes a few messages at once and then one a second, whichever process posts."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from agent.leasing import LeaseLost
from bot.slack import sending
from bot.slack.blocks import Message
from bot.slack.errors import RateLimited
from bot.slack.pacing import Pacing
from bot.slack.sending import Hold, Place
from bot.slack.service import open_slack
from knowledge.database import Database
from tests.fakes.running import connection
from tests.fakes.slack_server import FakeSlack


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long each wait would have been."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr("bot.slack.pacing.asyncio.sleep", sleep)
    return waits


async def test_after_a_few_messages_each_waits_longer_in_any_process(
    database: Database, slept: list[float]
) -> None:
    processes = [Pacing(database.engine) for _ in range(2)]
    for number in range(8):
        await processes[number % 2].wait("C1")
    assert len(slept) == 3
    assert slept == sorted(slept)
    await processes[0].wait("C2")
    assert len(slept) == 3


async def test_what_slack_asks_one_process_to_wait_holds_for_all(
    database: Database, slept: list[float]
) -> None:
    await Pacing(database.engine).hold("C1", 30)
    await Pacing(database.engine).wait("C1")
    assert len(slept) == 1
    assert slept[0] > 20


async def test_a_wait_that_would_hold_a_worker_for_long_is_refused(database: Database) -> None:
    await Pacing(database.engine).hold("C1", 600)
    with pytest.raises(RateLimited):
        await Pacing(database.engine).wait("C1")


async def test_many_at_once_each_get_a_place_of_their_own(
    database: Database, slept: list[float]
) -> None:
    await asyncio.gather(*(Pacing(database.engine).wait("C1") for _ in range(12)))
    assert len(slept) == 7
    assert len({round(wait) for wait in slept}) == 7


async def test_a_process_that_froze_after_renewing_asks_again_before_it_sends(
    slack: FakeSlack, database: Database
) -> None:
    answers = [timedelta(0), timedelta(seconds=60)]

    async def renew() -> timedelta:
        return answers.pop(0)

    hold = Hold(uuid4(), renew, 1, resumed=False)
    async with open_slack(connection(slack), database) as service:
        poster = service.workspace.poster
        await sending.send(poster, hold, Place("C1", None, "1.0"), [Message("28", ())])
    assert answers == []
    assert len(slack.answers("C1")) == 1


async def test_a_process_that_froze_until_another_took_over_sends_nothing(
    slack: FakeSlack, database: Database
) -> None:
    asked = 0

    async def renew() -> timedelta:
        nonlocal asked
        asked += 1
        if asked > 1:
            raise LeaseLost
        return timedelta(0)

    hold = Hold(uuid4(), renew, 1, resumed=False)
    async with open_slack(connection(slack), database) as service:
        with pytest.raises(LeaseLost):
            await sending.send(
                service.workspace.poster, hold, Place("C1", None, "1.0"), [Message("28", ())]
            )
    assert slack.answers("C1") == []
