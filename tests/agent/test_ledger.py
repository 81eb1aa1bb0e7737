"""The ledger: nothing accepted is lost, nothing is answered by two workers."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from agent.leasing import LeaseLost
from agent.ledger import Ledger
from agent.mentions import AttachedFile, answer_from_json
from agent.workspace_tables import mention as table
from knowledge.database import Database
from tests.agent.ledgers import a_mention, claimed, empty, jobs, row
from tests.fakes.scripted_agent import plain_answer


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
    async def broken(*_: object, **__: object) -> None:
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
        forgetful.postpone(frozen, timedelta(0)),
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


async def test_a_postponed_row_waits(ledger: Ledger) -> None:
    mention = a_mention()
    await ledger.accept(mention)
    claim = await claimed(ledger, mention)
    await ledger.postpone(claim, timedelta(hours=1), "the model is away")
    assert await ledger.claim(mention.lane) is None


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
