"""Questions in Slack over HTTP: signed requests in, one answer each out, never silence."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from agent.answers import Answer, Question, Turn
from agent.errors import ModelUnavailable, UnusableQuestion
from bot.jobs.attempts import MAX_ATTEMPTS
from knowledge.database import Database
from knowledge.documents import Reader
from tests.fakes.running import Bot, running_bot
from tests.fakes.scripted_agent import ScriptedAgent, plain_answer
from tests.fakes.slack_server import FakeSlack
from tests.fakes.slack_state import BOT_USER

CALL = f"<@{BOT_USER}>"


async def send(slack: FakeSlack, bot: Bot, body: dict[str, Any]) -> str:
    status, text = await slack.send_http(bot.url, body)
    assert status == 200
    return text


async def ask(slack: FakeSlack, bot: Bot, text: str, channel: str = "C1", **fields: Any) -> Any:
    """Somebody asks; Slack sends the events that it would."""
    message = slack.say(channel, text, **fields)
    if CALL in text:
        await send(slack, bot, slack.event(message, channel, "app_mention"))
    await send(slack, bot, slack.event(message, channel))
    return message


async def answered(slack: FakeSlack, channel: str = "C1", count: int = 1) -> list[Any]:
    await slack.until(lambda: len(slack.answers(channel)) >= count)
    return slack.answers(channel)


async def test_a_mention_is_answered_in_its_thread_with_its_sources(
    slack: FakeSlack, database: Database
) -> None:
    agent = ScriptedAgent()
    async with running_bot(slack, database, agent) as bot:
        message = await ask(slack, bot, f"{CALL} how many days of leave?")
        (answer,) = await answered(slack)
    assert answer["thread_ts"] == message["ts"]
    assert "<https://handbook.example/leave|Leave › Carry-over>" in answer["text"]
    assert answer["unfurl_links"] is False
    assert answer["unfurl_media"] is False
    (question,) = agent.asked
    assert question.text == "how many days of leave?"
    assert question.reader == Reader.of_channel("C1")
    assert question.thread == f"T0TEAM:C1:{message['ts']}"


async def test_an_event_delivered_five_times_is_answered_once(
    slack: FakeSlack, database: Database
) -> None:
    agent = ScriptedAgent()
    async with running_bot(slack, database, agent) as bot:
        message = slack.say("C1", f"{CALL} hello?")
        for kind in ("message", "app_mention", "app_mention", "message", "app_mention"):
            await send(slack, bot, slack.event(message, "C1", kind))
        # Whatever a second row would have caused has happened when a later question is done.
        await ask(slack, bot, "and now?", "D1")
        await answered(slack, "D1")
        assert len(await answered(slack)) == 1
    assert len(agent.asked) == 2


async def test_a_direct_message_is_read_by_one_person(slack: FakeSlack, database: Database) -> None:
    agent = ScriptedAgent()
    async with running_bot(slack, database, agent) as bot:
        message = await ask(slack, bot, "how many days?", "D1", user="U7")
        (answer,) = await answered(slack, "D1")
    assert answer["thread_ts"] == message["ts"]
    assert agent.asked[0].reader == Reader.of_person("U7")


async def test_a_follow_up_needs_no_mention_and_talk_among_others_is_left_alone(
    slack: FakeSlack, database: Database
) -> None:
    agent = ScriptedAgent()
    async with running_bot(slack, database, agent) as bot:
        root = await ask(slack, bot, f"{CALL} how many days?")
        await answered(slack)
        await ask(slack, bot, "<@U2> do you know?", thread_ts=root["ts"])
        await ask(slack, bot, "lunch, anyone?")
        await ask(slack, bot, "and in the second year?", thread_ts=root["ts"])
        answers = await answered(slack, count=2)
    assert [question.text for question in agent.asked] == [
        "how many days?",
        "and in the second year?",
    ]
    assert {answer["thread_ts"] for answer in answers} == {root["ts"]}
    assert len({question.thread for question in agent.asked}) == 1


async def test_called_into_a_thread_the_bot_reads_it_once(
    slack: FakeSlack, database: Database
) -> None:
    agent = ScriptedAgent()
    root = slack.say("C1", "Can I take <@U2>'s days over?", user="U1")
    slack.say("C1", "Into next year &amp; beyond?", user="U2", thread_ts=root["ts"])
    async with running_bot(slack, database, agent) as bot:
        await ask(slack, bot, f"{CALL} what do you think?", thread_ts=root["ts"])
        await answered(slack)
        await ask(slack, bot, "sure?", thread_ts=root["ts"])
        await answered(slack, count=2)
    first, second = agent.asked
    assert first.turns == (
        Turn("user", "Can I take @U2's days over?"),
        Turn("user", "Into next year & beyond?"),
    )
    assert second.turns == ()


async def test_the_slash_command_answers_its_author_alone(
    slack: FakeSlack, database: Database
) -> None:
    agent = ScriptedAgent()
    async with running_bot(slack, database, agent) as bot:
        acknowledged = await send(slack, bot, slack.command("how many days?", "C1", "U7"))
        await slack.until(lambda: slack.responses)
        usage = await send(slack, bot, slack.command("  "))
    assert "Working on it" in acknowledged
    assert "Ask me something" in usage
    (response,) = slack.responses
    assert response["response_type"] == "ephemeral"
    assert "You asked: how many days?" in response["text"]
    assert "28 days" in response["text"]
    (question,) = agent.asked
    assert question.reader == Reader.of_person("U7", channels=["C1"])
    assert question.thread is None
    assert slack.answers("C1") == []


async def test_an_expired_response_url_becomes_a_direct_message(
    slack: FakeSlack, database: Database
) -> None:
    slack.refusals["response_url"] = ["expired_url"]
    async with running_bot(slack, database, ScriptedAgent()) as bot:
        await send(slack, bot, slack.command("how many days?", "C1", "U7"))
        (answer,) = await answered(slack, "DU7")
    assert "28 days" in answer["text"]


async def test_a_mention_without_a_question_is_asked_back(
    slack: FakeSlack, database: Database
) -> None:
    agent = ScriptedAgent()
    async with running_bot(slack, database, agent) as bot:
        await ask(slack, bot, CALL)
        (answer,) = await answered(slack)
    assert "Ask me something" in answer["text"]
    assert agent.asked == []


async def test_a_failing_agent_is_explained_with_an_id(
    slack: FakeSlack, database: Database
) -> None:
    async def fail(question: Question) -> Answer:
        if "model" in question.text:
            raise ModelUnavailable("the model at example did not answer")
        raise RuntimeError("postgres://user:hunter2@host")

    agent = ScriptedAgent(fail)
    async with running_bot(slack, database, agent) as bot:
        await ask(slack, bot, "the model?", "D1")
        await ask(slack, bot, "the bug?", "D2")
        (model,), (bug,) = await answered(slack, "D1"), await answered(slack, "D2")
    assert "the model at example did not answer" in model["text"]
    assert "hunter2" not in bug["text"]
    for answer in (model, bug):
        assert answer["metadata"]["event_payload"]["mention"] in answer["text"]


async def test_an_unusable_question_is_told_at_once(slack: FakeSlack, database: Database) -> None:
    async def refuse(_: Question) -> Answer:
        raise UnusableQuestion("The question is too long: say it in 4,000 characters")

    agent = ScriptedAgent(refuse)
    async with running_bot(slack, database, agent) as bot:
        await ask(slack, bot, "why? " * 5000, "D1")
        (answer,) = await answered(slack, "D1")
    assert answer["text"].startswith("The question is too long")
    assert len(agent.asked) == 1


async def test_answers_in_a_thread_keep_the_order_of_the_questions(
    slack: FakeSlack, database: Database
) -> None:
    async def slow_first(question: Question) -> Answer:
        await asyncio.sleep(0.3 if "first" in question.text else 0)
        return plain_answer(question.text)

    async with running_bot(slack, database, ScriptedAgent(slow_first)) as bot:
        root = await ask(slack, bot, f"{CALL} first")
        for text in ("second", "third", "fourth"):
            await ask(slack, bot, text, thread_ts=root["ts"])
        answers = await answered(slack, count=4)
    assert [a["text"].split()[0] for a in answers] == ["first", "second", "third", "fourth"]


@pytest.mark.parametrize("lacking", [set(), {"assistant.threads.setStatus"}])
async def test_a_sign_of_life_shows_while_working_and_is_cleared(
    slack: FakeSlack, database: Database, lacking: set[str]
) -> None:
    seen: list[Any] = []

    async def look(question: Question) -> Answer:
        await slack.until(lambda: slack.statuses or slack.reactions)
        seen.append((slack.statuses[-1:], set(slack.reactions)))
        return plain_answer(question.text)

    slack.unknown |= lacking
    async with running_bot(slack, database, ScriptedAgent(look)) as bot:
        message = await ask(slack, bot, "how many?", "D1")
        await answered(slack, "D1")
    ((statuses, reactions),) = seen
    if lacking:
        assert (statuses, reactions) == ([], {("D1", message["ts"], "eyes")})
    else:
        assert statuses == [("D1", message["ts"], "is looking it up…")]
        assert slack.statuses[-1] == ("D1", message["ts"], "")
    assert slack.reactions == set()


async def test_a_server_with_nothing_but_posting_is_enough(
    slack: FakeSlack, database: Database
) -> None:
    slack.unknown |= {
        "assistant.threads.setStatus",
        "reactions.add",
        "reactions.remove",
        "conversations.replies",
    }
    async with running_bot(slack, database, ScriptedAgent()) as bot:
        root = slack.say("C1", "hello")
        for number in (1, 2):
            await ask(slack, bot, f"{CALL} question {number}", thread_ts=root["ts"])
            await answered(slack, count=number)
    assert slack.calls.count("assistant.threads.setStatus") == 1
    assert slack.calls.count("reactions.add") == 1


@pytest.mark.parametrize("fault", ["lost", "broken", "rate_limits"])
async def test_a_fault_while_posting_makes_neither_silence_nor_a_second_answer(
    slack: FakeSlack, database: Database, fault: str
) -> None:
    getattr(slack, fault)["chat.postMessage"] = 1
    async with running_bot(slack, database, ScriptedAgent()) as bot:
        await ask(slack, bot, f"{CALL} first")
        await ask(slack, bot, "second", "D1")
        await answered(slack)
        await answered(slack, "D1")
    assert len(slack.answers("C1")) == 1
    assert len(slack.answers("D1")) == 1


async def test_blocks_that_a_server_refuses_become_plain_text(
    slack: FakeSlack, database: Database
) -> None:
    slack.refusals["chat.postMessage"] = ["invalid_blocks", "invalid_blocks"]
    async with running_bot(slack, database, ScriptedAgent()) as bot:
        await ask(slack, bot, "how many?", "D1")
        (answer,) = await answered(slack, "D1")
    assert "blocks" not in answer
    assert "28 days" in answer["text"]


async def test_a_channel_that_closed_is_answered_by_direct_message(
    slack: FakeSlack, database: Database
) -> None:
    slack.refusals["chat.postMessage"] = ["is_archived"]
    async with running_bot(slack, database, ScriptedAgent()) as bot:
        await ask(slack, bot, f"{CALL} how many?", user="U7")
        (answer,) = await answered(slack, "DU7")
    assert "28 days" in answer["text"]


async def test_a_long_answer_arrives_whole(slack: FakeSlack, database: Database) -> None:
    text = "\n\n".join(f"Paragraph {n}: " + "word " * 150 for n in range(60))

    async def long(_: Question) -> Answer:
        return plain_answer(text)

    async with running_bot(slack, database, ScriptedAgent(long)) as bot:
        await ask(slack, bot, "tell me all", "D1")
        await slack.until(lambda: any("83% sure" in a["text"] for a in slack.answers("D1")))
    answers = slack.answers("D1")
    everything = " ".join(answer["text"] for answer in answers)
    assert everything.split().count("word") == 60 * 150
    parts = [answer["metadata"]["event_payload"]["part"] for answer in answers]
    assert parts == list(range(1, len(answers) + 1))


async def test_a_stopped_worker_hands_back_what_it_holds_however_often(
    slack: FakeSlack, database: Database
) -> None:
    started = asyncio.Event()

    async def hang(_: Question) -> Answer:
        started.set()
        await asyncio.Event().wait()
        raise AssertionError

    for update in range(MAX_ATTEMPTS + 1):
        started.clear()
        async with running_bot(slack, database, ScriptedAgent(hang), grace_s=0.1) as bot:
            if not update:
                await ask(slack, bot, f"{CALL} how many?")
            await asyncio.wait_for(started.wait(), 15)
        assert slack.answers("C1") == []
        assert slack.statuses[-1][2] == ""

    async def answer(_: Question) -> Answer:
        return plain_answer("It is 28 days")

    async with running_bot(slack, database, ScriptedAgent(answer)):
        (answered_with,) = await answered(slack)
    assert "28 days" in answered_with["text"]


async def test_what_was_accepted_with_no_worker_is_answered_by_the_next(
    slack: FakeSlack, database: Database
) -> None:
    async with running_bot(slack, database, None) as bot:
        await ask(slack, bot, f"{CALL} how many?")
    async with running_bot(slack, database, ScriptedAgent()):
        assert len(await answered(slack)) == 1


async def test_a_worker_outlives_its_database_connections(
    slack: FakeSlack, database: Database
) -> None:
    async with running_bot(slack, database, ScriptedAgent()) as bot:
        await ask(slack, bot, "before?", "D1")
        await answered(slack, "D1")
        async with database.engine.begin() as connection:
            await connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        await ask(slack, bot, "after?", "D2")
        assert len(await answered(slack, "D2")) == 1
