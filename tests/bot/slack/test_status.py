"""The sign of life stays as long as the work does, and is taken away after it."""

import asyncio
from functools import partial

from agent.mentions import Mention
from agent.texts import Text
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


async def test_a_step_is_shown_when_it_lasts(slack: FakeSlack) -> None:
    clock = HandClock()
    mention = Mention("Ev1", "mention", "T1", "C1", "1.0", "1.0", "U7", "how many days?")
    async with (
        open_client(connection(slack)) as client,
        Status(client, clock).shown(mention) as showing,
    ):
        for step in ("Searching…", "Reading…"):
            showing.say(Text(step, step).filled())
            clock.move(0.4)
            await asyncio.sleep(0.05)
        await clock.run(partial(_more, slack, 1))
        showing.say(Text("Writing…", "Writing…").filled())
    assert [text for *_, text in slack.statuses] == ["is looking it up…", "Reading…", ""]
