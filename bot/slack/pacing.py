"""How fast a channel takes messages: about one a second, a few at once, for all processes together.

Kept in the database, because any process may be the one that posts; Slack's ``Retry-After`` to
one of them holds for all. See https://docs.slack.dev/apis/web-api/rate-limits
"""

import asyncio

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.slack.errors import RateLimited

_EVERY_S = 1.0
_AT_ONCE = 5
"""So many messages may follow each other at once in a channel that was quiet."""

_LONGEST_WAIT_S = 60.0

_TAKE = text("""
    INSERT INTO channel_pace AS pace (channel, free_at)
    VALUES (:channel, now() + make_interval(secs => :every))
    ON CONFLICT (channel) DO UPDATE
    SET free_at = greatest(pace.free_at, now()) + make_interval(secs => :every)
    RETURNING extract(epoch FROM free_at - now())::float8
""")

_HOLD = text("""
    INSERT INTO channel_pace AS pace (channel, free_at)
    VALUES (:channel, now() + make_interval(secs => :ahead))
    ON CONFLICT (channel) DO UPDATE
    SET free_at = greatest(pace.free_at, now() + make_interval(secs => :ahead))
""")


class Pacing:
    """The pace of every channel, of one database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def wait(self, channel: str) -> None:
        """Take the channel's next place, and wait for it. Raises RateLimited when it is far off."""
        async with self._engine.begin() as connection:
            given = {"channel": channel, "every": _EVERY_S}
            ahead = float(await connection.scalar(_TAKE, given) or 0.0)
        delay = ahead - _AT_ONCE * _EVERY_S
        if delay > _LONGEST_WAIT_S:
            raise RateLimited(delay)
        if delay > 0:
            await asyncio.sleep(delay)

    async def hold(self, channel: str, seconds: float) -> None:
        """Let nobody post there for so long: Slack says so."""
        async with self._engine.begin() as connection:
            ahead = seconds + (_AT_ONCE - 1) * _EVERY_S
            await connection.execute(_HOLD, {"channel": channel, "ahead": ahead})
