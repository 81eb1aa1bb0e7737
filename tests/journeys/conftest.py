"""The outer seams that journeys fake, over real sockets."""

from collections.abc import AsyncIterator

import pytest

from tests.fakes.slack_server import FakeSlack, fake_slack


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    """A Slack of this test alone."""
    async with fake_slack() as server:
        yield server
