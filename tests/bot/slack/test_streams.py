"""However many answers are written live, Slack never has to say that it was too much."""

import asyncio

import pytest

from agent.mentions import Mention
from bot.slack.connection import open_client
from bot.slack.errors import RateLimited, Refused
from bot.slack.streams import Streams
from tests.fakes.clock import FastClock
from tests.fakes.running import connection
from tests.fakes.slack_server import FakeSlack


@pytest.fixture
def clock(slack: FakeSlack) -> FastClock:
    """The same for us and for Slack."""
    clock = FastClock()
    slack.clock = clock.time
    return clock


def question(slack: FakeSlack) -> Mention:
    said = slack.say("C1", "how many?")
    return Mention(said["ts"], "mention", "T1", "C1", said["ts"], said["ts"], "U7", "how many?")


async def test_more_streams_than_slack_allows_are_not_started(
    slack: FakeSlack, clock: FastClock
) -> None:
    async with open_client(connection(slack)) as client:
        streams = Streams(client, clock)
        refused = 0
        for _ in range(100):
            try:
                await streams.start(question(slack), "text")
            except RateLimited as error:
                refused += 1
                assert not streams.possible
                clock.now += error.seconds
    assert refused
    assert slack.limited == []
    assert len(slack.answers("C1")) == 100 - refused


async def test_many_at_once_start_no_more_than_allowed(slack: FakeSlack, clock: FastClock) -> None:
    async with open_client(connection(slack)) as client:
        streams = Streams(client, clock)
        starts = (streams.start(question(slack), "text") for _ in range(60))
        started = await asyncio.gather(*starts, return_exceptions=True)
    assert slack.limited == []
    assert len(slack.answers("C1")) == sum(isinstance(one, str) for one in started) > 0


async def test_when_others_used_up_the_starts_we_wait_as_long_as_slack_says(
    slack: FakeSlack, clock: FastClock
) -> None:
    async with open_client(connection(slack)) as client:
        ours, others = Streams(client, clock), Streams(client, clock)
        for _ in range(18):
            await others.start(question(slack), "text")
        for _ in range(2):
            await ours.start(question(slack), "text")
        with pytest.raises(RateLimited) as limit:
            await ours.start(question(slack), "text")
        asked = slack.calls.count("chat.startStream")
        with pytest.raises(RateLimited):
            await ours.start(question(slack), "text")
        assert slack.calls.count("chat.startStream") == asked
        clock.now += limit.value.seconds
        assert ours.possible
        await ours.start(question(slack), "text")
    assert slack.limited == ["chat.startStream"]


async def test_appends_are_spread_over_the_minute_and_lose_nothing(
    slack: FakeSlack, clock: FastClock
) -> None:
    async with open_client(connection(slack)) as client:
        streams = Streams(client, clock)
        stamps = [await streams.start(question(slack), "0 ") for _ in range(3)]
        for number in range(1, 300):
            clock.now += streams.append_ahead()
            await streams.append("C1", stamps[number % 3], f"{number} ")
    assert slack.limited == []
    text = "".join(str(message["text"]) for message in slack.answers("C1"))
    assert sorted(map(int, text.split())) == [0, 0, *range(300)]


async def test_each_append_gets_a_place_of_its_own(slack: FakeSlack, clock: FastClock) -> None:
    async with open_client(connection(slack)) as client:
        streams = Streams(client, clock)
        places = [round(streams.append_ahead(), 3) for _ in range(8)]
        assert len(set(places)) == 8
        assert places == sorted(places)


async def test_when_slack_says_wait_no_stream_appends_before(
    slack: FakeSlack, clock: FastClock
) -> None:
    async with open_client(connection(slack)) as client:
        streams = Streams(client, clock)
        first, second = [await streams.start(question(slack), "text") for _ in range(2)]
        slack.rate_limits["chat.appendStream"] = 1
        with pytest.raises(RateLimited) as limit:
            await streams.append("C1", first, "more")
        assert streams.append_ahead() >= limit.value.seconds
        clock.now += limit.value.seconds
        await streams.append("C1", second, "more")


async def test_what_is_over_after_five_minutes_takes_no_text_but_can_be_changed(
    slack: FakeSlack, clock: FastClock
) -> None:
    async with open_client(connection(slack)) as client:
        streams = Streams(client, clock)
        ts = await streams.start(question(slack), "text")
        for _ in range(5):
            clock.now += 59
            await streams.append("C1", ts, "more")
        with pytest.raises(Exception, match="streaming_state_conflict"):
            await client.chat_update(channel="C1", ts=ts, text="changed")
        clock.now += 59
        with pytest.raises(Refused, match="message_not_in_streaming_state"):
            await streams.append("C1", ts, "more")
        with pytest.raises(Refused, match="message_not_in_streaming_state"):
            await streams.stop("C1", ts)
        await client.chat_update(channel="C1", ts=ts, text="changed")
    assert slack.answers("C1")[0]["text"] == "changed"
