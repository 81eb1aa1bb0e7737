"""What the registry's rows hold: versions as listed, and the steps that let one answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, desc, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.errors import RegistryError
from agent.learned.promotions import Action, Canary, Grounds, Serving
from agent.tables import dataset, domain_model, promotion
from knowledge.documents import EVERYONE

_MAKES_LIVE = ("promote", "rollback")


@dataclass(frozen=True, slots=True)
class Version:
    """A trained model as listed: everything but its parameters."""

    version: int
    backend: str
    encoder: str
    manifest: Mapping[str, Any]
    dataset: int | None
    created_at: datetime


VERSIONS = select(*(one for one in domain_model.c if one.name != "parameters")).order_by(
    desc(domain_model.c.version)
)
"""Every version without its parameters, newest first."""


async def version_of(connection: AsyncConnection, version: int | None) -> Version:
    """One version (None: the newest); RegistryError when there is none."""
    query = VERSIONS if version is None else VERSIONS.where(domain_model.c.version == version)
    row = (await connection.execute(query.limit(1))).one_or_none()
    if row is None:
        missing = "domain model yet" if version is None else f"domain model {version}"
        raise RegistryError(
            f"there is no {missing}: `knowhow tune train` makes one, `knowhow tune status` "
            "lists them"
        )
    return Version(*row)


async def standing_of(connection: AsyncConnection) -> tuple[Serving | None, Serving | None]:
    """The version for everyone, and the canary: the last step, if that put one out."""
    audience = func.coalesce(dataset.c.audience, [EVERYONE])
    columns = (promotion.c.version, audience, promotion.c.action)
    placed = (promotion.c.channels, promotion.c.share)

    def of(query: Select[Any]) -> Select[Any]:
        return query.join_from(promotion, domain_model).join(dataset, isouter=True)

    newest = select(*columns, *placed).order_by(desc(promotion.c.id)).limit(1)
    live = (await connection.execute(of(latest_live(*columns)))).one_or_none()
    last = (await connection.execute(of(newest))).one_or_none()
    out = last is not None and last.action == "canary"
    return (
        None if live is None else Serving(live[0], tuple(live[1])),
        None
        if last is None or not out
        else Serving(last[0], tuple(last[1]), Canary(tuple(last.channels), last.share)),
    )


async def append_step(
    connection: AsyncConnection,
    version: int,
    action: Action,
    grounds: Grounds,
    canary: Canary | None = None,
) -> None:
    """Write down that a version answers from now on, or no longer does, and why."""
    placed = canary or Canary()
    row = {
        "version": version,
        "action": action,
        "reason": grounds.reason,
        "evaluation": grounds.evaluation,
        "forced": grounds.forced,
        "author": grounds.author,
        "evidence": dict(grounds.evidence),
        "channels": list(placed.channels),
        "share": placed.share,
    }
    await connection.execute(insert(promotion).values(row))


def latest_live(*columns: Any) -> Select[Any]:
    """Of the steps that let a version answer everyone, the last."""
    made_live = promotion.c.action.in_(_MAKES_LIVE)
    return select(*columns).where(made_live).order_by(desc(promotion.c.id)).limit(1)
