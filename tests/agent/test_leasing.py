"""Rows under a lease: one holder at a time, and whoever lost theirs is found by the sweep."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from agent import leasing
from agent.ledger import Ledger
from agent.mentions import Claim
from agent.workspace_tables import mention as table
from bot.jobs.queue import enqueue_answers, job_app
from knowledge.database import Database
from tests.agent.ledgers import a_mention, claimed, empty, jobs, row


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
        # Each look at whether a row is due waits, within the claim's own snapshot.
        await connection.execute(
            text(
                "CREATE FUNCTION held_up() RETURNS boolean LANGUAGE sql VOLATILE "
                "AS 'SELECT true FROM pg_advisory_xact_lock_shared(7)'"
            )
        )
    slow = leasing.claiming(table, leasing.LEASE, func.held_up())
    waits = text("SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    async with database.engine.connect() as holder, database.engine.begin() as connection:
        await holder.execute(text("SELECT pg_advisory_xact_lock(7)"))
        looking = asyncio.create_task(connection.execute(slow, {leasing.OF_LANE: first.lane}))
        while (await holder.execute(waits)).one_or_none() is None:
            await asyncio.sleep(0.02)
        await (ledger.finish(other, "100.3") if closed else ledger.renew(other))
        await holder.rollback()
        assert (await looking).one_or_none() is None
    assert (await row(database, first)).attempts == 1
    assert (await row(database, second)).attempts == 0


async def test_what_follows_while_a_row_is_closed_does_not_wait_for_the_sweep(
    ledger: Ledger, database: Database
) -> None:
    """Its own wake-up may be used up before the row ahead of it is seen to be closed."""
    first, second = a_mention("100.1"), a_mention("100.2")
    elsewhere = a_mention("200.1", thread_ts="200.1")
    for mention in (first, elsewhere):
        await ledger.accept(mention)
    taken: list[Claim | None] = []

    async def meanwhile(*_: object, **__: object) -> None:
        await ledger.accept(second)
        taken.append(await ledger.claim(second.lane))

    await Ledger(database, meanwhile).finish(await claimed(ledger, first), "100.3")
    assert [one and one.mention.id for one in taken] == [second.id]


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
