"""Guests who only read along: found from two lists, over real sockets, and never overlooked."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.slack import guests
from bot.slack.connection import SlackConnection, open_client
from bot.slack.guests import Guests
from bot.slack.people import People
from tests.fakes.clock import HandClock
from tests.fakes.slack_server import BOT_TOKEN, FakeSlack, fake_slack
from tests.fakes.slack_state import TEAM


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with fake_slack() as running:
        for user in ("U1", "U2", "U3", "U4", "U5"):
            running.memberships[user] = {"C1"}
        running.people["U9"] = {"is_restricted": True}
        running.memberships["U9"] = {"C2"}
        yield running


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def found(slack: FakeSlack, clock: HandClock) -> AsyncIterator[Guests]:
    async with open_client(SlackConnection(BOT_TOKEN, slack.url)) as client:
        yield Guests(client, People(client, TEAM), clock.time)


async def test_a_guest_on_any_page_is_found_and_each_list_is_read_once(
    slack: FakeSlack, found: Guests
) -> None:
    slack.memberships["U8"] = {"C2"}
    asked = [found.read_along(one) for one in ("C1", "C2", "C1", "C2", "C1")]
    assert await asyncio.gather(*asked) == [False, True, False, True, False]
    assert slack.calls.count("users.list") == 4  # its pages
    assert slack.calls.count("conversations.members") == 3 + 1
    assert "users.info" not in slack.calls


@pytest.mark.parametrize("sign", ["is_restricted", "is_ultra_restricted", "is_stranger"])
async def test_every_kind_of_guest_counts(slack: FakeSlack, found: Guests, sign: str) -> None:
    slack.people["U5"] = {sign: True}
    assert await found.read_along("C1")


async def test_who_is_not_listed_yet_is_asked_about(slack: FakeSlack, found: Guests) -> None:
    slack.unlisted = {"U4", "U9"}
    assert not await found.read_along("C1")
    assert await found.read_along("C2")
    assert slack.calls.count("users.info") == 2


async def test_too_many_to_read_count_as_one_with_guests(
    slack: FakeSlack, found: Guests, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guests, "_PAGES", 2)
    assert await found.read_along("C1")
    slack.memberships = {f"U{n}": {"C3"} for n in range(60, 90)}
    slack.unlisted, slack.page = set(slack.memberships), 1000
    monkeypatch.setattr(guests, "_PAGES", 20)
    assert await found.read_along("C3")
    assert "users.info" not in slack.calls


async def test_when_slack_does_not_say_who_is_there_there_may_be_guests(
    slack: FakeSlack, found: Guests
) -> None:
    slack.refusals["conversations.members"] = ["missing_scope"]
    assert await found.read_along("C1")
    assert await found.read_along("C1")  # for a minute it is not asked again
    assert slack.calls.count("conversations.members") == 1
    slack.rate_limits["conversations.members"] = 1
    assert await found.read_along("C2")


async def test_without_the_list_of_people_some_are_asked_about(
    slack: FakeSlack, found: Guests
) -> None:
    slack.broken["users.list"] = 2
    assert await found.read_along("C2")
    assert not await found.read_along("C1")
    assert slack.calls.count("users.info") == 6


async def test_a_list_that_cannot_be_read_anew_is_used_for_an_hour(
    slack: FakeSlack, found: Guests, clock: HandClock
) -> None:
    assert not await found.read_along("C1")
    clock.move(3500)
    slack.broken["conversations.members"] = 2
    assert not await found.read_along("C1")
    clock.move(100)
    slack.broken["conversations.members"] = 2
    assert await found.read_along("C1")
    clock.move(9)
    assert await found.read_along("C1")  # not asked again yet
    clock.move(1)
    assert not await found.read_along("C1")
    slack.memberships["U9"].add("C1")  # somebody was invited
    assert not await found.read_along("C1")
    clock.move(300)
    assert await found.read_along("C1")


async def test_a_server_that_imitates_slack_has_no_guests(slack: FakeSlack, found: Guests) -> None:
    slack.unknown |= {"users.list", "conversations.members"}
    assert not await found.read_along("C2")


async def test_one_lost_response_hides_nothing(slack: FakeSlack, found: Guests) -> None:
    slack.broken["conversations.members"] = slack.broken["users.list"] = 1
    assert not await found.read_along("C1")
