import asyncio
from dataclasses import replace
from uuid import uuid4

from agent.feedback.handover_tasks import (
    Task,
    note_reply,
    note_task,
    note_unasked,
    reply,
    task_at,
    tasks,
    was_asked,
)
from agent.feedback.handovers import handover, open_handovers, pass_on, settle
from knowledge.database import Database
from tests.agent.feedback.given import TEAM, asked, handed_over


async def test_an_answer_is_handed_over_once(database: Database) -> None:
    mention = await asked(database)
    one, other = await handed_over(database, mention), await handed_over(database, mention)
    assert one.id == other.id
    assert [found.id for found in await open_handovers(database, TEAM)] == [one.id]
    assert await open_handovers(database, "T0OTHER") == ()


async def test_of_many_who_settle_it_at_once_one_does(database: Database) -> None:
    one = await handed_over(database, await asked(database))

    async def settled(person: str) -> bool:
        async with database.engine.begin() as connection:
            return await settle(connection, one.id, person, "right", errand=uuid4())

    done = await asyncio.gather(*(settled(f"U{number}") for number in range(8)))
    found = await handover(database, one.id)
    assert done.count(True) == 1
    assert found is not None
    assert found.resolved_by == f"U{done.index(True)}"
    assert await open_handovers(database, TEAM) == ()


async def test_it_is_passed_on_once_a_step_and_at_last_to_nobody(database: Database) -> None:
    one = await handed_over(database, await asked(database))
    assert one.holder == "U2"
    async with database.engine.begin() as connection:
        assert await pass_on(connection, one.id, 0)
        assert not await pass_on(connection, one.id, 0)
        assert await pass_on(connection, one.id, 1)
    found = await handover(database, one.id)
    assert found is not None
    assert found.holder == ""


async def test_a_reply_below_a_task_is_found_by_its_message(database: Database) -> None:
    one = await handed_over(database, await asked(database))
    task = Task(one.id, "U2", "D2", "1.5", 0)
    await note_task(database, task)
    assert await tasks(database, one.id) == (task,)
    assert await task_at(database, "D2", "1.5") == task
    assert await task_at(database, "D3", "1.5") is None
    first = await note_reply(database, task, "U2", "1.6", "They get noen.")
    again = await note_reply(database, task, "U2", "1.6", "They get none.")
    assert first.id == again.id
    assert await reply(database, first.id) == again


async def test_whoever_is_being_asked_was_asked_and_below_no_message_yet(
    database: Database,
) -> None:
    one = await handed_over(database, await asked(database))
    for person in ("U2", "U3"):
        await note_task(database, Task(one.id, person, f"D{person}", "", 0))
    assert await was_asked(database, one.id, "U2")
    assert await task_at(database, "DU2", "1.4") == Task(one.id, "U2", "DU2", "", 0)
    assert await tasks(database, one.id) == ()
    sent = Task(one.id, "U2", "DU2", "1.5", 0)
    await note_task(database, sent)
    await note_task(database, replace(sent, ts=""))
    assert await tasks(database, one.id) == (sent,)
    assert await task_at(database, "DU2", "1.5") == sent
    assert await task_at(database, "DU2", "1.4") is None
    for person in ("U2", "U3"):
        await note_unasked(database, one.id, person)
    assert await was_asked(database, one.id, "U2")
    assert not await was_asked(database, one.id, "U3")
