"""Questions in the ledger, put there as if they had been answered."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert

from agent.workspace_tables import mention as table
from knowledge.database import Database
from tests.fakes.scripted_agent import plain_answer

TEAM = "T0TEAM"
NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


async def asked(
    database: Database,
    question: str,
    person: str,
    *,
    abstained: bool = True,
    at: datetime = NOON,
    **fields: Any,
) -> UUID:
    """One done question; ``fields`` of the row, or of its answer as ``answer``."""
    nothing = {"route": "none", "citations": ()} if abstained else {}
    given = {"abstained": abstained, **nothing, **fields.pop("answer", {})}
    row = {
        "id": uuid4(),
        "event_id": str(uuid4()),
        "kind": "mention",
        "team": TEAM,
        "channel": "C1",
        "lane": str(uuid4()),
        "person": person,
        "text": question,
        "state": "done",
        "queue_wait_ms": 10.0,
        "answer": plain_answer("28 days [1]", **given).as_json(),
        "created_at": at,
    }
    async with database.engine.begin() as connection:
        await connection.execute(insert(table).values(row | fields))
    found: UUID = row["id"]  # type: ignore[assignment]  # of a dict of many types
    return found
