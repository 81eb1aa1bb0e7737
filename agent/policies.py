"""How each channel wants to be served; kept by the channel's ID, never by its name."""

from dataclasses import dataclass, replace
from typing import Any, Literal

from cachetools import TTLCache
from sqlalchemy import Row, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from agent.workspace_tables import channel_policy as table
from knowledge.database import Database

_REMEMBERED_FOR_S = 10.0
"""So long a change in one process may go unseen in another."""

_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Policy:
    """A channel's wishes; the defaults hold where nobody set any.

    ``expert`` is a user's or a user group's ID, ``collections`` empty means all of them,
    ``language`` empty the reader's own, ``daily_budget`` counts questions (None: no limit).
    """

    team: str
    channel: str
    answers: Literal["mention", "every", "never"] = "mention"
    follows: bool = True
    collections: tuple[str, ...] = ()
    least_confidence: float = 0.0
    expert: str = ""
    language: Literal["", "en", "zh"] = ""
    daily_budget: int | None = None
    author: str = ""


class Policies:
    """Reads and writes policies; what was read is remembered for some seconds."""

    def __init__(self, database: Database) -> None:
        self._engine = database.autocommit
        self._known: TTLCache[tuple[str, str], Policy] = TTLCache(_REMEMBERED, _REMEMBERED_FOR_S)

    async def of(self, team: str, channel: str) -> Policy:
        """The channel's policy, or the defaults."""
        if (known := self._known.get((team, channel))) is not None:
            return known
        statement = select(table).where(table.c.team == team, table.c.channel == channel)
        async with self._engine.connect() as connection:
            row = (await connection.execute(statement)).one_or_none()
        found = _policy(row) if row is not None else Policy(team, channel)
        self._known[team, channel] = found
        return found

    async def all(self, team: str | None = None) -> tuple[Policy, ...]:
        """Those that somebody set, by channel."""
        statement = select(table).order_by(table.c.team, table.c.channel)
        if team is not None:
            statement = statement.where(table.c.team == team)
        async with self._engine.connect() as connection:
            return tuple(_policy(row) for row in await connection.execute(statement))

    async def save(self, policy: Policy) -> None:
        """Set it, whatever it was before."""
        row = {name: getattr(policy, name) for name in Policy.__dataclass_fields__}
        row["collections"] = list(policy.collections)
        statement = insert(table).values(**row)
        statement = statement.on_conflict_do_update(
            index_elements=[table.c.team, table.c.channel], set_=row | {"updated_at": func.now()}
        )
        async with self._engine.begin() as connection:
            await connection.execute(statement)
        self._known.pop((policy.team, policy.channel), None)

    async def forget(self, team: str, channel: str) -> None:
        """Back to the defaults."""
        async with self._engine.begin() as connection:
            await connection.execute(
                delete(table).where(table.c.team == team, table.c.channel == channel)
            )
        self._known.pop((team, channel), None)


def _policy(row: Row[Any]) -> Policy:
    given: dict[str, Any] = {name: getattr(row, name) for name in Policy.__dataclass_fields__}
    return replace(Policy(**given), collections=tuple(row.collections))
