"""An answer as people see it come about: status, buttons, language, and the stop button."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text

from agent.answers import Answer, Question
from agent.errors import ModelUnavailable
from agent.events import Delta, Event, Step
from agent.policies import Policy
from agent.texts import Said
from bot.slack.actions import ASK_EXPERT, FEEDBACK, SHARE
from knowledge.database import Database
from tests.fakes.running import Bot, running_bot
from tests.fakes.scripted_agent import ScriptedAgent, plain_answer
from tests.fakes.slack_server import FakeSlack
from tests.fakes.slack_state import TEAM
from tests.journeys.test_slack_http import CALL, answered, ask, send

SEARCHING = Step(Said("Searching the documents…", "正在搜索文档…"))


class Hangs:
    """An agent that begins to write and never ends; ``cancelled`` once it was made to."""

    def __init__(self, slack: FakeSlack) -> None:
        self._slack = slack
        self.begun = asyncio.Event()
        self.cancelled = asyncio.Event()

    async def stream(self, question: Question) -> AsyncIterator[Event]:
        del question
        yield Delta("A piece. ")
        await self._slack.until(lambda: self._slack.streamed)
        self.begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise


def actions(message: Any) -> list[str]:
    """The ids of all buttons, in order."""
    return [
        element["action_id"]
        for block in message["blocks"]
        if block["type"] in {"actions", "context_actions"}
        for element in block["elements"]
    ]


async def stop(slack: FakeSlack, bot: Bot, channel: str, thread_ts: str) -> None:
    """Somebody presses stop: Slack ends the streams and tells us."""
    for message in slack.answers(channel):
        message["streaming_state"] = "completed"
    event = {
        "type": "agent_session_stopped",
        "channel": channel,
        "thread_ts": thread_ts,
        "user": "U1",
        "event_ts": slack.ts(),
        "streaming_message_ts": [m["ts"] for m in slack.answers(channel)],
    }
    body = {"type": "event_callback", "team_id": TEAM, "event_id": "EvStop", "event": event}
    await send(slack, bot, body)


@pytest.mark.parametrize(
    ("channel", "locale", "said"),
    [
        ("C1", "en-US", "Stopped by somebody in this conversation."),
        ("C1", "zh-CN", "这个对话中有人停止了回答。"),
        ("D1", "en-US", "Stopped at your request."),
        ("D1", "zh-CN", "已按您的要求停止。"),
    ],
)
async def test_the_stop_button_ends_the_answer_and_says_so(
    slack: FakeSlack, database: Database, channel: str, locale: str, said: str
) -> None:
    slack.people["U1"] = {"locale": locale}
    agent = Hangs(slack)
    async with running_bot(slack, database, agent) as bot:
        message = await ask(slack, bot, f"{CALL} how many days?", channel)
        await agent.begun.wait()
        session = slack.sessions[channel, message["ts"]]
        assert session == ["processing"]
        await stop(slack, bot, channel, message["ts"])
        await agent.cancelled.wait()
        await slack.until(lambda: session[-1] == "active")
    (posted,) = slack.answers(channel)
    assert posted["text"] == said
    assert slack.statuses[-1] == (channel, message["ts"], "")
    async with database.engine.connect() as connection:
        assert await connection.scalar(text("SELECT state FROM mention")) == "done"


async def test_stopping_where_nobody_works_takes_the_button_away(
    slack: FakeSlack, database: Database
) -> None:
    async with running_bot(slack, database, None) as bot:
        await stop(slack, bot, "C1", "100.1")
    assert slack.sessions["C1", "100.1"] == ["active"]


@pytest.mark.parametrize("slow", [False, True])
async def test_a_sign_shows_before_the_agent_is_asked_and_says_each_step(
    *, slack: FakeSlack, database: Database, slow: bool
) -> None:
    if slow:
        slack.unknown |= {"agents.sessions.setStatus"}
    slack.people["U1"] = {"locale": "zh-CN"}
    seen: list[Any] = []

    class Looks(ScriptedAgent):
        async def stream(self, question: Question) -> AsyncIterator[Event]:
            seen.append([status for *_, status in slack.statuses])
            async for event in super().stream(question):
                yield event
                await slack.until(lambda: "正在搜索文档…" in str(slack.statuses))

    async with running_bot(slack, database, Looks(events=[SEARCHING])) as bot:
        await ask(slack, bot, "how many?", "D1")
        await answered(slack, "D1")
        await slack.until(lambda: slack.statuses[-1][2] == "")
    assert seen == [["正在查找…"]]
    assert [status for *_, status in slack.statuses] == ["正在查找…", "正在搜索文档…", ""]


async def test_a_channels_language_goes_before_the_readers(
    slack: FakeSlack, database: Database
) -> None:
    async with running_bot(slack, database, ScriptedAgent()) as bot:
        await bot.service.desk.policies.save(Policy(TEAM, "C1", language="zh"))
        await ask(slack, bot, f"{CALL} how many days?")
        (answer,) = await answered(slack)
    assert "摘自文档 · 83% 把握 · 手册里有" in answer["text"]
    assert "请教专家" in str(answer["blocks"])
    assert slack.problems == []


async def test_an_answer_has_its_buttons(slack: FakeSlack, database: Database) -> None:
    async with running_bot(slack, database, ScriptedAgent()) as bot:
        await ask(slack, bot, f"{CALL} how many days?")
        (answer,) = await answered(slack)
        await send(slack, bot, slack.command("how many days?", "C1", "U7"))
        await slack.until(lambda: slack.responses)
    assert actions(answer) == [FEEDBACK, ASK_EXPERT]
    assert actions(slack.responses[0]) == [FEEDBACK, FEEDBACK, ASK_EXPERT, SHARE]
    mention = answer["metadata"]["event_payload"]["mention"]
    assert f"good:{mention}" in str(answer["blocks"])
    assert slack.problems == []


async def test_a_server_without_feedback_buttons_gets_plain_ones(
    slack: FakeSlack, database: Database
) -> None:
    slack.refusals["chat.postMessage"] = ["invalid_blocks"]
    async with running_bot(slack, database, ScriptedAgent()) as bot:
        await ask(slack, bot, f"{CALL} how many days?")
        (answer,) = await answered(slack)
    assert actions(answer) == [FEEDBACK, FEEDBACK, ASK_EXPERT]
    assert slack.problems == []


async def test_an_abstention_offers_an_expert_and_the_nearest_documents(
    slack: FakeSlack, database: Database
) -> None:
    near = plain_answer("").citations

    async def unknown(question: Question) -> Answer:
        return plain_answer(
            "I don't know.",
            route="none",
            abstained=True,
            citations=(),
            nearest=near,
            question=question.text,
        )

    async with running_bot(slack, database, ScriptedAgent(unknown)) as bot:
        await ask(slack, bot, f"{CALL} who won?")
        (answer,) = await answered(slack)
    assert actions(answer) == [ASK_EXPERT]
    assert answer["blocks"][-1]["elements"][0]["style"] == "primary"
    assert "Looked for “who won?” in all documents that everyone here may see." in answer["text"]
    assert "• <https://handbook.example/leave|Leave › Carry-over>" in answer["text"]


async def test_a_failure_is_explained_in_the_readers_language(
    slack: FakeSlack, database: Database
) -> None:
    async def fail(_: Question) -> Answer:
        raise ModelUnavailable(Said("the model is away", "模型不在"))

    slack.people["U1"] = {"locale": "zh-TW"}
    async with running_bot(slack, database, ScriptedAgent(fail)) as bot:
        await ask(slack, bot, "how many?", "D1")
        (answer,) = await answered(slack, "D1")
        acknowledged = await send(slack, bot, slack.command("  "))
    assert answer["text"].startswith("这个问题我没能回答")
    assert "（模型不在）" in answer["text"]
    assert "问我一个问题" in acknowledged
