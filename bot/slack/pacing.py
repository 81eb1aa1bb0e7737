"""How fast a channel takes messages: about one a second, a few at once, for all processes together.

Kept in the database, because any process may be the one that posts; Slack's ``Retry-After`` to
one of them holds for all. See https://docs.slack.dev/apis/web-api/rate-limits
"""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.slack.clock import Clock, LoopClock, sleep
from bot.slack.errors import RateLimited

_EVERY_S = 1.0
_AT_ONCE = 5
"""So many messages may follow each other at once in a channel that was quiet."""

LONGEST_WAIT_S = 60.0

_TAKE = text("""
    INSERT INTO channel_pace AS pace (channel, free_at)
    VALUES (:channel, now() + make_interval(secs => :every))
    ON CONFLICT (channel) DO UPDATE
    SET free_at = greatest(pace.free_at, now()) + make_interval(secs => :every)
    WHERE pace.free_at < now() + make_interval(secs => :furthest)
    RETURNING extract(epoch FROM free_at - now())::float8
""")
"""No row: its end is too far off, and no place was taken that nobody would use."""

_AHEAD = text("""
    SELECT extract(epoch FROM free_at - now())::float8 FROM channel_pace WHERE channel = :channel
""")

_HOLD = text("""
    INSERT INTO channel_pace AS pace (channel, free_at)
    VALUES (:channel, now() + make_interval(secs => :ahead))
    ON CONFLICT (channel) DO UPDATE
    SET free_at = greatest(pace.free_at, now() + make_interval(secs => :ahead))
""")


class Pacing:
    """The pace of every channel, of one database."""

    def __init__(self, engine: AsyncEngine, clock: Clock | None = None) -> None:
        self._engine = engine
        self._clock = clock or LoopClock()

    async def wait(self, channel: str, longest_s: float = LONGEST_WAIT_S) -> None:
        """Take the channel's next place, and wait for it. Raises RateLimited when it is far off."""
        furthest = longest_s + (_AT_ONCE - 1) * _EVERY_S
        given = {"channel": channel, "every": _EVERY_S, "furthest": furthest}
        async with self._engine.connect() as connection:
            taken = await connection.scalar(_TAKE, given)
            ahead = taken or await connection.scalar(_AHEAD, {"channel": channel}) or 0.0
        if taken is None:
            raise RateLimited(max(float(ahead) - (_AT_ONCE - 1) * _EVERY_S, _EVERY_S))
        await sleep(self._clock, float(ahead) - _AT_ONCE * _EVERY_S)

    async def hold(self, channel: str, seconds: float) -> None:
        """Let nobody post there for so long: Slack says so."""
        async with self._engine.connect() as connection:
            ahead = seconds + (_AT_ONCE - 1) * _EVERY_S
            await connection.execute(_HOLD, {"channel": channel, "ahead": ahead})
