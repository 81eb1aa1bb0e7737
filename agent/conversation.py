"""The memory of conversations: LangGraph's checkpoints in Postgres, read back strictly."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.runtime import Runtime
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

from agent.deps import Deps
from agent.state import Exchange, State
from agent.understanding import TURNS_KEPT, others, usable
from knowledge.database import Database

_LONGEST = 1_000
"""Characters of a turn that are remembered: enough to say what it was about."""

_CONNECTIONS = 4


@asynccontextmanager
async def open_memory(database: Database) -> AsyncIterator[AsyncPostgresSaver]:
    """Checkpoints in the database's own schema, whose tables the migrations made.

    Only `Exchange` and plain values are ever rebuilt from what is stored: whoever can write to
    the table must not be able to have other classes called.
    """
    pool: AsyncConnectionPool[AsyncConnection[DictRow]] = AsyncConnectionPool(
        database.conninfo,
        min_size=0,  # a workspace where nobody asks holds none
        max_size=_CONNECTIONS,
        max_idle=60.0,
        open=False,
        kwargs={"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row},
    )
    async with pool:
        serializer = JsonPlusSerializer(
            pickle_fallback=False, allowed_msgpack_modules=[Exchange], allowed_json_modules=None
        )
        yield AsyncPostgresSaver(pool, serde=serializer)


async def remember(state: State, runtime: Runtime[Deps]) -> State:
    """Keep the last exchanges, small talk aside, so that a follow-up can be understood."""
    del runtime
    question = state["question"]
    if state["answer"].route == "chat":
        return State()
    exchange = Exchange(
        question=usable(question.text)[:_LONGEST],
        answer=_storable(state["answer"].text)[:_LONGEST],
        principals=question.reader.principals,
        documents=sorted({one.document_id for one in state["answer"].citations}),
        id=str(question.id or ""),
    )
    earlier = others(state.get("exchanges", []), question)
    return State(exchanges=[*earlier, exchange][-TURNS_KEPT // 2 :])


def _storable(text: str) -> str:
    return text.encode(errors="ignore").decode().replace("\0", "")
