"""What the domain model is made of and which version answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from agent.registry import Registry
from agent.tables import pair
from knowledge.database import Database


@dataclass(frozen=True, slots=True)
class Status:
    """Pairs by state, the number of topics among the approved, and every version, newest first."""

    pairs: Mapping[str, int]
    topics: int
    live: int | None
    versions: tuple[Mapping[str, Any], ...]


async def tuning_status(database: Database) -> Status:
    """The domain model's life at a glance."""
    registry = Registry(database)
    states = select(pair.c.state, func.count()).group_by(pair.c.state).order_by(pair.c.state)
    topics = select(func.count(pair.c.topic.distinct())).where(pair.c.state == "approved")
    async with database.engine.connect() as connection:
        pairs = {row[0]: row[1] for row in await connection.execute(states)}
        distinct = await connection.scalar(topics)
    live = await registry.live_version()
    versions = tuple(
        {
            "version": one.version,
            "backend": one.backend,
            "encoder": one.encoder,
            "pairs": one.manifest.get("pairs"),
            "held_out": one.manifest.get("held_out"),
            "created_at": one.created_at.isoformat(),
            "live": one.version == live,
        }
        for one in await registry.versions()
    )
    return Status(pairs, distinct or 0, live, versions)
