"""After an outage longer than Slack's retries: what was asked then is found, and answered once."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from agent.hearing import Hearing
from bot.slack.hearing import place_errand
from knowledge.database import Database
from knowledge.documents import Reader
from tests.fakes.running import running_bot
from tests.fakes.scripted_agent import ScriptedAgent
from tests.fakes.slack_methods import METHODS
from tests.fakes.slack_server import FakeSlack
from tests.fakes.slack_state import BOT_USER, TEAM, Json, RefusedError, SlackState

CALL = f"<@{BOT_USER}>"


def ago(slack: FakeSlack, **how_long: float) -> str:
    """A ts of the past."""
    return f"{float(slack.ts()) - timedelta(**how_long).total_seconds():.6f}"


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
    slack.say("C2", f"{CALL} two?", thread_ts=root["ts"])
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


async def test_a_token_that_is_not_taken_delays_and_loses_nothing(
    slack: FakeSlack, database: Database
) -> None:
    slack.memberships[BOT_USER] = {"C1"}
    slack.refusals["conversations.history"] = ["invalid_auth", "token_revoked"]
    agent = ScriptedAgent()
    await away(database, 30)
    slack.say("C1", f"{CALL} one?")
    async with running_bot(slack, database, agent):
        await slack.until(lambda: bool(slack.answers("C1")))


async def test_a_place_whose_page_is_forgotten_is_read_from_the_beginning(
    slack: FakeSlack, database: Database
) -> None:
    since = slack.ts()
    slack.say("C1", f"{CALL} one?")
    slack.refusals["conversations.history"] = ["invalid_cursor"]
    async with running_bot(slack, database, ScriptedAgent(), watch=False) as bot:
        errands = bot.service.desk.errands
        errand = place_errand(TEAM, "C1", "", since, "9")
        async with database.engine.begin() as connection:
            # As whoever read the first pages long ago left it.
            await errands.accept_in(connection, errand)
            noted = text('UPDATE errand SET progress = \'{"cursor": "7"}\'')
            await connection.execute(noted)
        await slack.until(lambda: bool(slack.answers("C1")))


async def test_a_reply_in_an_old_thread_of_a_direct_message_is_found(
    slack: FakeSlack, database: Database
) -> None:
    agent = ScriptedAgent()
    root = slack.say("D1", "a question of the week before", ts=ago(slack, days=3))
    async with running_bot(slack, database, agent) as bot:
        await deliver(slack, bot.url, root, "D1")
        await slack.until(lambda: len(slack.answers("D1")) == 1)
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE heard SET until = now() - interval '1 h'"))
    slack.say("D1", "and then?", thread_ts=root["ts"])
    async with running_bot(slack, database, agent):
        await slack.until(lambda: len(slack.answers("D1")) == 2)
    assert agent.asked[1].text == "and then?"
    assert {m["thread_ts"] for m in slack.answers("D1")} == {root["ts"]}


async def test_a_call_in_an_older_thread_of_others_is_found_and_nothing_older(
    slack: FakeSlack, database: Database
) -> None:
    slack.memberships[BOT_USER] = {"C1"}
    agent = ScriptedAgent()
    await away(database, 30)
    root = slack.say("C1", "How do we order paper?", ts=ago(slack, hours=5))
    slack.say("C1", f"{CALL} long over?", ts=ago(slack, hours=3))
    slack.say("C1", f"{CALL} over in the thread?", thread_ts=root["ts"], ts=ago(slack, hours=4))
    slack.say("C1", f"{CALL} do you know?", thread_ts=root["ts"])
    slack.say("C1", f"{CALL} the last one?")
    async with running_bot(slack, database, agent):
        await slack.until(lambda: len(slack.answers("C1")) == 2)
    assert {one.text for one in agent.asked} == {"do you know?", "the last one?"}


@pytest.mark.parametrize("allowed", [True, False])
async def test_group_messages_are_read_up_where_the_app_may(
    slack: FakeSlack, database: Database, monkeypatch: pytest.MonkeyPatch, *, allowed: bool
) -> None:
    listed = METHODS["users.conversations"]

    def conversations(state: SlackState, arguments: Json) -> Json:
        if "mpim" in arguments["types"] and not allowed:
            raise RefusedError("missing_scope")
        return listed(state, arguments)

    monkeypatch.setitem(METHODS, "users.conversations", conversations)
    slack.memberships[BOT_USER] = {"C1", "G1"}
    slack.rooms["G1"] = {"is_mpim": True, "is_private": True}
    agent = ScriptedAgent()
    await away(database, 30)
    slack.say("G1", f"{CALL} among us?")
    slack.say("C1", f"{CALL} for all?")
    async with running_bot(slack, database, agent):
        asked = 2 if allowed else 1
        await slack.until(lambda: len(slack.answers("C1") + slack.answers("G1")) == asked)
    assert {one.text for one in agent.asked} >= {"for all?"}
    assert bool(slack.answers("G1")) is allowed


async def test_what_is_read_up_where_outsiders_read_along_is_answered_for_outsiders(
    slack: FakeSlack, database: Database
) -> None:
    slack.memberships[BOT_USER] = {"C1", "C2"}
    slack.rooms["C2"] = {"is_ext_shared": True}
    agent = ScriptedAgent()
    await away(database, 30)
    for channel in ("C1", "C2"):
        slack.say(channel, f"{CALL} in {channel}?")
    async with running_bot(slack, database, agent):
        await slack.until(lambda: slack.answers("C1") and slack.answers("C2"))
    readers = {one.text: one.reader for one in agent.asked}
    assert readers == {"in C1?": Reader.of_channel("C1"), "in C2?": Reader.of_outsiders()}


async def test_what_slack_tried_to_hand_over_while_nothing_reached_us_is_read_up(
    slack: FakeSlack, database: Database
) -> None:
    """We listened all the time: that Slack's last tries come is all that tells of it."""
    slack.memberships[BOT_USER] = {"C1", "C2"}
    agent = ScriptedAgent()
    before, lost, *late = (
        slack.say(channel, text, ts=ago(slack, minutes=minutes))
        for channel, text, minutes in (
            ("C1", f"{CALL} before?", 90),
            ("C2", f"{CALL} lost?", 30),
            ("C1", "said among people", 7),
            ("C1", f"{CALL} late?", 6.5),
        )
    )
    async with running_bot(slack, database, agent, watch=False) as bot:
        in_time = slack.event(before, "C1", event_time=int(float(slack.ts())))
        assert (await slack.send_http(bot.url, in_time))[0] == 200
        async with database.engine.begin() as connection:
            await connection.execute(
                text("UPDATE mention SET created_at = to_timestamp(ts::float8) + interval '1 s'")
            )
        for message in late:
            await deliver(slack, bot.url, message)
        await slack.until(lambda: slack.answers("C2") and len(slack.answers("C1")) == 2)
    assert sorted(one.text for one in agent.asked) == ["before?", "late?", "lost?"]
    assert [m["thread_ts"] for m in slack.answers("C2")] == [lost["ts"]]
    async with database.engine.connect() as connection:
        errands = text("SELECT count(*) FROM errand WHERE kind = 'catch_up'")
        assert await connection.scalar(errands) == 1


