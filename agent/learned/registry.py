"""The registry of domain models: every version ever trained, and which was live when, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import desc, func, insert, select, text

from agent.errors import RegistryError
from agent.tables import calibration, domain_model, promotion, prompt
from knowledge.database import Database

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('knowhow promote'))")


@dataclass(frozen=True, slots=True)
class Version:
    """A trained model as listed: everything but its parameters."""

    version: int
    backend: str
    encoder: str
    manifest: Mapping[str, Any]
    dataset: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Live:
    """The model that answers now; ``reason`` is why it was promoted."""

    version: int
    backend: str
    encoder: str
    parameters: bytes
    manifest: Mapping[str, Any]
    reason: str
    promoted_at: datetime


class Registry:
    """Versions are only added and promotions only appended, so any former state can be restored."""

    def __init__(self, database: Database) -> None:
        self._engine = database.engine

    async def add(
        self,
        backend: str,
        encoder: str,
        parameters: bytes,
        manifest: Mapping[str, Any],
        dataset: int | None = None,
    ) -> int:
        """Store a trained model and return its version; nothing goes live."""
        row = {
            "backend": backend,
            "encoder": encoder,
            "parameters": parameters,
            "manifest": dict(manifest),
            "dataset": dataset,
        }
        statement = insert(domain_model).values(row).returning(domain_model.c.version)
        async with self._engine.begin() as connection:
            return int((await connection.execute(statement)).scalar_one())

    async def promote(
        self, version: int | None, reason: str, evidence: Mapping[str, Any] | None = None
    ) -> int:
        """Let a version (None: the newest) answer from now on, and return it.

        Promoting what is live already changes nothing. Raises RegistryError when there is no such
        version.
        """
        async with self._engine.begin() as connection:
            await connection.execute(_ONE_AT_A_TIME)
            known = select(domain_model.c.version).order_by(desc(domain_model.c.version))
            if version is not None:
                known = known.where(domain_model.c.version == version)
            found = await connection.scalar(known.limit(1))
            if found is None:
                missing = "domain model yet" if version is None else f"domain model {version}"
                raise RegistryError(
                    f"there is no {missing}: `knowhow tune train` makes one, "
                    "`knowhow tune status` lists them"
                )
            if found != await connection.scalar(_live(promotion.c.version)):
                row = {"version": found, "reason": reason, "evidence": dict(evidence or {})}
                await connection.execute(insert(promotion).values(row))
            return int(found)

    async def rollback(self, reason: str) -> int:
        """Let the version answer that did before the live one, and return it.

        It is a promotion like any other: a second one brings the first version back. Raises
        RegistryError when no other version was ever live.
        """
        async with self._engine.begin() as connection:
            await connection.execute(_ONE_AT_A_TIME)
            live = await connection.scalar(_live(promotion.c.version))
            before = await connection.scalar(
                _live(promotion.c.version).where(promotion.c.version != live)
            )
            if before is None:
                raise RegistryError(
                    "no other version was live before: there is nothing to go back to"
                )
            row = {"version": before, "reason": reason, "evidence": {"rolled_back": live}}
            await connection.execute(insert(promotion).values(row))
        return int(before)

    async def live_version(self) -> int | None:
        """The version that answers now; cheap enough to ask before every question."""
        async with self._engine.connect() as connection:
            version: int | None = await connection.scalar(_live(promotion.c.version))
        return version

    async def live(self) -> Live | None:
        """The model that answers now, with its parameters; None before the first promotion."""
        columns = [
            promotion.c.version,
            domain_model.c.backend,
            domain_model.c.encoder,
            domain_model.c.parameters,
            domain_model.c.manifest,
            promotion.c.reason,
            promotion.c.created_at,
        ]
        query = _live(*columns).join_from(promotion, domain_model)
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else Live(*row)

    async def versions(self) -> list[Version]:
        """Every version, newest first."""
        columns = [column for column in domain_model.c if column.name != "parameters"]
        query = select(*columns).order_by(desc(domain_model.c.version))
        async with self._engine.connect() as connection:
            return [Version(*row) for row in await connection.execute(query)]


async def newest_state(database: Database) -> tuple[int | None, ...]:
    """Changes whenever a promotion, a calibration or a prompt does; a small query a question."""
    promoted = select(func.max(promotion.c.id)).scalar_subquery()
    calibrated = select(func.max(calibration.c.id)).scalar_subquery()
    prompted = select(func.max(prompt.c.id)).scalar_subquery()
    async with database.engine.connect() as connection:
        return tuple((await connection.execute(select(promoted, calibrated, prompted))).one())


def _live(*columns: Any) -> Any:
    return select(*columns).order_by(desc(promotion.c.id)).limit(1)
