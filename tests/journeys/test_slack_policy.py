"""What a channel's policy, a budget and outsiders change about an answer."""

from typing import Any

import pytest

from agent.answers import Answer, Question
from agent.policies import Policy
from knowledge.database import Database
from knowledge.documents import Reader
from tests.fakes.running import Bot, running_bot
from tests.fakes.scripted_agent import ScriptedAgent, plain_answer
from tests.fakes.slack_server import FakeSlack
from tests.fakes.slack_state import BOT_USER, TEAM

CALL = f"<@{BOT_USER}>"


async def ask(slack: FakeSlack, bot: Bot, channel: str = "C1", **fields: Any) -> str:
    """Somebody asks; what the bot says to it."""
    user = fields.pop("user", "U1")
    direct = channel.startswith("D")
    message = slack.say(channel, "how many days?" if direct else f"{CALL} how many?", user=user)
    kind = "message" if direct else "app_mention"
    before = len(slack.answers(channel))
    status, _ = await slack.send_http(bot.url, slack.event(message, channel, kind, **fields))
    assert status == 200
    await slack.until(lambda: len(slack.answers(channel)) > before)
    return str(slack.answers(channel)[-1]["text"])


async def unknown(question: Question) -> Answer:
    return plain_answer(f"I don't know: {question.text}", route="none", abstained=True)


async def test_a_policy_reaches_the_agent(slack: FakeSlack, database: Database) -> None:
    agent = ScriptedAgent()
    async with running_bot(slack, database, agent) as bot:
        wanted = Policy(TEAM, "C1", collections=("hr",), least_confidence=0.8, language="zh")
        await bot.service.desk.policies.save(wanted)
        await ask(slack, bot)
        await ask(slack, bot, "C2")
    strict, plain = agent.asked
    assert (strict.collections, strict.least_confidence, strict.language) == (("hr",), 0.8, "zh")
    assert (plain.collections, plain.least_confidence, plain.language) == ((), 0.0, "")


async def test_where_no_answers_are_wanted_it_is_said_and_direct_messages_go_on(
    slack: FakeSlack, database: Database
) -> None:
    agent = ScriptedAgent()
    async with running_bot(slack, database, agent) as bot:
        await bot.service.desk.policies.save(Policy(TEAM, "C1", answers="never"))
        called = slack.say("C1", f"{CALL} how many?")
        await slack.send_http(bot.url, slack.event(called, "C1", "app_mention"))
        await slack.until(lambda: slack.ephemerals)
        assert "switched off in this channel" in slack.ephemerals[0]["text"]
        assert agent.asked == []
        assert "28 days" in await ask(slack, bot, "D1")


async def test_a_channels_budget_is_told_in_the_askers_time(
    slack: FakeSlack, database: Database
) -> None:
    slack.people["U2"] = {"tz": "Asia/Shanghai", "locale": "zh-CN"}
    agent = ScriptedAgent()
    async with running_bot(slack, database, agent) as bot:
        await bot.service.desk.policies.save(Policy(TEAM, "C1", daily_budget=2))
        for _ in range(2):
            assert "28 days" in await ask(slack, bot)
        assert "2 questions for today are used up" in await ask(slack, bot)
        assert "08:00 (Asia/Shanghai)" in await ask(slack, bot, user="U2")
        assert "28 days" in await ask(slack, bot, "C2")
        # What was refused does not count: a larger budget leaves what is left of it.
        await bot.service.desk.policies.save(Policy(TEAM, "C1", daily_budget=3))
        assert "28 days" in await ask(slack, bot)
        assert "3 questions for today are used up" in await ask(slack, bot)
    assert len(agent.asked) == 4


async def test_one_person_has_a_budget_too(slack: FakeSlack, database: Database) -> None:
    async with running_bot(slack, database, ScriptedAgent(), daily_questions=1) as bot:
        assert "28 days" in await ask(slack, bot, "D1")
        assert "You have asked 1 questions today" in await ask(slack, bot, "C1")
        assert "28 days" in await ask(slack, bot, "C1", user="U2")


async def test_a_guest_who_only_reads_along_gets_public_documents(
    slack: FakeSlack, database: Database
) -> None:
    slack.people["U5"] = {"is_ultra_restricted": True}
    slack.memberships["U5"] = {"C1"}
    agent = ScriptedAgent(unknown)
    async with running_bot(slack, database, agent) as bot:
        assert "Guests or people from outside" in await ask(slack, bot, "C1")
        assert "outside" not in await ask(slack, bot, "C2")
        assert "outside" not in await ask(slack, bot, "D1")
    readers = [one.reader for one in agent.asked]
    assert readers[:2] == [Reader.of_outsiders(), Reader.of_channel("C2")]
    assert "user:U1" in readers[2].principals


@pytest.mark.parametrize(
    ("who", "fields", "said"),
    [
        ({}, {"is_ext_shared_channel": True}, "people from outside the team read along"),
        ({"is_restricted": True}, {}, "You are a guest here"),
        ({"team_id": "T9", "locale": "zh-CN"}, {}, "您是访客"),
    ],
)
async def test_outsiders_get_public_documents_and_are_told_so(
    *,
    slack: FakeSlack,
    database: Database,
    who: dict[str, Any],
    fields: dict[str, Any],
    said: str,
) -> None:
    slack.people["U1"] = who
    agent = ScriptedAgent(unknown)
    async with running_bot(slack, database, agent) as bot:
        assert said in await ask(slack, bot, **fields)
        if not fields:
            assert said in await ask(slack, bot, "D1")
    assert {one.reader for one in agent.asked} == {Reader.of_outsiders()}