async def read_up(database: Database) -> list[str]:
    """The places that were to be read up."""
    keys = text("SELECT key FROM errand WHERE kind = 'catch_up_place' ORDER BY key")
    async with database.engine.connect() as connection:
        return list(await connection.scalars(keys))


async def test_a_follow_up_that_overtakes_its_call_is_answered_after_it(
    slack: FakeSlack, database: Database
) -> None:
    agent = ScriptedAgent()
    call = slack.say("C1", f"{CALL} one?", ts=ago(slack, seconds=60))
    follow_up = slack.say("C1", "and two?", thread_ts=call["ts"], ts=ago(slack, seconds=30))
    async with running_bot(slack, database, agent, watch=False) as bot:
        # Slack's first try of the call was not taken.
        await deliver(slack, bot.url, follow_up)
        assert slack.answers("C1") == []
        for kind in ("app_mention", "message", "app_mention"):
            again = slack.event(call, "C1", kind)
            assert (await slack.send_http(bot.url, again))[0] == 200
        await slack.until(lambda: len(slack.answers("C1")) == 2)
    assert [one.text for one in agent.asked] == ["one?", "and two?"]
    assert await read_up(database) == [f"catch up C1 {call['ts']} {call['ts']}"]


async def test_nothing_overtakes_a_call_in_time_one_that_was_known_or_one_by_editing(
    slack: FakeSlack, database: Database
) -> None:
    agent = ScriptedAgent()
    edit = {"user": "U1", "ts": slack.ts()}
    edited = slack.say("C1", f"{CALL} two?", ts=ago(slack, hours=1), edited=edit)
    slack.say("C1", "said among people", thread_ts=edited["ts"], ts=ago(slack, minutes=50))
    async with running_bot(slack, database, agent, watch=False) as bot:
        call = slack.say("C1", f"{CALL} one?", ts=ago(slack, seconds=8))
        await deliver(slack, bot.url, call)
        await asyncio.sleep(2.5)
        for message in (call, edited):
            now = int(float(slack.ts()))
            again = slack.event(message, "C1", "app_mention", event_time=now)
            assert (await slack.send_http(bot.url, again))[0] == 200
        await slack.until(lambda: len(slack.answers("C1")) == 2)
        assert await read_up(database) == []


async def test_what_is_read_up_is_read_once_however_late_it_is(
    slack: FakeSlack, database: Database
) -> None:
    await away(database, 30)
    slack.memberships[BOT_USER] = {"C1"}
    call = slack.say("C1", f"{CALL} one?", ts=ago(slack, minutes=20))
    slack.say("C1", "and two?", thread_ts=call["ts"], ts=ago(slack, minutes=19))
    async with running_bot(slack, database, ScriptedAgent()):
        await slack.until(lambda: len(slack.answers("C1")) == 2)
    assert len(await read_up(database)) == 2  # the channel, and the thread in it
