"""An answer whose writing outlives its stream: one message, whole, wherever the worker dies."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from agent.answers import Question
from agent.events import Delta, Done, Event
from agent.mentions import Mention
from bot.slack.service import SlackService, open_slack
from knowledge.database import Database
from tests.bot.test_live_answers import CHECKED, expire, row, whole
from tests.fakes.clock import HandClock
from tests.fakes.running import connection
from tests.fakes.scripted_agent import ScriptedAgent
from tests.fakes.slack_server import FakeSlack


@dataclass
class SlowAgent:
    """Writes one piece, then one each time it may; then the checked answer comes."""

    pieces: list[str]
    may: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))

    async def stream(self, question: Question) -> AsyncIterator[Event]:
        del question
        for piece in self.pieces:
            yield Delta(piece)
            await self.may.acquire()
        yield Done(CHECKED)


@pytest.fixture
def clock(slack: FakeSlack) -> HandClock:
    """The same for us and for Slack."""
    clock = HandClock()
    slack.clock = clock.time
    return clock


@pytest.fixture
async def service(
    slack: FakeSlack, database: Database, clock: HandClock
) -> AsyncIterator[SlackService]:
    async with open_slack(connection(slack), database, clock=clock) as opened:
        yield opened


def shown(slack: FakeSlack) -> str:
    return " ".join(str(message["text"]) for message in slack.answers("C1"))


def flat(slack: FakeSlack) -> str:
    return " ".join(shown(slack).split())


async def test_the_stream_is_ended_before_slack_does_and_the_message_goes_on(
    service: SlackService, slack: FakeSlack, clock: HandClock, mention: Mention
) -> None:
    agent = SlowAgent(["Piece 1. ", "Piece 2. ", "Piece 3. "])
    job = asyncio.create_task(service.answer_job(agent).run(mention.lane))
    await clock.run(until=lambda: "Piece 1" in shown(slack))
    # Nothing is written meanwhile: the stream would break all the same.
    await clock.run(until=lambda: "chat.stopStream" in slack.calls, step=1)
    assert slack.answers("C1")[0]["streaming_state"] == "completed"
    agent.may.release()
    await clock.run(until=lambda: "Piece 2" in shown(slack))
    agent.may.release()
    await clock.run(until=lambda: "Piece 3" in shown(slack))
    assert flat(slack) == "Piece 1. Piece 2. Piece 3."
    agent.may.release()
    await clock.run(until=job.done)
    (posted,) = slack.answers("C1")
    assert whole(posted, mention)
    assert slack.calls.count("chat.startStream") == 1
    assert "chat.postMessage" not in slack.calls


async def test_a_stream_that_slack_ended_first_loses_no_text(
    service: SlackService, slack: FakeSlack, clock: HandClock, mention: Mention
) -> None:
    agent = SlowAgent(["Piece 1. ", "Piece 2. "])
    job = asyncio.create_task(service.answer_job(agent).run(mention.lane))
    await clock.run(until=lambda: "Piece 1" in shown(slack))
    slack.clock = lambda: clock.now + 300  # its five minutes are over before ours
    agent.may.release()
    await clock.run(until=lambda: "Piece 2" in shown(slack))
    assert flat(slack) == "Piece 1. Piece 2."
    agent.may.release()
    await clock.run(until=job.done)
    (posted,) = slack.answers("C1")
    assert whole(posted, mention)


async def test_an_edit_that_slack_limits_shows_its_text_once(
    service: SlackService, slack: FakeSlack, clock: HandClock, mention: Mention
) -> None:
    agent = SlowAgent(["Piece 1. ", "Piece 2. ", "Piece 3. "])
    job = asyncio.create_task(service.answer_job(agent).run(mention.lane))
    await clock.run(until=lambda: "Piece 1" in shown(slack))
    await clock.run(until=lambda: "chat.stopStream" in slack.calls, step=1)
    slack.rate_limits["chat.update"] = 2
    agent.may.release()
    await clock.run(until=lambda: "Piece 2" in shown(slack))
    agent.may.release()
    await clock.run(until=lambda: "Piece 3" in shown(slack))
    assert flat(slack) == "Piece 1. Piece 2. Piece 3."
    agent.may.release()
    await clock.run(until=job.done)
    assert slack.limited == ["chat.update"] * 2


@pytest.mark.parametrize("arrived", ["frozen", "unheard"])
@pytest.mark.parametrize("method", ["chat.stopStream", "chat.update"])
async def test_a_worker_killed_after_the_stream_leaves_one_whole_answer(
    *,
    service: SlackService,
    slack: FakeSlack,
    clock: HandClock,
    database: Database,
    mention: Mention,
    method: str,
    arrived: str,
) -> None:
    agent = SlowAgent(["Piece 1. ", "Piece 2. "])
    killed = asyncio.create_task(service.answer_job(agent).run(mention.lane))
    await clock.run(until=lambda: "Piece 1" in shown(slack))
    getattr(slack, arrived)[method] = 1
    agent.may.release()
    clock.move(275)
    await clock.run(until=lambda: bool(slack.hanging))
    await expire(database)
    second = asyncio.create_task(service.answer_job(ScriptedAgent()).run(mention.lane))
    await clock.run(until=second.done)
    closed: Any = await row(database, mention)
    killed.cancel()
    slack.thaw.set()
    await clock.run(until=killed.done)
    (posted,) = slack.answers("C1")
    assert whole(posted, mention)
    assert (closed.state, closed.answer_ts) == ("done", posted["ts"])


async def test_a_worker_that_froze_until_another_answered_changes_nothing(
    service: SlackService,
    slack: FakeSlack,
    clock: HandClock,
    database: Database,
    mention: Mention,
) -> None:
    agent = SlowAgent(["Piece 1. ", "Piece 2. ", "Piece 3. "])
    frozen = asyncio.create_task(service.answer_job(agent).run(mention.lane))
    await clock.run(until=lambda: "Piece 1" in shown(slack))
    await expire(database)
    second = asyncio.create_task(service.answer_job(ScriptedAgent()).run(mention.lane))
    await clock.run(until=second.done)
    appended = slack.calls.count("chat.appendStream")
    agent.may.release()
    await clock.run(until=lambda: slack.calls.count("chat.appendStream") > appended)
    agent.may.release()
    agent.may.release()
    await clock.run(until=frozen.done)
    (posted,) = slack.answers("C1")
    assert whole(posted, mention)


async def test_much_text_at_once_is_shown_in_pieces_and_whole(
    service: SlackService, slack: FakeSlack, clock: HandClock, mention: Mention
) -> None:
    text = " ".join(f"<w{number}&" for number in range(3000))
    agent = SlowAgent([text])
    job = asyncio.create_task(service.answer_job(agent).run(mention.lane))
    await clock.run(until=lambda: "w2999" in shown(slack))
    assert flat(slack).replace("&lt;", "<").replace("&amp;", "&") == text
    agent.may.release()
    await clock.run(until=job.done)
    assert whole(slack.answers("C1")[0], mention)


async def test_a_finished_answer_waits_for_no_place_of_what_it_replaces(
    service: SlackService, slack: FakeSlack, clock: HandClock, mention: Mention
) -> None:
    agent = SlowAgent(["Piece 1. ", "Piece 2. "])
    job = asyncio.create_task(service.answer_job(agent).run(mention.lane))
    await clock.run(until=lambda: "Piece 1" in shown(slack))
    streams = service.workspace.poster.streams
    for _ in range(1000):  # so many pieces of other answers are before it
        streams.append_ahead()
    agent.may.release()
    before = clock.now
    await clock.run(until=lambda: clock.now > before + 10)  # by now it waits for its place
    agent.may.release()
    await clock.run(until=job.done)
    assert streams.append_ahead() > 100
    assert "chat.appendStream" not in slack.calls


async def test_an_answer_in_a_channel_that_must_wait_is_not_started(
    service: SlackService, slack: FakeSlack, clock: HandClock, mention: Mention
) -> None:
    poster = service.workspace.poster
    for _ in range(30):  # these messages go before
        turn = asyncio.create_task(poster.turn("C1"))
        await clock.run(until=turn.done)
    agent = SlowAgent(["Piece 1. "])
    job = asyncio.create_task(service.answer_job(agent).run(mention.lane))
    await clock.run(until=lambda: "processing" in str(slack.sessions))
    before = clock.now
    await clock.run(until=lambda: clock.now > before + 10)
    agent.may.release()
    await clock.run(until=job.done)
    assert "chat.startStream" not in slack.calls
    (posted,) = slack.answers("C1")
    assert whole(posted, mention)
