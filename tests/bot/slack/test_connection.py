"""What was built before a freeze is not sent after it."""

import asyncio
from uuid import uuid4

import pytest

from bot.slack.blocks import Message
from bot.slack.clock import LoopClock
from bot.slack.connection import leaving_by, open_client
from bot.slack.errors import Ambiguous
from bot.slack.pacing import Pacing
from bot.slack.posting import Poster
from knowledge.database import Database
from tests.fakes.running import connection
from tests.fakes.slack_server import FakeSlack


async def test_a_request_whose_time_is_over_never_leaves(
    slack: FakeSlack, database: Database
) -> None:
    now = asyncio.get_running_loop().time()
    async with open_client(connection(slack)) as client:
        poster = Poster(client, Pacing(database.autocommit, LoopClock()), LoopClock())
        with leaving_by(now - 1), pytest.raises(Ambiguous):
            await poster.post("C1", None, Message("late", ()), uuid4(), 1)
        assert slack.answers("C1") == []
        with leaving_by(now + 60):
            await poster.post("C1", None, Message("in time", ()), uuid4(), 1)
    assert [one["text"] for one in slack.answers("C1")] == ["in time"]
