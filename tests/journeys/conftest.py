"""The outer seams that journeys fake, over real sockets."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.slack_server import FakeSlack, fake_slack
from tests.journeys.terminal import Terminal


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    """A Slack of this test alone."""
    async with fake_slack() as server:
        yield server


@pytest.fixture
def terminal(home: Path, database_url: str) -> Terminal:
    """A shell with a database of this test alone."""
    return Terminal(home, database_url)
