"""The same over Socket Mode: a real websocket, opened by the bot."""

from knowledge.database import Database
from tests.fakes.running import running_bot
from tests.fakes.scripted_agent import ScriptedAgent
from tests.fakes.slack_server import FakeSlack
from tests.fakes.slack_state import BOT_USER


async def test_a_mention_is_acknowledged_and_answered(slack: FakeSlack, database: Database) -> None:
    async with running_bot(slack, database, ScriptedAgent(), socket=True):
        message = slack.say("C1", f"<@{BOT_USER}> how many days?")
        for kind in ("app_mention", "message", "app_mention"):
            assert "payload" not in await slack.send_socket(slack.event(message, "C1", kind))
        await slack.until(lambda: slack.answers("C1"))
    (answer,) = slack.answers("C1")
    assert answer["thread_ts"] == message["ts"]


async def test_the_slash_command(slack: FakeSlack, database: Database) -> None:
    async with running_bot(slack, database, ScriptedAgent(), socket=True):
        ack = await slack.send_socket(slack.command("how many days?"))
        await slack.until(lambda: slack.responses)
    assert "Working on it" in ack["payload"]["text"]
    assert "28 days" in slack.responses[0]["text"]


async def test_a_dropped_socket_is_opened_again(slack: FakeSlack, database: Database) -> None:
    async with running_bot(slack, database, ScriptedAgent(), socket=True):
        await slack.drop_sockets()
        await slack.send_socket(slack.event(slack.say("D1", "still there?"), "D1"))
        await slack.until(lambda: slack.answers("D1"))
    assert slack.calls.count("apps.connections.open") == 2
