"""What a conversation remembers: enough for a follow-up, nothing more, and only for its readers."""

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from sqlalchemy import text

from agent.agent import Agent
from agent.answers import Question
from agent.conversation import open_memory
from agent.state import Exchange
from knowledge.database import Database
from knowledge.documents import Reader
from knowledge.embedding.minilm import MiniLM
from knowledge.retrieval.search import Search
from knowledge.storage.library import Library
from tests.agent.team import deps, team

FIRST, FOLLOWUP = "How many days of annual leave do employees get?", "And for contractors?"


@pytest.fixture
async def search(database: Database, encoder: MiniLM) -> Search:
    return await team(database, encoder)


async def stored(database: Database) -> bytes:
    """Everything that the checkpoint tables hold, in one piece."""
    async with database.engine.connect() as connection:
        rows = await connection.execute(
            text(
                "SELECT convert_to(checkpoint::text || metadata::text, 'UTF8') FROM checkpoints "
                "UNION ALL SELECT blob FROM checkpoint_blobs WHERE blob IS NOT NULL "
                "UNION ALL SELECT blob FROM checkpoint_writes"
            )
        )
        return b"".join(bytes(row[0]) for row in rows)


async def recall(memory: AsyncPostgresSaver) -> list[Exchange]:
    """What thread ``t`` holds."""
    checkpoint = await memory.aget(RunnableConfig(configurable={"thread_id": "t"}))
    assert checkpoint is not None
    exchanges: list[Exchange] = checkpoint["channel_values"]["exchanges"]
    return exchanges


async def test_a_followup_is_understood_by_another_process(
    database: Database, search: Search, encoder: MiniLM
) -> None:
    async with open_memory(database) as memory:
        await Agent(deps(search, encoder), memory).ask(Question(FIRST, thread="C1/1"))
    async with open_memory(database) as memory:
        agent = Agent(deps(search, encoder), memory)
        answer = await agent.ask(Question(FOLLOWUP, thread="C1/1"))
        elsewhere = await agent.ask(Question(FOLLOWUP, thread="C1/2"))
    assert answer.question == f"{FIRST} {FOLLOWUP}"
    assert "Contractors get no paid annual leave" in answer.text
    assert elsewhere.route == "clarify"


async def test_what_was_said_to_one_person_is_not_recalled_for_a_channel(
    database: Database, search: Search, encoder: MiniLM
) -> None:
    async with open_memory(database) as memory:
        agent = Agent(deps(search, encoder), memory)
        await agent.ask(Question(FIRST, Reader.of_person("U1"), thread="t"))
        channel = await agent.ask(Question(FOLLOWUP, Reader.of_channel("C1"), thread="t"))
        person = await agent.ask(Question(FOLLOWUP, Reader.of_person("U1", ["C1"]), thread="t"))
    assert channel.route == "clarify"
    assert person.question.startswith(FIRST)


async def test_only_questions_and_answers_of_the_last_turns_are_stored(
    database: Database, search: Search, encoder: MiniLM
) -> None:
    async with open_memory(database) as memory:
        agent = Agent(deps(search, encoder), memory)
        for number in range(8):
            await agent.ask(Question(f"How many days of annual leave, {number}?", thread="t"))
        state = await recall(memory)
    assert [exchange.question[-2] for exchange in state] == list("234567")
    kept = await stored(database)
    assert b"Employees get 27 days" in kept
    assert b"passages" not in kept
    assert b"chunk_id" not in kept


async def test_without_a_thread_nothing_is_stored(
    database: Database, search: Search, encoder: MiniLM
) -> None:
    async with open_memory(database) as memory:
        await Agent(deps(search, encoder), memory).ask(Question(FIRST))
    assert await stored(database) == b""


async def test_text_that_no_database_takes_is_remembered_without_it(
    database: Database, search: Search, encoder: MiniLM
) -> None:
    async with open_memory(database) as memory:
        agent = Agent(deps(search, encoder), memory)
        await agent.ask(Question(f"\ud800{FIRST}\x00", thread="t"))
        (exchange,) = await recall(memory)
    assert exchange.question == FIRST


async def test_a_class_that_is_not_on_the_list_is_not_rebuilt(database: Database) -> None:
    everything = JsonPlusSerializer(allowed_msgpack_modules=True)
    foreign = everything.dumps_typed(Reader(("everyone",)))
    assert isinstance(everything.loads_typed(foreign), Reader)
    async with open_memory(database) as memory:
        assert not isinstance(memory.serde.loads_typed(foreign), Reader)
        exchange = Exchange("q", "a", ("everyone",))
        rebuilt = memory.serde.loads_typed(memory.serde.dumps_typed(exchange))
    assert isinstance(rebuilt, Exchange)


async def test_what_cites_a_removed_document_is_not_recalled(
    database: Database, search: Search, encoder: MiniLM
) -> None:
    async with open_memory(database) as memory:
        agent = Agent(deps(search, encoder), memory)
        answer = await agent.ask(Question(FIRST, thread="C1/1"))
        (cited,) = {one.document_id for one in answer.citations}
        await Library(database, encoder).remove([cited])
        followup = await agent.ask(Question(FOLLOWUP, thread="C1/1"))
    assert followup.route == "clarify"
