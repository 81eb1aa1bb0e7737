"""The workspaces that installed us, each with its token, encrypted at rest.

slack_sdk's table in our main schema, one row a workspace. A row without a token is a workspace
that removed us and whose data is still to be deleted.
"""

import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography.fernet import InvalidToken, MultiFernet
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.installation_store.sqlalchemy import AsyncSQLAlchemyInstallationStore
from sqlalchemy import Row, delete, func, select, update

from bot.slack.connection import Identity
from bot.slack.errors import NotInstalled, SlackError
from knowledge.database import Database

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Installed:
    """A workspace that has us. ``id`` is another one after each installation."""

    id: int
    me: Identity
    name: str
    scopes: frozenset[str]
    installed_at: datetime
    token: str = field(repr=False)

    @property
    def team(self) -> str:
        """The workspace's ID."""
        return self.me.team


class Installs(AsyncSQLAlchemyInstallationStore):
    """The store that Bolt's installation flow writes to and everything else reads.

    Only the bot's token is kept: no person's token is ever asked for.
    """

    def __init__(self, database: Database, client_id: str, keys: MultiFernet) -> None:
        super().__init__(client_id, database.engine, logger=logger)
        self._keys = keys

    async def async_save(self, installation: Installation) -> None:
        """Keep the token in place of the workspace's earlier one."""
        bot = installation.to_bot()
        bot.bot_token = self._sealed(bot.bot_token)
        bot.bot_refresh_token = None  # tokens do not expire: the manifest leaves rotation off
        await self.async_save_bot(bot)
        rows, others = self.bots.c, self.bots.alias().c
        newest = select(func.max(others.id)).where(others.team_id == bot.team_id)
        earlier = delete(self.bots).where(
            rows.team_id == bot.team_id, rows.id < newest.scalar_subquery()
        )
        async with self.engine.begin() as connection:
            await connection.execute(earlier)

    async def find(self, team: str) -> Installed:
        """The workspace as it is installed now. Raises NotInstalled."""
        rows = self.bots.c
        statement = select(self.bots).where(
            rows.client_id == self.client_id, rows.team_id == team, rows.bot_token.is_not(None)
        )
        async with self.engine.connect() as connection:
            row = (await connection.execute(statement.order_by(rows.id.desc()))).first()
        if row is None:
            raise NotInstalled(f"the app is not installed in {team or 'an unnamed workspace'}")
        return self._installed(row)

    async def all(self) -> tuple[Installed, ...]:
        """Every workspace that has us, by ID."""
        return tuple(self._installed(row) for row in await self._rows(removed=False))

    async def teams(self) -> tuple[str, ...]:
        """The IDs of the workspaces that have us."""
        return tuple(row.team_id for row in await self._rows(removed=False))

    async def removed(self) -> tuple[str, ...]:
        """The workspaces whose data is still to be deleted."""
        return tuple(row.team_id for row in await self._rows(removed=True))

    async def revoke(self, team: str, when: datetime | None = None) -> bool:
        """Forget the workspace's token; from now on nothing is done there.

        ``when`` is when it removed us: False, and nothing happens, where it installed us since.
        """
        rows = self.bots.c
        statement = update(self.bots).where(
            rows.client_id == self.client_id, rows.team_id == team, rows.bot_token.is_not(None)
        )
        if when is not None:
            statement = statement.where(
                rows.installed_at <= when.astimezone(UTC).replace(tzinfo=None)
            )
        statement = statement.values(bot_token=None, bot_refresh_token=None)
        async with self.engine.begin() as connection:
            return (await connection.execute(statement)).rowcount > 0

    async def seal_again(self) -> int:
        """Encrypt every token with the first key, after which the others may go; how many."""
        rows = await self._rows(removed=False)
        async with self.engine.begin() as connection:
            for row in rows:
                sealed = self._sealed(self._opened(row))
                await connection.execute(
                    update(self.bots)
                    .where(self.bots.c.id == row.id, self.bots.c.bot_token == row.bot_token)
                    .values(bot_token=sealed)
                )
        return len(rows)

    async def _rows(self, *, removed: bool) -> list[Row[tuple[object, ...]]]:
        rows = self.bots.c
        gone = rows.bot_token.is_(None) if removed else rows.bot_token.is_not(None)
        statement = select(self.bots).where(rows.client_id == self.client_id, gone)
        async with self.engine.connect() as connection:
            return list(await connection.execute(statement.order_by(rows.team_id)))

    def _sealed(self, token: str) -> str:
        return self._keys.encrypt(token.encode()).decode()

    def _opened(self, row: Row[tuple[object, ...]]) -> str:
        try:
            return self._keys.decrypt(row.bot_token).decode()
        except InvalidToken:
            raise SlackError(
                f"the token of {row.team_id} is encrypted with a key that KNOWHOW_TOKEN_KEYS "
                "lacks: put the key back, or let the workspace install the app again"
            ) from None

    def _installed(self, row: Row[tuple[object, ...]]) -> Installed:
        return Installed(
            id=row.id,
            me=Identity(row.team_id, row.bot_user_id, row.bot_id),
            name=row.team_name or "",
            scopes=frozenset((row.bot_scopes or "").split(",")),
            installed_at=row.installed_at.replace(tzinfo=UTC),
            token=self._opened(row),
        )
