"""Questions in the ledger, and looks at its rows and jobs."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

from sqlalchemy import select, text

from agent.ledger import Ledger
from agent.mentions import Claim, Mention
from agent.workspace_tables import mention as table
from knowledge.database import Database


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
