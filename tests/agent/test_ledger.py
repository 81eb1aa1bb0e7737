"""The ledger: nothing accepted is lost, nothing is answered by two workers."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from agent import leasing, turns
from agent.leasing import LeaseLost
from agent.ledger import Ledger
from agent.mentions import AttachedFile, Claim, Mention, answer_from_json
from agent.workspace_tables import mention as table
from bot.jobs.queue import enqueue_answers, job_app
from knowledge.database import Database
from tests.fakes.scripted_agent import plain_answer

AT_ONCE = timedelta(0)


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database, enqueue_answers(job_app(database)))


@pytest.fixture
def forgetful(database: Database) -> Ledger:
    """A ledger whose leases are over as soon as they are given."""
    return Ledger(database, enqueue_answers(job_app(database)), lease=AT_ONCE)


def a_mention(ts: str = "100.1", **fields: Any) -> Mention:
    given = Mention(
        event_id=f"Ev{ts}",
        kind="mention",
        team="T1",
        channel="C1",
        ts=ts,
        thread_ts="100.1",
        person="U1",
        text="how many days?",
    )
    return replace(given, id=uuid4(), **fields)


async def jobs(database: Database) -> list[Any]:
    query = "SELECT queueing_lock, priority, args FROM procrastinate_jobs ORDER BY id"
    async with database.engine.connect() as connection:
        return list((await connection.execute(text(query))).all())


async def row(database: Database, mention: Mention) -> Any:
    async with database.engine.connect() as connection:
        return (await connection.execute(select(table).where(table.c.id == mention.id))).one()


async def empty(database: Database) -> None:
    """Lose every job."""
    async with database.engine.begin() as connection:
        await connection.execute(text("DELETE FROM procrastinate_jobs"))


async def claimed(ledger: Ledger, mention: Mention) -> Claim:
    claim = await ledger.claim(mention.lane)
    assert claim is not None
    return claim


async def test_an_event_delivered_five_times_is_one_row_and_one_job(
    ledger: Ledger, database: Database
) -> None:
    accepted = [await ledger.accept(a_mention()) for _ in range(5)]
    assert accepted == [True, False, False, False, False]
    assert len(await jobs(database)) == 1


async def test_the_two_events_of_one_message_are_one_row(
    ledger: Ledger, database: Database
) -> None:
    assert await ledger.accept(a_mention(event_id="Ev-as-message"))
    assert not await ledger.accept(a_mention(event_id="Ev-as-mention"))
    assert len(await jobs(database)) == 1


async def test_without_its_job_there_is_no_row(database: Database) -> None:
    async def broken(_c: AsyncConnection, _m: UUID, _lane: str, _priority: int) -> None:
        raise RuntimeError

    mention = a_mention()
    with pytest.raises(RuntimeError):
        await Ledger(database, broken).accept(mention)
    async with database.engine.connect() as connection:
        assert (await connection.execute(select(table))).all() == []


async def test_a_follow_up_counts_only_where_we_were_called(ledger: Ledger) -> None:
    follow_up = a_mention("100.2", kind="followup")
    assert not await ledger.accept(follow_up)
    await ledger.accept(a_mention())
    assert await ledger.accept(follow_up)
    assert not await ledger.accept(a_mention("100.3", kind="followup", thread_ts="99.9"))


async def test_what_postgres_cannot_store_is_left_out(ledger: Ledger) -> None:
    mention = a_mention(text="nul \0 and half a pair \ud83d end")
    assert await ledger.accept(mention)
    claim = await claimed(ledger, mention)
    assert claim.mention.text == "nul  and half a pair  end"
    await ledger.decide(claim, plain_answer("nul \0 and half a pair \ud83d end"))


async def test_a_lane_is_worked_off_oldest_first_by_one_worker(ledger: Ledger) -> None:
    first, second = a_mention("100.1"), a_mention("100.2")
    for mention in (first, second):
        await ledger.accept(mention)
    claim = await claimed(ledger, first)
    assert claim.mention.id == first.id
    assert claim.first
    assert await ledger.claim(first.lane) is None
    await ledger.decide(claim, plain_answer("28"))
    await ledger.finish(claim, "100.3")
    following = await claimed(ledger, first)
    assert following.mention.id == second.id
    assert not following.first


async def test_closing_a_row_wakes_the_next_in_its_lane(ledger: Ledger, database: Database) -> None:
    first, second = a_mention("100.1"), a_mention("100.2")
    for mention in (first, second):
        await ledger.accept(mention)
    claim = await claimed(ledger, first)
    await empty(database)
    await ledger.decide(claim, plain_answer("28"))
    await ledger.finish(claim, "100.3")
    assert [job.queueing_lock for job in await jobs(database)] == [str(second.id)]


async def test_whoever_lost_the_lease_can_change_nothing(
    forgetful: Ledger, database: Database
) -> None:
    mention = a_mention()
    await forgetful.accept(mention)
    frozen = await claimed(forgetful, mention)
    taken_over = await claimed(forgetful, mention)
    assert taken_over.attempts == 2
    for move in (
        forgetful.renew(frozen),
        forgetful.decide(frozen, plain_answer("too late")),
        forgetful.finish(frozen, "100.3"),
        forgetful.postpone(frozen, AT_ONCE),
    ):
        with pytest.raises(LeaseLost):
            await move
    await forgetful.decide(taken_over, plain_answer("in time"))
    assert (await row(database, mention)).answer["answer"] == "in time"


async def test_a_decided_answer_survives_its_worker(forgetful: Ledger) -> None:
    mention = a_mention()
    await forgetful.accept(mention)
    answer = plain_answer("28 days [1]")
    await forgetful.decide(await claimed(forgetful, mention), answer)
    resumed = await claimed(forgetful, mention)
    assert resumed.resumed
    assert resumed.answer == answer


async def test_the_sweep_wakes_up_for_expired_leases_and_not_for_held_ones(
    ledger: Ledger, forgetful: Ledger, database: Database
) -> None:
    held, dropped = a_mention("100.1"), a_mention("200.1", thread_ts="200.1")
    for mention in (held, dropped):
        await ledger.accept(mention)
    await claimed(ledger, held)
    await claimed(forgetful, dropped)
    await empty(database)
    assert await ledger.wake_overdue() == 1
    assert await ledger.wake_overdue() == 1
    assert [job.args for job in await jobs(database)] == [{"lane": dropped.lane}]


async def test_a_postponed_row_waits(ledger: Ledger) -> None:
    mention = a_mention()
    await ledger.accept(mention)
    claim = await claimed(ledger, mention)
    await ledger.postpone(claim, timedelta(hours=1), "the model is away")
    assert await ledger.claim(mention.lane) is None


async def test_whoever_asks_much_at_once_waits_behind_others(
    ledger: Ledger, database: Database
) -> None:
    # As many as fill the channel: what waits for its author is in nobody else's way there.
    many = range(turns.OF_A_CHANNEL + 2)
    asked = [a_mention(f"{n}.1", thread_ts=f"{n}.1") for n in many]
    other = a_mention("99.1", thread_ts="99.1", person="U2")
    for mention in (*asked, other):
        await ledger.accept(mention)
    queued = [(job.queueing_lock, job.priority) for job in await jobs(database)]
    assert queued == [(str(one.id), 0) for one in (*asked[:2], other)]


async def test_of_one_person_two_are_worked_on_and_each_end_wakes_the_next(
    ledger: Ledger, database: Database
) -> None:
    asked = [a_mention(f"{n}.1", thread_ts=f"{n}.1", channel=f"C{n}") for n in range(4)]
    for mention in asked:
        await ledger.accept(mention)
    first, _ = await claimed(ledger, asked[0]), await claimed(ledger, asked[1])
    assert await ledger.claim(asked[2].lane) is None
    await empty(database)
    await ledger.finish(first, "100.3")
    assert [job.args for job in await jobs(database)] == [{"lane": asked[2].lane}]
    await claimed(ledger, asked[2])


async def test_a_channel_has_its_share_whoever_asks(ledger: Ledger, database: Database) -> None:
    asked = [
        a_mention(f"{n}.1", thread_ts=f"{n}.1", person=f"U{n}")
        for n in range(turns.OF_A_CHANNEL + 2)
    ]
    for mention in asked:
        await ledger.accept(mention)
    first, *_ = [await claimed(ledger, one) for one in asked[: turns.OF_A_CHANNEL]]
    assert await ledger.claim(asked[-1].lane) is None
    await empty(database)
    await ledger.postpone(first, timedelta(hours=1))
    assert [job.args for job in await jobs(database)] == [{"lane": asked[-2].lane}]


async def test_who_died_with_two_questions_holds_nobody_up(
    forgetful: Ledger, ledger: Ledger
) -> None:
    asked = [a_mention(f"{n}.1", thread_ts=f"{n}.1") for n in range(3)]
    for mention in asked:
        await ledger.accept(mention)
    for mention in asked[:2]:
        await claimed(forgetful, mention)
    await claimed(ledger, asked[2])


async def test_dropped_rows_are_woken_before_those_that_only_wait(
    ledger: Ledger, forgetful: Ledger, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leasing, "_MOST_WOKEN", 1)
    waits, dropped = (a_mention(f"{n}.1", thread_ts=f"{n}.1", person=f"U{n}") for n in range(2))
    for mention in (waits, dropped):
        await ledger.accept(mention)
    await claimed(forgetful, dropped)
    await empty(database)
    async with database.engine.begin() as connection:
        await connection.execute(
            text("UPDATE mention SET created_at = created_at - interval '1 h'")
        )
    await ledger.wake_overdue()
    assert [job.args for job in await jobs(database)] == [{"lane": dropped.lane}]


async def test_a_sweep_wakes_no_more_of_a_person_than_may_be_worked_on(
    ledger: Ledger, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leasing, "_MOST_WOKEN", 3)
    flood = [a_mention(f"{n}.1", thread_ts=f"{n}.1") for n in range(5)]
    late = a_mention("9.1", thread_ts="9.1", person="U9")
    for mention in (*flood, late):
        await ledger.accept(mention)
    await empty(database)
    async with database.engine.begin() as connection:
        await connection.execute(
            text("UPDATE mention SET created_at = created_at - interval '1 h'")
        )
    assert await ledger.wake_overdue() == 3
    woken = [job.args["lane"] for job in await jobs(database)]
    assert woken == [flood[0].lane, flood[1].lane, late.lane]


async def test_of_many_workers_one_gets_the_row(ledger: Ledger) -> None:
    mention = a_mention()
    await ledger.accept(mention)
    claims = await asyncio.gather(*(ledger.claim(mention.lane) for _ in range(12)))
    assert len([claim for claim in claims if claim is not None]) == 1


async def test_nobody_waits_for_a_worker_that_was_frozen_within_its_transaction(
    ledger: Ledger, forgetful: Ledger, database: Database
) -> None:
    first, second = a_mention("100.1"), a_mention("100.2")
    for mention in (first, second):
        await ledger.accept(mention)
    await claimed(forgetful, first)
    async with database.engine.connect() as frozen:
        await frozen.execute(select(table).where(table.c.id == first.id).with_for_update())
        async with asyncio.timeout(10):
            assert await ledger.claim(first.lane) is None
        await frozen.rollback()
    assert (await claimed(ledger, first)).mention.id == first.id


async def test_a_sweep_does_not_wait_for_who_was_frozen_while_they_woke_somebody(
    ledger: Ledger, forgetful: Ledger, database: Database
) -> None:
    asked = [a_mention(f"{n}.1", thread_ts=f"{n}.1", person=f"U{n}") for n in range(2)]
    for mention in asked:
        await forgetful.accept(mention)
        await claimed(forgetful, mention)
    await empty(database)
    wake = enqueue_answers(job_app(database))
    async with database.engine.connect() as frozen:
        await wake(frozen, asked[0].id, asked[0].lane, 0)
        async with asyncio.timeout(10):
            assert await ledger.wake_overdue() == 2
        assert [job.args for job in await jobs(database)] == [{"lane": asked[1].lane}]
        await frozen.rollback()
    await ledger.wake_overdue()
    woken = {job.args["lane"] for job in await jobs(database)}
    assert woken == {mention.lane for mention in asked}


@pytest.mark.parametrize("closed", [False, True])
async def test_what_changed_while_it_was_looked_at_is_not_taken(
    *, ledger: Ledger, forgetful: Ledger, database: Database, closed: bool
) -> None:
    """Another worker's move is written between a claim's look at the row and its lock."""
    first, second = a_mention("100.1"), a_mention("100.2")
    for mention in (first, second):
        await ledger.accept(mention)
    other = await claimed(forgetful, first)
    async with database.engine.begin() as connection:
        # Each look at whether a row is due takes a while, within the claim's own snapshot.
        await connection.execute(
            text(
                "CREATE FUNCTION slowly() RETURNS boolean LANGUAGE sql VOLATILE "
                "AS 'SELECT true FROM pg_sleep(2)'"
            )
        )
    slow = leasing.claiming(table, leasing.LEASE, func.slowly())
    async with database.engine.begin() as connection:
        looking = asyncio.create_task(connection.execute(slow, {leasing.OF_LANE: first.lane}))
        await asyncio.sleep(0.5)
        await (ledger.finish(other, "100.3") if closed else ledger.renew(other))
        assert (await looking).one_or_none() is None
    assert (await row(database, first)).attempts == 1
    assert (await row(database, second)).attempts == 0


async def test_a_lane_waits_for_its_oldest(ledger: Ledger, database: Database) -> None:
    first, second = a_mention("100.1"), a_mention("100.2")
    for mention in (first, second):
        await ledger.accept(mention)
    await ledger.postpone(await claimed(ledger, first), timedelta(hours=1))
    async with database.engine.begin() as connection:
        await connection.execute(
            text("UPDATE mention SET created_at = created_at - interval '1 h'")
        )
        await connection.execute(text("DELETE FROM procrastinate_jobs"))
    assert await ledger.claim(first.lane) is None
    assert await ledger.wake_overdue() == 0


async def test_a_row_of_an_earlier_version_still_reads() -> None:
    stored = plain_answer("28 days [1]").as_json()
    del stored["reason_zh"], stored["nearest"]
    answer = answer_from_json(stored)
    assert answer.reason.to("zh") == answer.reason.en == "The handbook covers it"
    assert answer.nearest == ()


async def test_a_row_of_a_newer_version_reads_as_far_as_it_is_known(
    forgetful: Ledger, database: Database
) -> None:
    mention = a_mention(files=(AttachedFile("F1", "plan.pdf"),))
    await forgetful.accept(mention)
    answer = plain_answer("28 days [1]")
    await forgetful.decide(await claimed(forgetful, mention), answer)
    newer = text("""
        UPDATE mention SET
            answer = jsonb_set(answer, '{citations,0,mood}', '"new"') || '{"mood": "new"}',
            files = jsonb_set(files, '{0,mood}', '"new"')
    """)
    async with database.engine.begin() as connection:
        await connection.execute(newer)
    resumed = await claimed(forgetful, mention)
    assert resumed.answer == answer
    assert resumed.mention.files == mention.files


async def test_what_is_written_live_is_known_to_whoever_resumes(forgetful: Ledger) -> None:
    mention = a_mention()
    await forgetful.accept(mention)
    claim = await claimed(forgetful, mention)
    assert claim.stream_ts is None
    await forgetful.streaming(claim, "")
    resumed = await claimed(forgetful, mention)
    assert resumed.stream_ts == ""
    with pytest.raises(LeaseLost):
        await forgetful.streaming(claim, "100.5")
    await forgetful.streaming(resumed, "100.5")
    assert (await claimed(forgetful, mention)).stream_ts == "100.5"


async def test_stopping_reaches_open_questions_until_they_are_decided(ledger: Ledger) -> None:
    first, second = a_mention("100.1"), a_mention("100.2")
    for mention in (first, second):
        await ledger.accept(mention)
    claim = await claimed(ledger, first)
    assert not await ledger.is_stopped(claim)
    await ledger.decide(claim, plain_answer("28"))
    assert await ledger.stop(first.lane)
    assert not await ledger.is_stopped(claim)
    await ledger.finish(claim, "100.3")
    assert (await claimed(ledger, first)).stopped
