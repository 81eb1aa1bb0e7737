"""The sign of life stays as long as the work does, and is taken away after it."""

from functools import partial

from agent.mentions import Mention
from bot.slack.connection import open_client
from bot.slack.status import Status
from tests.fakes.clock import HandClock
from tests.fakes.running import connection
from tests.fakes.slack_server import FakeSlack

_SLACK_DROPS_IT_AFTER_S = 120


def _more(slack: FakeSlack, than: int) -> bool:
    return len(slack.statuses) > than


async def test_a_status_is_shown_again_before_slack_drops_it(slack: FakeSlack) -> None:
    clock = HandClock()
    mention = Mention("Ev1", "mention", "T1", "C1", "1.0", "1.0", "U7", "how many days?")
    async with open_client(connection(slack)) as client, Status(client, clock).shown(mention):
        for _ in range(4):
            before, shown = clock.now, len(slack.statuses)
            await clock.run(partial(_more, slack, shown), step=1)
            assert clock.now - before < _SLACK_DROPS_IT_AFTER_S
    assert [text for *_, text in slack.statuses] == ["is looking it up…"] * 5 + [""]
