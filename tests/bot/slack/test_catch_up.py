"""After an outage longer than Slack's retries: what was asked then is found, and answered once."""

from typing import Any

import pytest
from sqlalchemy import text

from agent.hearing import Hearing
from knowledge.database import Database
from tests.fakes.running import running_bot
from tests.fakes.scripted_agent import ScriptedAgent
from tests.fakes.slack_server import FakeSlack
from tests.fakes.slack_state import BOT_USER, TEAM

CALL = f"<@{BOT_USER}>"


async def away(database: Database, minutes: int) -> None:
    """As if nobody had listened for so long."""
    async with database.engine.begin() as connection:
        await connection.execute(
            text("INSERT INTO heard VALUES (:team, now() - make_interval(mins => :minutes))"),
            {"team": TEAM, "minutes": minutes},
        )


async def deliver(slack: FakeSlack, url: str, message: Any, channel: str = "C1") -> None:
    assert (await slack.send_http(url, slack.event(message, channel)))[0] == 200


async def test_what_was_asked_in_an_outage_is_answered_once(
    slack: FakeSlack, database: Database
) -> None:
    slack.memberships[BOT_USER] = {"C1", "C2", "C3"}
    agent = ScriptedAgent()
    await away(database, 30)
    arrived = slack.say("C1", f"{CALL} arrived after all?")
    slack.say("C1", f"{CALL} one?")
    slack.say("C2", "lunch, anyone?")
    root = slack.say("C2", "Has anybody read the handbook?")
    reply = slack.say("C2", f"{CALL} two?", thread_ts=root["ts"])
    root |= {"reply_count": 1, "latest_reply": reply["ts"]}
    async with running_bot(slack, database, agent) as bot:
        await deliver(slack, bot.url, arrived)
        await slack.until(lambda: len(slack.answers("C1")) == 2 and slack.answers("C2"))
        assert await bot.service.desk.errands.wake_overdue() == 0
    assert sorted(one.text for one in agent.asked) == ["arrived after all?", "one?", "two?"]
    assert [m["thread_ts"] for m in slack.answers("C2")] == [root["ts"]]


async def test_a_follow_up_and_a_direct_message_are_found_where_we_talked_before(
    slack: FakeSlack, database: Database
) -> None:
    agent = ScriptedAgent()
    root = slack.say("C1", f"{CALL} before?")
    direct = slack.say("D1", "hello there, a question")
    async with running_bot(slack, database, agent) as bot:
        await deliver(slack, bot.url, root)
        await deliver(slack, bot.url, direct, "D1")
        await slack.until(lambda: len(slack.answers("C1") + slack.answers("D1")) == 2)
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE heard SET until = now() - interval '1 h'"))
    slack.say("C1", "and then?", thread_ts=root["ts"])
    slack.say("D1", "and this?")
    async with running_bot(slack, database, agent):
        await slack.until(lambda: len(slack.answers("C1") + slack.answers("D1")) == 4)
    assert {one.text for one in agent.asked[2:]} == {"and then?", "and this?"}


async def test_a_limit_delays_and_what_is_closed_is_passed_over(
    slack: FakeSlack, database: Database
) -> None:
    slack.memberships[BOT_USER] = {"C1", "C2"}
    slack.rate_limits["users.conversations"] = 1
    slack.rate_limits["conversations.history"] = 1
    slack.refusals["conversations.history"] = ["not_in_channel"]
    agent = ScriptedAgent()
    await away(database, 30)
    slack.say("C2", f"{CALL} one?")
    async with running_bot(slack, database, agent):
        await slack.until(lambda: bool(slack.answers("C2")))


@pytest.mark.parametrize(("minutes", "gap"), [(4, False), (6, True)])
async def test_only_what_slack_no_longer_repeats_is_read_up(
    slack: FakeSlack, database: Database, *, minutes: int, gap: bool
) -> None:
    async with running_bot(slack, database, None, watch=False) as bot:
        hearing = Hearing(database, bot.service.desk.errands)
        assert not await hearing.beat(TEAM)
        async with database.engine.begin() as connection:
            past = text("UPDATE heard SET until = now() - make_interval(mins => :minutes)")
            await connection.execute(past, {"minutes": minutes})
        assert await hearing.beat(TEAM) is gap
        assert not await hearing.beat(TEAM)
        assert "users.conversations" not in slack.calls
