"""What the domain model is made of and which version answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, case, func, select

from agent.learned.registry import Registry
from agent.learned.stale_pairs import is_stale
from agent.tables import pair
from knowledge.database import Database


@dataclass(frozen=True, slots=True)
class Status:
    """Pairs by state, the number of topics among the approved, and every version, newest first.

    An approved pair whose document has changed or gone counts as stale. ``stale_topics`` are those
    that have no pair left which holds: a live model keeps silent about them.
    """

    pairs: Mapping[str, int]
    topics: int
    stale_topics: tuple[str, ...]
    live: int | None
    versions: tuple[Mapping[str, Any], ...]


async def tuning_status(database: Database) -> Status:
    """The domain model's life at a glance."""
    registry = Registry(database)
    state = case((and_(pair.c.state == "approved", is_stale()), "stale"), else_=pair.c.state)
    counted = select(state, func.count()).group_by(state).order_by(state)
    topics = select(func.count(pair.c.topic.distinct())).where(pair.c.state == "approved")
    stale = (
        select(pair.c.topic)
        .where(pair.c.state == "approved")
        .group_by(pair.c.topic)
        .having(func.bool_and(is_stale()))
        .order_by(pair.c.topic)
    )
    async with database.engine.connect() as connection:
        pairs = {row[0]: row[1] for row in await connection.execute(counted)}
        distinct = await connection.scalar(topics)
        stale_topics = tuple(await connection.scalars(stale))
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
    return Status(pairs, distinct or 0, stale_topics, live, versions)
