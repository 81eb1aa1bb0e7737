"""What the domain model is made of and which version answers."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import and_, case, func, select

from agent.learned.registry import Registry
from agent.learned.shutdowns import warnings
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
    canary: Mapping[str, Any] | None
    """The version on trial, with its channels and its share."""
    warnings: tuple[str, ...]
    """What a provider is about to end that the versions in use live on."""
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
    standing = await registry.standing()
    live, trial = standing.live, standing.canary
    canary = None
    if trial is not None and trial.canary is not None:
        canary = {"version": trial.version, **asdict(trial.canary)}
    in_use = {one.version for one in (live, trial) if one is not None}
    listed = await registry.versions()
    today = datetime.now(UTC).date()
    ending = (
        line
        for one in listed
        if one.version in in_use
        for line in warnings(one.backend, one.manifest, today)
    )
    versions = tuple(
        {
            "version": one.version,
            "backend": one.backend,
            "encoder": one.encoder,
            "pairs": one.manifest.get("pairs"),
            "held_out": one.manifest.get("held_out"),
            "created_at": one.created_at.isoformat(),
            "live": live is not None and one.version == live.version,
            "canary": trial is not None and one.version == trial.version,
        }
        for one in listed
    )
    return Status(
        pairs,
        distinct or 0,
        stale_topics,
        None if live is None else live.version,
        canary,
        tuple(dict.fromkeys(ending)),
        versions,
    )
