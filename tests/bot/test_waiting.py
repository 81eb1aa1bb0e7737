"""Who waits for long is told so, once in a while and by one process."""

from datetime import timedelta

from sqlalchemy import text

from bot.jobs.waiting import tell_waiting
from knowledge.database import Database
from tests.fakes.running import running_bot
from tests.fakes.slack_server import FakeSlack
from tests.fakes.slack_state import BOT_USER


async def test_who_waits_is_told_how_many_are_before(slack: FakeSlack, database: Database) -> None:
    slack.people["U2"] = {"locale": "zh-CN"}
    async with running_bot(slack, database, None, watch=False) as bot:
        asked = [slack.say("C1", f"<@{BOT_USER}> {n}?", user=f"U{n}") for n in range(3)]
        for message in asked:
            await slack.send_http(bot.url, slack.event(message, "C1"))
        await slack.send_http(bot.url, slack.command("and this?"))
        ledger, workspaces = bot.service.ledger, bot.service.desk.workspaces
        assert await tell_waiting(ledger, workspaces) == 0
        async with database.engine.begin() as connection:
            past = text("UPDATE mention SET created_at = created_at - interval '11 s'")
            await connection.execute(past)
        assert await tell_waiting(ledger, workspaces) == 4
        assert await tell_waiting(ledger, workspaces) == 0
        said = {thread: status for _, thread, status in slack.statuses}
        assert "0 are before" in said[asked[0]["ts"]]
        assert "前面还有 2 个问题" in said[asked[2]["ts"]]
        (response,) = slack.responses
        assert "3 are before yours" in response["text"]
        assert response["replace_original"] is False
        # Slack drops a status after two minutes; a command's author is not told again.
        async with database.engine.begin() as connection:
            past = text("UPDATE mention SET told_at = told_at - interval '101 s'")
            await connection.execute(past)
        assert await tell_waiting(ledger, workspaces) == 3


async def test_who_is_being_answered_is_not_told(slack: FakeSlack, database: Database) -> None:
    async with running_bot(slack, database, None, watch=False) as bot:
        message = slack.say("C1", f"<@{BOT_USER}> hello?")
        await slack.send_http(bot.url, slack.event(message, "C1"))
        ledger = bot.service.ledger
        claim = await ledger.claim(f"T0TEAM:C1:{message['ts']}")
        assert claim is not None
        assert await ledger.to_be_told(timedelta(0), timedelta(0), 10) == []
