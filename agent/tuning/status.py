"""What the domain model is made of and which version answers."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import and_, case, desc, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.learned.registry import Registry
from agent.learned.shutdowns import warnings
from agent.learned.stale_pairs import is_current, is_stale
from agent.tables import dataset, dataset_pair, pair
from agent.tuning.pair_queue import open_counts
from agent.tuning.stored_pairs import current_state
from agent.tuning.teachable import may_be_seen_by
from knowledge.database import Database


@dataclass(frozen=True, slots=True)
class Status:
    """Pairs by state, the number of topics among the approved, and every version, newest first.

    A pair whose document has changed or gone counts as stale. ``stale_topics`` are those that have
    no approved pair left which holds: a live model keeps silent about them. ``queue`` counts what
    waits for a person by kind; ``datasets``, newest first, and ``versions`` say how many of their
    pairs have lapsed since: gone stale, rejected, worded otherwise or for fewer people.
    """

    pairs: Mapping[str, int]
    topics: int
    stale_topics: tuple[str, ...]
    queue: Mapping[str, int]
    datasets: tuple[Mapping[str, Any], ...]
    live: int | None
    canary: Mapping[str, Any] | None
    """The version on trial, with its channels and its share."""
    warnings: tuple[str, ...]
    """What a provider is about to end that the versions in use live on."""
    versions: tuple[Mapping[str, Any], ...]


async def tuning_status(database: Database) -> Status:
    """The domain model's life at a glance."""
    registry = Registry(database)
    state = current_state()
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
        queue = await open_counts(connection)
        datasets = await _datasets(connection)
    lapsed = {one["version"]: one["lapsed"] for one in datasets}
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
            "dataset": one.dataset,
            "pairs": one.manifest.get("pairs"),
            "lapsed": lapsed.get(one.dataset),
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
        dict(queue),
        datasets,
        None if live is None else live.version,
        canary,
        tuple(dict.fromkeys(ending)),
        versions,
    )


async def _datasets(connection: AsyncConnection) -> tuple[Mapping[str, Any], ...]:
    """What each holds, and how many of its pairs may not be taught any more."""
    same = and_(
        pair.c.id == dataset_pair.c.pair_id,
        pair.c.question == dataset_pair.c.question,
        pair.c.answer == dataset_pair.c.answer,
    )
    holds = func.coalesce(and_(is_current(), may_be_seen_by(dataset.c.audience)), False)
    query = (
        select(
            dataset,
            func.count().label("pairs"),
            func.count(case((~holds, 1))).label("lapsed"),
        )
        .select_from(
            dataset.join(dataset_pair, dataset_pair.c.dataset == dataset.c.version).outerjoin(
                pair, same
            )
        )
        .group_by(dataset.c.version)
        .order_by(desc(dataset.c.version))
    )
    return tuple(
        {
            "version": row.version,
            "pairs": row.pairs,
            "lapsed": row.lapsed,
            "audience": list(row.audience),
            "cleaned": bool(row.manifest.get("steps")),
            "created_at": row.created_at.isoformat(),
        }
        for row in await connection.execute(query)
    )
