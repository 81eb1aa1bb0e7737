"""A Slack to talk to, over real sockets."""

from collections.abc import AsyncIterator

import pytest

from agent.mentions import Mention
from bot.slack.service import SlackService, open_slack
from knowledge.database import Database
from tests.fakes.running import connection
from tests.fakes.slack_server import FakeSlack, fake_slack


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    """A Slack of this test alone."""
    async with fake_slack() as server:
        yield server


@pytest.fixture
async def service(slack: FakeSlack, database: Database) -> AsyncIterator[SlackService]:
    """What answers in that Slack."""
    async with open_slack(connection(slack), database) as opened:
        yield opened


@pytest.fixture
async def mention(slack: FakeSlack, service: SlackService) -> Mention:
    """A question that was asked in a channel and accepted."""
    said = slack.say("C1", "how many days?")
    accepted = Mention("Ev1", "mention", "T1", "C1", said["ts"], said["ts"], "U7", "how many days?")
    assert await service.ledger.accept(accepted)
    return accepted
