"""Where people ask, beside mentions: files, overheard questions, message menus, commands."""

from typing import Any

from agent.policies import Policy
from knowledge.database import Database
from knowledge.embedding.minilm import MiniLM
from tests.fakes.running import running_bot
from tests.fakes.scripted_agent import ScriptedAgent, plain_answer
from tests.fakes.slack_server import FakeSlack
from tests.fakes.slack_state import BOT_USER, TEAM


async def test_attached_files_are_read_for_their_conversation_and_what_cannot_be_is_said(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    slack.files["notes.md"] = b"# Parking\n\nBay seven is for visitors."
    url = slack.url.replace("/api/", "/files/notes.md")
    files = [
        {"id": "F1", "name": "notes.md", "url_private": url},
        {"id": "F2", "name": "secret.md", "url_private": "https://evil.example/secret.md"},
    ]
    agent = ScriptedAgent()
    async with running_bot(slack, database, agent, encoder=encoder) as bot:
        message = slack.say("D1", "where do visitors park?", subtype="file_share", files=files)
        await slack.send_http(bot.url, slack.event(message, "D1"))
        await slack.until(lambda: slack.answers("D1"))
    (answer,) = slack.answers("D1")
    assert "secret.md" in answer["text"]
    assert "notes.md" not in answer["text"]
    assert any(one.startswith("conversation:") for one in agent.asked[0].reader.principals)


async def test_every_question_is_heard_where_the_policy_wants_it_and_silence_is_kept(
    slack: FakeSlack, database: Database
) -> None:
    async def script(question: Any) -> Any:
        known = "leave" in question.text
        return plain_answer("28 days") if known else plain_answer("?", route="none", abstained=True)

    async with running_bot(slack, database, ScriptedAgent(script)) as bot:
        await bot.service.desk.policies.save(Policy(TEAM, "C1", answers="every"))
        for text in ("who knows the score?", "lunch at noon.", "how many days of leave?"):
            await slack.send_http(bot.url, slack.event(slack.say("C1", text), "C1"))
        await slack.until(lambda: slack.answers("C1"))
    (answer,) = slack.answers("C1")
    assert "28 days" in answer["text"]
    assert slack.statuses == []


async def test_a_channel_that_is_off_is_told_so_once(slack: FakeSlack, database: Database) -> None:
    agent = ScriptedAgent()
    async with running_bot(slack, database, agent) as bot:
        await bot.service.desk.policies.save(Policy(TEAM, "C1", answers="never"))
        message = slack.say("C1", f"<@{BOT_USER}> hello?")
        for kind in ("app_mention", "message"):
            await slack.send_http(bot.url, slack.event(message, "C1", kind))
        await slack.until(lambda: slack.ephemerals)
    assert len(slack.ephemerals) == 1
    assert agent.asked == []


async def test_prompts_are_suggested_when_a_conversation_opens(
    slack: FakeSlack, database: Database
) -> None:
    event = {"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "messages"}
    body = {"type": "event_callback", "team_id": TEAM, "event_id": "Ev1", "event": event}
    async with running_bot(slack, database, ScriptedAgent()) as bot:
        await slack.send_http(bot.url, body)
        await slack.until(lambda: slack.prompts)
    assert slack.prompts[0]["prompts"]


async def test_a_message_is_answered_from_its_menu(slack: FakeSlack, database: Database) -> None:
    message = slack.say("C1", "how many days?", user="U2")
    body = slack.click("") | {
        "type": "message_action",
        "callback_id": "answer_this",
        "message": message,
        "action_ts": slack.ts(),
    }
    async with running_bot(slack, database, ScriptedAgent()) as bot:
        await slack.send_http(bot.url, body)
        await slack.until(lambda: slack.answers("C1"))
    assert slack.answers("C1")[0]["thread_ts"] == message["ts"]


async def test_sharing_is_refused_while_a_source_is_not_for_the_channel(
    slack: FakeSlack, database: Database
) -> None:
    async with running_bot(slack, database, ScriptedAgent()) as bot:
        await slack.send_http(bot.url, slack.command("how many days?"))
        await slack.until(lambda: slack.responses)
        async with database.engine.connect() as connection:
            found = await connection.exec_driver_sql("SELECT id FROM mention")
            mention = str(found.scalar_one())
        await slack.send_http(bot.url, slack.click("share_answer", mention))
        await slack.until(lambda: len(slack.responses) > 1)
    assert "I did not share it" in slack.responses[1]["text"]
    assert slack.answers("C1") == []


async def test_knowhow_helps_and_counts(slack: FakeSlack, database: Database) -> None:
    async with running_bot(slack, database, ScriptedAgent()) as bot:
        said = {}
        for name in ("help", "status", "documents", "nonsense"):
            body = slack.command(name) | {"command": "/knowhow"}
            said[name] = (await slack.send_http(bot.url, body))[1]
    assert "/knowhow status" in said["help"]
    assert "0 documents" in said["status"]
    assert "no documents" in said["documents"]
    assert "I do not know" in said["nonsense"]


async def test_follow_ups_are_answered_unless_the_channel_wants_mentions_alone(
    slack: FakeSlack, database: Database
) -> None:
    agent = ScriptedAgent()
    async with running_bot(slack, database, agent) as bot:
        await bot.service.desk.policies.save(Policy(TEAM, "C1", follows=False))
        for channel in ("C1", "C2"):
            root = slack.say(channel, f"<@{BOT_USER}> how many days?")
            await slack.send_http(bot.url, slack.event(root, channel, "app_mention"))
            await slack.until(lambda channel=channel: slack.answers(channel))
            for words in ("and for contractors?", f"<@{BOT_USER}> and for guests?"):
                message = slack.say(channel, words, thread_ts=root["ts"])
                await slack.send_http(bot.url, slack.event(message, channel))
        await slack.until(lambda: len(slack.answers("C2")) == 3)
        await slack.until(lambda: len(slack.answers("C1")) == 2)
    assert "for guests" in slack.answers("C1")[1]["text"]
    asked = [one.text for one in agent.asked]
    assert asked.count("and for contractors?") == 1
