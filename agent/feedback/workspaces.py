"""What a workspace has said of itself."""

from sqlalchemy import select

from agent.workspace_tables import workspace
from knowledge.database import Database


async def digest_channel(database: Database, team: str) -> str:
    """Where its weekly message goes; empty: nowhere."""
    query = select(workspace.c.digest_channel).where(workspace.c.team == team)
    async with database.engine.connect() as connection:
        return str(await connection.scalar(query) or "")
