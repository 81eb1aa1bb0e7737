"""The job over a real ledger and a Slack that fails: one answer, whatever broke in between."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from agent.answers import Answer
from agent.leasing import LeaseLost
from agent.ledger import Ledger
from agent.mentions import Claim, Mention
from agent.workspace_tables import mention as table
from bot.jobs.answer import AnswerJob
from bot.jobs.delivery import Delivery
from bot.slack.blocks import answer_messages
from bot.slack.errors import Undelivered
from bot.slack.frame import Frame
from bot.slack.service import SlackService
from knowledge.database import Database
from tests.fakes.scripted_agent import ScriptedAgent, plain_answer
from tests.fakes.slack_server import FakeSlack

LONG = plain_answer("\n\n".join(f"Paragraph {n}: " + "word " * 200 for n in range(40)))


async def claimed(ledger: Ledger, mention: Mention) -> Claim:
    claim = await ledger.claim(mention.lane)
    assert claim is not None
    return claim


async def expire(database: Database) -> None:
    """As time does to the lease of a worker that was killed, and to a delay."""
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE mention SET lease_until = now() - interval '1 s'"))


async def row(database: Database, mention: Mention) -> Any:
    async with database.engine.connect() as connection:
        return (await connection.execute(select(table).where(table.c.id == mention.id))).one()


async def test_the_row_tells_what_was_answered(
    service: SlackService, slack: FakeSlack, database: Database, mention: Mention
) -> None:
    await service.answer_job(ScriptedAgent()).run(mention.lane)
    (posted,) = slack.answers("C1")
    closed = await row(database, mention)
    assert (closed.state, closed.answer_ts, closed.error) == ("done", posted["ts"], None)
    assert closed.answer["route"] == "knowledge"
    assert closed.queue_wait_ms >= 0


@pytest.mark.parametrize("answer", [plain_answer("28 days"), LONG])
@pytest.mark.parametrize("arrived", [0, 1])
async def test_a_worker_killed_while_posting_leaves_one_answer(
    *,
    service: SlackService,
    slack: FakeSlack,
    database: Database,
    mention: Mention,
    answer: Answer,
    arrived: int,
) -> None:
    await service.ledger.decide(await claimed(service.ledger, mention), answer)
    messages = answer_messages(answer)
    poster = service.workspace.poster
    for part, message in enumerate(messages[:arrived], 1):
        await poster.post("C1", mention.thread_ts, message, mention.id, part)
    await expire(database)
    agent = ScriptedAgent()
    await service.answer_job(agent).run(mention.lane)
    parts = [m["metadata"]["event_payload"]["part"] for m in slack.answers("C1")]
    assert parts == list(range(1, len(messages) + 1))
    assert agent.asked == []
    assert (await row(database, mention)).answer_ts == slack.answers("C1")[0]["ts"]


async def test_a_worker_whose_lease_ran_out_sends_nothing(
    service: SlackService, slack: FakeSlack, database: Database, mention: Mention
) -> None:
    frozen = await claimed(service.ledger, mention)
    await service.ledger.decide(frozen, plain_answer("28 days"))
    await expire(database)
    await claimed(service.ledger, mention)
    with pytest.raises(LeaseLost):
        await Delivery(service.ledger, service.workspace).deliver(
            frozen, plain_answer("28 days"), Frame()
        )
    assert slack.answers("C1") == []


async def test_work_ends_with_the_lease(
    service: SlackService, slack: FakeSlack, database: Database, mention: Mention
) -> None:
    """The agent takes longer than the lease, which meanwhile goes to another worker."""

    async def lose_the_lease(_: object) -> Answer:
        await expire(database)
        await claimed(service.ledger, mention)
        return plain_answer("too late")

    await service.answer_job(ScriptedAgent(lose_the_lease)).run(mention.lane)
    assert slack.answers("C1") == []
    assert (await row(database, mention)).state == "answering"


async def test_a_long_answer_keeps_its_lease(
    slack: FakeSlack, database: Database, service: SlackService, mention: Mention
) -> None:
    short = Ledger(database, service.ledger._enqueue, lease=timedelta(seconds=1))
    before = []

    async def outlast(_: object) -> Answer:
        held = await row(database, mention)
        while (await row(database, mention)).lease_until < held.lease_until + short.lease * 2:
            before.append(await short.claim(mention.lane))
        return plain_answer("28 days")

    desk = replace(service.desk, ledger=short)
    await AnswerJob(desk, ScriptedAgent(outlast), service.admission).run(mention.lane)
    assert set(before) == {None}
    assert len(slack.answers("C1")) == 1


async def test_nothing_is_sent_again_before_the_thread_could_be_read(
    service: SlackService, slack: FakeSlack, database: Database, mention: Mention
) -> None:
    slack.lost["chat.postMessage"] = 1
    slack.broken["conversations.replies"] = 1
    job = service.answer_job(ScriptedAgent())
    await job.run(mention.lane)
    assert (await row(database, mention)).state == "posting"
    await expire(database)
    await job.run(mention.lane)
    assert len(slack.answers("C1")) == 1
    assert (await row(database, mention)).state == "done"


@pytest.mark.parametrize("fault", ["lost", "unheard"])
async def test_an_answer_by_direct_message_is_sent_once(
    *, service: SlackService, slack: FakeSlack, database: Database, mention: Mention, fault: str
) -> None:
    slack.refusals["chat.postMessage"] = ["is_archived"]
    getattr(slack, fault)["chat.postMessage"] = 1
    sender = asyncio.create_task(service.answer_job(ScriptedAgent()).run(mention.lane))
    if fault == "unheard":  # and its worker is killed
        await slack.until(lambda: slack.hanging)
        await expire(database)
        slack.refusals["chat.postMessage"] = ["is_archived"]
        await service.answer_job(ScriptedAgent()).run(mention.lane)
        sender.cancel()
        slack.thaw.set()
    await asyncio.wait({sender})
    (posted,) = slack.answers("DU7") + slack.answers("U7")  # Slack takes either
    closed = await row(database, mention)
    assert (closed.state, closed.answer_ts) == ("done", posted["ts"])


async def test_an_answer_that_can_never_be_shown_is_explained_and_its_lane_goes_on(
    service: SlackService, slack: FakeSlack, database: Database, mention: Mention
) -> None:
    await service.ledger.decide(await claimed(service.ledger, mention), plain_answer("28 days"))
    broken = "UPDATE mention SET answer = answer || '{\"answer\": 28}', attempts = 9"
    async with database.engine.begin() as connection:
        await connection.execute(text(broken))
    job = service.answer_job(ScriptedAgent())
    await expire(database)
    with pytest.raises(TypeError):
        await job.run(mention.lane)
    assert slack.answers("C1") == []
    await expire(database)
    await job.run(mention.lane)
    (posted,) = slack.answers("C1")
    assert str(mention.id) in posted["text"]
    closed = await row(database, mention)
    assert (closed.state, closed.error.split(":")[0]) == ("failed", "TypeError")


@pytest.fixture
async def command(slack: FakeSlack, service: SlackService) -> Mention:
    """A question that was asked by a slash command."""
    url = str(slack.command("how many days?")["response_url"])
    asked = Mention("Ev2", "command", "T1", "C1", None, None, "U7", "how many days?", url)
    assert await service.ledger.accept(asked)
    return asked


@pytest.mark.parametrize("move", ["state = 'done'", "stream_ts IS NOT NULL"])
async def test_a_command_is_answered_once_though_the_database_fails_right_after(
    service: SlackService, slack: FakeSlack, database: Database, command: Mention, move: str
) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(
            text(f"ALTER TABLE mention ADD CONSTRAINT away CHECK (NOT ({move}))")
        )
    job = asyncio.create_task(service.answer_job(ScriptedAgent()).run(command.lane))
    await slack.until(lambda: slack.responses)
    await asyncio.sleep(0.5)
    async with database.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE mention DROP CONSTRAINT away"))
    await job
    assert len(slack.responses) == 1
    assert (await row(database, command)).state == "done"


@pytest.mark.parametrize("refused", [False, True])
async def test_a_command_whose_answer_was_interrupted_gets_the_rest_of_it(
    *,
    service: SlackService,
    slack: FakeSlack,
    database: Database,
    command: Mention,
    refused: bool,
) -> None:
    async def write(_: object) -> Answer:
        return LONG

    job = service.answer_job(ScriptedAgent(write))
    interrupted = asyncio.create_task(job.run(command.lane))
    await slack.until(lambda: slack.responses)
    slack.rate_limits["response_url"], slack.retry_after = 1, 100
    await interrupted
    assert (await row(database, command)).state == "posting"
    await expire(database)
    if refused:
        slack.refusals["response_url"] = ["expired_url"]
    await job.run(command.lane)
    said = " ".join(str(one["blocks"]) for one in (*slack.responses, *slack.answers("DU7")))
    assert [said.count(f"Paragraph {n}:") for n in range(40)] == [1] * 40
    assert bool(slack.answers("DU7")) is refused
    assert (await row(database, command)).state == "done"


async def test_a_command_is_not_answered_under_a_lease_that_is_over(
    service: SlackService, slack: FakeSlack, database: Database, command: Mention
) -> None:
    over = Ledger(database, service.ledger._enqueue, lease=timedelta(0))
    claim = await claimed(over, command)
    with pytest.raises(Undelivered):
        await Delivery(over, service.workspace).deliver(claim, plain_answer("28"), Frame())
    assert slack.responses == []


async def test_a_revoked_token_delays_the_answer(
    service: SlackService, slack: FakeSlack, database: Database, mention: Mention
) -> None:
    slack.refusals["chat.postMessage"] = ["token_revoked"]
    job = service.answer_job(ScriptedAgent())
    await job.run(mention.lane)
    assert (await row(database, mention)).state == "posting"
    await expire(database)
    await job.run(mention.lane)
    assert len(slack.answers("C1")) == 1


async def test_what_can_never_be_posted_ends_as_failed_with_the_reason(
    service: SlackService, slack: FakeSlack, database: Database, mention: Mention
) -> None:
    slack.refusals["chat.postMessage"] = ["is_archived", "user_disabled"]
    await service.answer_job(ScriptedAgent()).run(mention.lane)
    closed = await row(database, mention)
    assert (closed.state, closed.error) == ("failed", "not posted: user_disabled")


async def test_after_a_day_without_slack_it_ends(
    service: SlackService, slack: FakeSlack, database: Database, mention: Mention
) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE mention SET created_at = now() - interval '25 h'"))
    slack.refusals["chat.postMessage"] = ["invalid_auth"]
    await service.answer_job(ScriptedAgent()).run(mention.lane)
    assert (await row(database, mention)).state == "failed"


async def test_a_question_that_takes_its_workers_down_is_explained(
    service: SlackService, slack: FakeSlack, database: Database, mention: Mention
) -> None:
    for _ in range(3):
        await claimed(service.ledger, mention)
        await expire(database)
    agent = ScriptedAgent()
    await service.answer_job(agent).run(mention.lane)
    (posted,) = slack.answers("C1")
    assert str(mention.id) in posted["text"]
    assert (await row(database, mention)).state == "failed"
    assert agent.asked == []
