"""The registry of domain models: every version ever trained, and which answered when, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import desc, func, insert, select, text

from agent.errors import RegistryError
from agent.learned.promotions import Canary, Event, Grounds, Standing
from agent.learned.registry_rows import (
    VERSIONS,
    Version,
    append_step,
    latest_live,
    standing_of,
    version_of,
)
from agent.tables import calibration, domain_model, evaluation, promotion, prompt
from knowledge.database import Database

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('knowhow promote'))")


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
        self, version: int | None, grounds: Grounds | str, canary: Canary | None = None
    ) -> int:
        """Let a version (None: the newest) answer from now on, and return it.

        It answers everyone, which ends any canary, or as a ``canary`` some. Promoting what answers
        so already changes nothing. No verdict is asked for here: see `agent.tuning.promoting`.
        Raises RegistryError when there is no such version, and for a canary of what is live.
        """
        grounds = Grounds(grounds) if isinstance(grounds, str) else grounds
        async with self._engine.begin() as connection:
            await connection.execute(_ONE_AT_A_TIME)
            found = (await version_of(connection, version)).version
            live, trial = await standing_of(connection)
            if canary is None and (live is None or live.version != found or trial is not None):
                await append_step(connection, found, "promote", grounds)
            elif canary is not None:
                if live is not None and live.version == found:
                    raise RegistryError(f"version {found} answers everyone already")
                if trial is None or (trial.version, trial.canary) != (found, canary):
                    await append_step(connection, found, "canary", grounds, canary)
        return found

    async def withdraw(self, reason: str, author: str = "") -> int:
        """End the canary and return its version; RegistryError when there is none."""
        async with self._engine.begin() as connection:
            await connection.execute(_ONE_AT_A_TIME)
            _, trial = await standing_of(connection)
            if trial is None:
                raise RegistryError("no canary is out: there is nothing to withdraw")
            await append_step(connection, trial.version, "withdraw", Grounds(reason, author=author))
        return trial.version

    async def rollback(self, reason: str, author: str = "") -> int | None:
        """Go back to what answered before, and return the version that answers everyone now.

        While a canary is out, that is ended, and nothing else changes. Otherwise the version before
        the live one answers again: a promotion like any other, so a second rollback brings the
        first version back. Raises RegistryError when no other version was ever live.
        """
        async with self._engine.begin() as connection:
            await connection.execute(_ONE_AT_A_TIME)
            live, trial = await standing_of(connection)
            if trial is not None:
                await append_step(
                    connection, trial.version, "withdraw", Grounds(reason, author=author)
                )
                return None if live is None else live.version
            before = await connection.scalar(
                latest_live(promotion.c.version).where(
                    promotion.c.version != (None if live is None else live.version)
                )
            )
            if live is None or before is None:
                raise RegistryError(
                    "no other version was live before: there is nothing to go back to"
                )
            grounds = Grounds(reason, author=author, evidence={"rolled_back": live.version})
            await append_step(connection, before, "rollback", grounds)
        return int(before)

    async def standing(self) -> Standing:
        """Which versions answer whom; two small queries."""
        async with self._engine.connect() as connection:
            return Standing(*await standing_of(connection))

    async def live_version(self) -> int | None:
        """The version that answers everyone now; cheap enough to ask before every question."""
        async with self._engine.connect() as connection:
            version: int | None = await connection.scalar(latest_live(promotion.c.version))
        return version

    async def live(self) -> Live | None:
        """The model that answers everyone, with its parameters; None before the first promotion."""
        columns = [
            promotion.c.version,
            domain_model.c.backend,
            domain_model.c.encoder,
            domain_model.c.parameters,
            domain_model.c.manifest,
            promotion.c.reason,
            promotion.c.created_at,
        ]
        query = latest_live(*columns).join_from(promotion, domain_model)
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else Live(*row)

    async def version(self, version: int | None) -> Version:
        """One version (None: the newest); RegistryError when there is none."""
        async with self._engine.connect() as connection:
            return await version_of(connection, version)

    async def versions(self) -> list[Version]:
        """Every version, newest first."""
        async with self._engine.connect() as connection:
            return [Version(*row) for row in await connection.execute(VERSIONS)]

    async def history(self) -> list[Event]:
        """Who let what answer, on which evidence, newest first."""
        query = (
            select(promotion, evaluation.c.verdict)
            .join_from(promotion, evaluation, isouter=True)
            .order_by(desc(promotion.c.id))
        )
        async with self._engine.connect() as connection:
            rows = (await connection.execute(query)).all()
        return [
            Event(
                row.version,
                row.action,
                Grounds(row.reason, row.evaluation, row.forced, row.author, row.evidence),
                Canary(tuple(row.channels), row.share),
                row.verdict,
                row.created_at,
            )
            for row in rows
        ]


async def newest_state(database: Database) -> tuple[int | None, ...]:
    """Changes whenever a promotion, a calibration or a prompt does; a small query a question."""
    promoted = select(func.max(promotion.c.id)).scalar_subquery()
    calibrated = select(func.max(calibration.c.id)).scalar_subquery()
    prompted = select(func.max(prompt.c.id)).scalar_subquery()
    async with database.autocommit.connect() as connection:
        return tuple((await connection.execute(select(promoted, calibrated, prompted))).one())
