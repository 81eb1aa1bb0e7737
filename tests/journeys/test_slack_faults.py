"""Every listener with every fault: nothing accepted ends in silence, nobody sees an exception.

A new listener needs a sample here of what Slack sends to it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.engine import make_url

from agent.answers import Answer, Question
from agent.errors import ModelUnavailable
from agent.leasing import is_open
from agent.policies import Policy
from agent.workspace_tables import errand, mention
from bot.slack.actions import POLICY
from bot.slack.policy_form import Choices, policy_view
from knowledge.database import Database
from tests.fakes.listeners import listened
from tests.fakes.running import Bot, running_bot
from tests.fakes.scripted_agent import ScriptedAgent
from tests.fakes.slack_methods import METHODS
from tests.fakes.slack_server import FakeSlack
from tests.fakes.slack_state import BOT_USER, TEAM
from tests.journeys.test_slack_policy_form import sent

SECRET = "Zanzibar"
"""What people write, and no log may repeat."""

Body = dict[str, Any]


def _mentioned(slack: FakeSlack) -> Body:
    said = slack.say("C1", f"<@{BOT_USER}> how many days in {SECRET}?")
    return slack.event(said, "C1", "app_mention")


def _direct(slack: FakeSlack) -> Body:
    return slack.event(slack.say("D1", f"how many days in {SECRET}?"), "D1")


def _form(slack: FakeSlack) -> Body:
    view = policy_view(Policy(TEAM, "C1"), Choices(), "en")
    return slack.submit(view, sent(view))


def _unheard(slack: FakeSlack) -> Body:
    return slack.event({"ts": slack.ts(), "user": "U1"}, "C1", "team_join")


SAMPLES: Mapping[tuple[str, str], Callable[[FakeSlack], Body]] = {
    ("event", "app_mention"): _mentioned,
    ("event", "message"): _direct,
    ("event", "*"): _unheard,
    ("command", "/ask"): lambda slack: slack.command(f"how many days in {SECRET}?"),
    ("action", POLICY): lambda slack: slack.click(POLICY),
    ("view", POLICY): _form,
}
SILENT = {("event", "*")}
"""Those that owe nobody a word."""

READS = {name for name in METHODS if name.startswith(("conv", "users", "usergr", "react", "assis"))}


def _all(faults: dict[str, int]) -> None:
    faults.update(dict.fromkeys(METHODS, 1))


FAULTS: Mapping[str, Callable[[FakeSlack], None]] = {
    "the model is down": lambda _: None,
    "the agent breaks": lambda _: None,
    "Slack limits the rate": lambda slack: _all(slack.rate_limits),
    "Slack answers 500": lambda slack: _all(slack.broken),
    "Slack's responses are lost": lambda slack: _all(slack.lost),
    "scopes are missing": lambda slack: slack.refusals.update(
        {name: ["missing_scope"] * 99 for name in READS - {"conversations.open"}}
    ),
    "the channel is archived": lambda slack: slack.refusals.update(
        {"chat.postMessage": ["is_archived"], "chat.postEphemeral": ["is_archived"]}
    ),
    "the bot was removed": lambda slack: slack.refusals.update(
        {"chat.postMessage": ["not_in_channel"], "chat.postEphemeral": ["not_in_channel"]}
    ),
    "the message was deleted": lambda slack: slack.refusals.update(
        {
            "reactions.add": ["message_not_found"],
            "assistant.threads.setStatus": ["thread_not_found"],
            "conversations.replies": ["thread_not_found"],
        }
    ),
}


def test_every_listener_is_walked() -> None:
    missing = listened() - SAMPLES.keys()
    assert not missing, f"SAMPLES needs what Slack sends to {sorted(missing)}"


def said(slack: FakeSlack) -> list[str]:
    """All that anybody was told."""
    posted = [m for channel in list(slack.messages) for m in slack.answers(channel)]
    shown = [*posted, *slack.responses, *slack.ephemerals, *slack.views]
    return [str(one.get("text") or one) for one in shown]


async def deliver(slack: FakeSlack, bot: Bot, body: Body) -> tuple[bool, str]:
    """As Slack does: events again until they are taken, anything else once."""
    for _ in range(3):
        status, reply = await slack.send_http(bot.url, body)
        if status == 200 or body["type" if "type" in body else "command"] != "event_callback":
            return status == 200, reply
    return False, reply


async def settled(database: Database) -> None:
    """Every row of both tables is closed; lost time between attempts is skipped."""
    async with asyncio.timeout(30):
        while True:
            async with database.engine.begin() as connection:
                left = 0
                for table in (mention, errand):
                    waiting = (table.c.lease.is_(None), table.c.lease_until > func.now())
                    soon = update(table).where(*waiting).values(lease_until=func.now())
                    await connection.execute(soon)
                    left += await connection.scalar(select(func.count()).where(is_open(table))) or 0
            if not left:
                return
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("fault", FAULTS)
async def test_nobody_is_left_without_a_word(
    slack: FakeSlack, database: Database, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    async def fail(question: Question) -> Answer:
        if "model" in fault:
            raise ModelUnavailable("the model does not answer")
        raise RuntimeError(f"hunter2 {question.text}")

    slack.people["U1"] = {"is_admin": True}
    agent = ScriptedAgent(fail) if fault.startswith(("the model", "the agent")) else ScriptedAgent()
    async with running_bot(slack, database, agent) as bot:
        for key, sample in SAMPLES.items():
            FAULTS[fault](slack)
            before = len(said(slack))
            taken, reply = await deliver(slack, bot, sample(slack))
            await settled(database)
            assert taken or key[0] != "event", key
            told = len(said(slack)) > before or "response_action" in reply
            assert told or key in SILENT, f"{key} is left in silence"
    for words in said(slack):
        assert "hunter2" not in words
        assert "Error" not in words
    assert SECRET not in caplog.text


@asynccontextmanager
async def without_database(database: Database) -> AsyncIterator[None]:
    """Nobody can connect to it for as long as the block lasts."""
    url = make_url(database.engine.url).set(drivername="postgresql")
    name = str(url.database)
    server = url.set(database="postgres").render_as_string(hide_password=False)
    async with await psycopg.AsyncConnection.connect(server, autocommit=True) as admin:
        await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false".encode())
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )
        try:
            yield
        finally:
            await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true".encode())


async def test_without_the_database_nothing_is_taken_and_people_are_told(
    slack: FakeSlack, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    slack.people["U1"] = {"is_admin": True}
    async with running_bot(slack, database, None) as bot:
        async with without_database(database):
            for key, sample in SAMPLES.items():
                before = len(said(slack))
                status, reply = await slack.send_http(bot.url, sample(slack))
                if key in SILENT:
                    continue
                if key[0] == "event":
                    assert status == 500, key
                    continue
                told = reply + " ".join(said(slack)[before:])
                assert "Please try again" in told, f"{key} is left in silence"
        await settled(database)
        async with database.engine.connect() as connection:
            assert await connection.scalar(text("SELECT count(*) FROM mention")) == 0
    assert SECRET not in caplog.text
