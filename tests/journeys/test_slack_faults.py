"""Every listener with every fault: nothing accepted ends in silence, nobody sees an exception.

A new listener needs a sample in ``samples.py`` of what Slack sends to it.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import psycopg
import pytest
from sqlalchemy import func, select, update
from sqlalchemy.engine import make_url

from agent.answers import Answer, Question
from agent.errors import ModelUnavailable
from agent.leasing import is_open
from agent.workspace_tables import errand, mention
from bot.jobs import delivery
from bot.slack import completing, connection, pacing, sending
from knowledge.database import Database
from knowledge.embedding.minilm import MiniLM
from tests.fakes.listeners import listened
from tests.fakes.running import Bot, running_bot
from tests.fakes.scripted_agent import ScriptedAgent
from tests.fakes.slack_methods import METHODS
from tests.fakes.slack_server import FakeSlack
from tests.journeys.samples import ASKING, SAMPLES, SILENT, Body
from tests.journeys.scene import SECRET, scene
from tests.journeys.test_slack_home import STEPS

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
    walked = {(kind, name) for kind, name, _ in SAMPLES}
    assert walked == listened()
    assert walked >= SILENT


def said(slack: FakeSlack) -> Counter[str]:
    """All that anybody was told, and how often."""
    posted = [m for channel in list(slack.messages) for m in slack.answers(channel)]
    shown = [*posted, *slack.responses, *slack.ephemerals, *slack.views, *slack.homes.values()]
    return Counter(str(one.get("text") or one) for one in shown)


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
            await asyncio.sleep(0.05)


async def broken(database: Database) -> list[str]:
    """Errands that failed of anything but Slack: an apology alone is no good end."""
    failed = (errand.c.error.is_not(None), ~errand.c.error.startswith("Undelivered"))
    async with database.engine.connect() as connection:
        return list(
            await connection.scalars(select(errand.c.kind + ": " + errand.c.error).where(*failed))
        )


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """All pauses are short, those that Slack asks for as well, so that all can be walked."""
    for module in (completing, delivery, sending):
        monkeypatch.setattr(module, "_SETTLE_S", 0.05)
    monkeypatch.setattr(pacing, "_EVERY_S", 0.01)
    monkeypatch.setattr(connection, "retry_after", lambda _: 0.05)


async def accepted(database: Database) -> int:
    """How many questions and errands were ever written down."""
    async with database.engine.connect() as connection:
        tables = (mention, errand)
        counts = [await connection.scalar(select(func.count()).select_from(t)) for t in tables]
    return sum(filter(None, counts))


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("fault", FAULTS)
async def test_nobody_is_left_without_a_word(
    slack: FakeSlack,
    database: Database,
    encoder: MiniLM,
    caplog: pytest.LogCaptureFixture,
    fault: str,
) -> None:
    async def fail(question: Question) -> Answer:
        if "model" in fault:
            raise ModelUnavailable("the model does not answer")
        raise RuntimeError(f"hunter2 {question.text}")

    on = await scene(slack, database, encoder)
    agent = ScriptedAgent(fail) if fault.startswith(("the model", "the agent")) else ScriptedAgent()
    silent = []
    async with running_bot(
        slack, database, agent, encoder=encoder, steps=STEPS, sweep_every_s=0.1
    ) as bot:
        for kind, name, sample in SAMPLES:
            if agent.script is fail and name not in ASKING:
                continue
            FAULTS[fault](slack)
            slack.homes.clear()
            before, rows = said(slack), await accepted(database)
            taken, reply = await deliver(slack, bot, sample(on))
            await settled(database)
            assert taken or kind != "event", name
            # What is written down is owed more than the word that it was.
            at_once = await accepted(database) == rows and reply.startswith("{")
            if said(slack) <= before and not at_once and (kind, name) not in SILENT:
                silent.append((kind, name))
    assert not silent
    assert await broken(database) == []
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
    slack: FakeSlack, database: Database, encoder: MiniLM, caplog: pytest.LogCaptureFixture
) -> None:
    on = await scene(slack, database, encoder)
    async with running_bot(slack, database, None) as bot:
        rows = await accepted(database)
        async with without_database(database):
            for kind, name, sample in SAMPLES:
                before, forms, body = said(slack), len(slack.views), sample(on)
                status, reply = await slack.send_http(bot.url, body)
                if (kind, name) in SILENT:
                    continue
                if kind == "event" or body.get("container") == {"type": "view"}:
                    assert status == 500, name  # Slack sends it again, or marks the click
                    continue
                told = reply + " ".join(said(slack) - before)
                # These need no database.
                opened = len(slack.views) > forms or body.get("text") == "help"
                assert opened or "Please try again" in told, f"{name} is left in silence"
        assert await accepted(database) == rows
    assert SECRET not in caplog.text
