"""A channel takes a few messages at once and then one a second, whichever process posts."""

import asyncio
from collections.abc import Awaitable, Callable
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
from tests.fakes.clock import FastClock
from tests.fakes.running import connection
from tests.fakes.slack_server import FakeSlack


@pytest.fixture
def clock() -> FastClock:
    """Nobody really waits."""
    return FastClock()


async def test_after_a_few_messages_each_waits_longer_in_any_process(
    database: Database, clock: FastClock
) -> None:
    processes = [Pacing(database.autocommit, clock) for _ in range(2)]
    for number in range(8):
        await processes[number % 2].wait("C1")
    assert len(clock.waits) == 3
    assert clock.waits == sorted(clock.waits)
    await processes[0].wait("C2")
    assert len(clock.waits) == 3


async def test_what_slack_asks_one_process_to_wait_holds_for_all(
    database: Database, clock: FastClock
) -> None:
    await Pacing(database.autocommit).hold("C1", 30)
    await Pacing(database.autocommit, clock).wait("C1")
    assert len(clock.waits) == 1
    assert clock.waits[0] > 20


@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update", "response_url"])
async def test_how_long_slack_wants_us_to_wait_is_known(
    slack: FakeSlack, database: Database, method: str
) -> None:
    slack.rate_limits[method], slack.retry_after = 1, 17
    message = Message("28", ())
    async with open_slack(connection(slack), database) as service:
        poster = service.workspace.poster
        calls: dict[str, Callable[[], Awaitable[object]]] = {
            "chat.postMessage": lambda: poster.post("C1", None, message, uuid4(), 1),
            "chat.update": lambda: poster.update("C1", "1.0", message),
            "response_url": lambda: poster.respond(
                str(slack.command("ask")["response_url"]), message, replace=True
            ),
        }
        with pytest.raises(RateLimited) as limit:
            await calls[method]()
    assert limit.value.seconds == 17


async def test_a_wait_that_would_hold_a_worker_for_long_is_refused(database: Database) -> None:
    await Pacing(database.autocommit).hold("C1", 600)
    with pytest.raises(RateLimited):
        await Pacing(database.autocommit).wait("C1")


async def test_who_is_refused_takes_no_place_from_those_who_wait(
    database: Database, clock: FastClock
) -> None:
    pacing = Pacing(database.autocommit, clock)
    asked = await asyncio.gather(*(pacing.wait("C1") for _ in range(200)), return_exceptions=True)
    refused = [one for one in asked if isinstance(one, RateLimited)]
    assert 200 - len(refused) == len(clock.waits) + 5
    ahead = [one.seconds for one in refused]
    assert max(ahead) <= max(clock.waits) + 2


async def test_many_at_once_each_get_a_place_of_their_own(
    database: Database, clock: FastClock
) -> None:
    await asyncio.gather(*(Pacing(database.autocommit, clock).wait("C1") for _ in range(12)))
    assert len(clock.waits) == 7
    assert len({round(wait) for wait in clock.waits}) == 7


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
