"""The state of installations under way: a random word that only the browser which began has."""

from datetime import UTC, datetime

from slack_sdk.oauth.state_store.sqlalchemy import AsyncSQLAlchemyOAuthStateStore
from sqlalchemy import delete

from knowledge.database import Database

EXPIRES_AFTER_S = 600


class States(AsyncSQLAlchemyOAuthStateStore):
    """slack_sdk's, taken back exactly once even by two requests at a time, and swept."""

    def __init__(self, database: Database) -> None:
        super().__init__(EXPIRES_AFTER_S, database.engine)

    async def async_issue(self, *args: object, **kwargs: object) -> str:
        """A new state; those that expired go."""
        expired = delete(self.oauth_states).where(self.oauth_states.c.expire_at < _now())
        async with self.engine.begin() as connection:
            await connection.execute(expired)
        return await super().async_issue(*args, **kwargs)

    async def async_consume(self, state: str) -> bool:
        """Whether it was issued, has not expired and was not taken back before."""
        known = self.oauth_states.c
        taken = delete(self.oauth_states).where(known.state == state, known.expire_at > _now())
        async with self.engine.begin() as connection:
            return (await connection.execute(taken)).rowcount == 1


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)  # the SDK's column has no time zone
