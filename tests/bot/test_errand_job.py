"""An errand over a real table and a Slack that fails: done once, or explained."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from agent.errands import Errand
from agent.workspace_tables import errand as table
from bot.jobs.errand import ErrandJob, Hands
from bot.slack import clicks
from bot.slack import feedback_blocks_told as told
from bot.slack.blocks import Message
from bot.slack.errands.privately import say
from bot.slack.errors import Undelivered
from bot.slack.service import SlackService, open_slack
from knowledge.database import Database
from knowledge.embedding.minilm import MiniLM
from knowledge.storage.library import Library
from tests.fakes.running import connection
from tests.fakes.slack_server import FakeSlack

ERRAND = Errand("tell", "click-1", "T0TEAM", "U1", {"word": "hello"}, lane="a")


@pytest.fixture
async def service(slack: FakeSlack, database: Database) -> AsyncIterator[SlackService]:
    async with open_slack(connection(slack), database) as opened:
        yield opened


async def tell(hands: Hands) -> None:
    place = await hands.direct(hands.held.errand.person)
    await hands.send("first", place, [Message(hands.payload["word"], ())])
    await hands.send("second", place, [Message("and again", ())])


def job(service: SlackService, encoder: MiniLM, handler: Any = tell) -> ErrandJob:
    desk = service.desk
    return ErrandJob(desk, Library(desk.database, encoder), {"tell": handler})


async def state(database: Database) -> Any:
    async with database.engine.connect() as connection:
        return (await connection.execute(select(table))).one()


async def expire(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE errand SET lease_until = now() - interval '1 s'"))


async def test_a_click_is_done_once_however_often_it_comes(
    service: SlackService, slack: FakeSlack, encoder: MiniLM, database: Database
) -> None:
    errands = service.desk.errands
    assert await errands.accept(ERRAND)
    assert not await errands.accept(Errand("tell", "click-1", "T0TEAM", "U1", {}, lane="b"))
    for _ in range(2):
        await job(service, encoder).run("a")
    assert [m["text"] for m in slack.answers("DU1")] == ["hello", "and again"]
    assert (await state(database)).state == "done"


@pytest.mark.parametrize("fault", ["lost", "broken"])
async def test_what_was_sent_is_not_sent_again(
    service: SlackService, slack: FakeSlack, encoder: MiniLM, fault: str
) -> None:
    await service.desk.errands.accept(ERRAND)
    getattr(slack, fault)["chat.postMessage"] = 1
    await job(service, encoder).run("a")
    assert [m["text"] for m in slack.answers("DU1")] == ["hello", "and again"]


async def test_a_worker_killed_after_sending_leaves_one_message(
    service: SlackService, slack: FakeSlack, encoder: MiniLM, database: Database
) -> None:
    await service.desk.errands.accept(ERRAND)

    async def killed(hands: Hands) -> None:
        await tell(hands)
        await expire(database)
        taken = await service.desk.errands.claim("a")
        assert taken is not None
        await expire(database)

    await job(service, encoder, killed).run("a")
    await job(service, encoder).run("a")
    assert [m["text"] for m in slack.answers("DU1")] == ["hello", "and again"]
    assert (await state(database)).state == "done"


async def test_a_line_said_directly_is_not_said_again_where_it_was_clicked(
    service: SlackService, slack: FakeSlack, encoder: MiniLM, database: Database
) -> None:
    payload = {"say": clicks.GONE, "heard": "C1"}
    await service.desk.errands.accept(replace(ERRAND, payload=payload))
    slack.broken["chat.postEphemeral"] = 1
    slack.unheard["chat.postMessage"] = 1
    killed = asyncio.create_task(job(service, encoder, say).run("a"))
    await slack.until(lambda: slack.hanging)
    await expire(database)
    await job(service, encoder, say).run("a")
    killed.cancel()
    slack.thaw.set()
    await asyncio.wait({killed})
    assert [m["text"] for m in slack.answers("DU1")] == [told.GONE.en]
    assert not slack.ephemerals
    assert "sent privately" in (await state(database)).progress


async def test_waiting_for_slack_is_no_failure(
    service: SlackService, slack: FakeSlack, encoder: MiniLM, database: Database
) -> None:
    await service.desk.errands.accept(ERRAND)
    runs = iter([*[Undelivered("not now", timedelta())] * 4, ValueError(), ValueError(), None])

    async def troubled(hands: Hands) -> None:
        if (error := next(runs)) is not None:
            raise error
        await tell(hands)

    for _ in range(7):
        await job(service, encoder, troubled).run("a")
        await expire(database)
    assert [m["text"] for m in slack.answers("DU1")] == ["hello", "and again"]
    assert (await state(database)).state == "done"


async def test_what_was_given_up_is_explained_though_slack_did_not_listen_at_once(
    service: SlackService, slack: FakeSlack, encoder: MiniLM, database: Database
) -> None:
    await service.desk.errands.accept(ERRAND)
    tried = []

    async def refused(hands: Hands) -> None:
        tried.append(hands)
        raise Undelivered("user_disabled", None)

    slack.rate_limits["conversations.open"] = 1
    for _ in range(3):
        await job(service, encoder, refused).run("a")
        await expire(database)
    assert len(tried) == 1
    assert [str(ERRAND.id) in m["text"] for m in slack.answers("DU1")] == [True]
    assert (await state(database)).state == "failed"


async def test_a_failure_is_tried_again_and_then_explained(
    service: SlackService, slack: FakeSlack, encoder: MiniLM, database: Database
) -> None:
    await service.desk.errands.accept(ERRAND)

    async def fails(_: Hands) -> None:
        raise ValueError("secret words")

    for _ in range(3):
        await job(service, encoder, fails).run("a")
        await expire(database)
    (said,) = slack.answers("DU1")
    assert str(ERRAND.id) in said["text"]
    assert "secret" not in said["text"]
    assert (await state(database)).state == "failed"
