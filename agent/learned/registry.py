"""The registry of domain models: every version ever trained, and which answered when, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, desc, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.errors import RegistryError
from agent.learned.promotions import Action, Canary, Event, Grounds, Serving, Standing
from agent.tables import calibration, dataset, domain_model, evaluation, promotion, prompt
from knowledge.database import Database
from knowledge.documents import EVERYONE

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('knowhow promote'))")
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
            found = (await _version(connection, version)).version
            live, trial = await _standing(connection)
            if canary is None and (live is None or live.version != found or trial is not None):
                await _append(connection, found, "promote", grounds)
            elif canary is not None:
                if live is not None and live.version == found:
                    raise RegistryError(f"version {found} answers everyone already")
                if trial is None or (trial.version, trial.canary) != (found, canary):
                    await _append(connection, found, "canary", grounds, canary)
        return found

    async def withdraw(self, reason: str, author: str = "") -> int:
        """End the canary and return its version; RegistryError when there is none."""
        async with self._engine.begin() as connection:
            await connection.execute(_ONE_AT_A_TIME)
            _, trial = await _standing(connection)
            if trial is None:
                raise RegistryError("no canary is out: there is nothing to withdraw")
            await _append(connection, trial.version, "withdraw", Grounds(reason, author=author))
        return trial.version

    async def rollback(self, reason: str, author: str = "") -> int | None:
        """Go back to what answered before, and return the version that answers everyone now.

        While a canary is out, that is ended, and nothing else changes. Otherwise the version before
        the live one answers again: a promotion like any other, so a second rollback brings the
        first version back. Raises RegistryError when no other version was ever live.
        """
        async with self._engine.begin() as connection:
            await connection.execute(_ONE_AT_A_TIME)
            live, trial = await _standing(connection)
            if trial is not None:
                await _append(connection, trial.version, "withdraw", Grounds(reason, author=author))
                return None if live is None else live.version
            before = await connection.scalar(
                _latest(promotion.c.version).where(
                    promotion.c.version != (None if live is None else live.version)
                )
            )
            if live is None or before is None:
                raise RegistryError(
                    "no other version was live before: there is nothing to go back to"
                )
            grounds = Grounds(reason, author=author, evidence={"rolled_back": live.version})
            await _append(connection, before, "rollback", grounds)
        return int(before)

    async def standing(self) -> Standing:
        """Which versions answer whom; two small queries."""
        async with self._engine.connect() as connection:
            return Standing(*await _standing(connection))

    async def live_version(self) -> int | None:
        """The version that answers everyone now; cheap enough to ask before every question."""
        async with self._engine.connect() as connection:
            version: int | None = await connection.scalar(_latest(promotion.c.version))
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
        query = _latest(*columns).join_from(promotion, domain_model)
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else Live(*row)

    async def version(self, version: int | None) -> Version:
        """One version (None: the newest); RegistryError when there is none."""
        async with self._engine.connect() as connection:
            return await _version(connection, version)

    async def versions(self) -> list[Version]:
        """Every version, newest first."""
        async with self._engine.connect() as connection:
            return [Version(*row) for row in await connection.execute(_VERSIONS)]

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


_VERSIONS = select(*(one for one in domain_model.c if one.name != "parameters")).order_by(
    desc(domain_model.c.version)
)


async def _version(connection: AsyncConnection, version: int | None) -> Version:
    query = _VERSIONS if version is None else _VERSIONS.where(domain_model.c.version == version)
    row = (await connection.execute(query.limit(1))).one_or_none()
    if row is None:
        missing = "domain model yet" if version is None else f"domain model {version}"
        raise RegistryError(
            f"there is no {missing}: `knowhow tune train` makes one, `knowhow tune status` "
            "lists them"
        )
    return Version(*row)


async def _standing(connection: AsyncConnection) -> tuple[Serving | None, Serving | None]:
    """The version for everyone, and the canary: the last step, if that put one out."""
    audience = func.coalesce(dataset.c.audience, [EVERYONE])
    columns = (promotion.c.version, audience, promotion.c.action)
    placed = (promotion.c.channels, promotion.c.share)

    def of(query: Select[Any]) -> Select[Any]:
        return query.join_from(promotion, domain_model).join(dataset, isouter=True)

    newest = select(*columns, *placed).order_by(desc(promotion.c.id)).limit(1)
    live = (await connection.execute(of(_latest(*columns)))).one_or_none()
    last = (await connection.execute(of(newest))).one_or_none()
    out = last is not None and last.action == "canary"
    return (
        None if live is None else Serving(live[0], tuple(live[1])),
        None
        if last is None or not out
        else Serving(last[0], tuple(last[1]), Canary(tuple(last.channels), last.share)),
    )


async def _append(
    connection: AsyncConnection,
    version: int,
    action: Action,
    grounds: Grounds,
    canary: Canary | None = None,
) -> None:
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


def _latest(*columns: Any) -> Select[Any]:
    """Of the steps that let a version answer everyone, the last."""
    made_live = promotion.c.action.in_(_MAKES_LIVE)
    return select(*columns).where(made_live).order_by(desc(promotion.c.id)).limit(1)
