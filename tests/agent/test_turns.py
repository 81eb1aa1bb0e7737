"""Whose turn it is: who asks a thousand things waits for themselves, and nobody else does."""

from datetime import timedelta

from agent import turns
from agent.ledger import Ledger
from knowledge.database import Database
from tests.agent.ledgers import a_mention, claimed, empty, jobs


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
