"""Sending messages exactly once, on behalf of a row of the ledger or an errand.

Before every send the lease is checked and renewed; after a lost response the channel itself says
whether the message arrived.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import UUID, uuid5

from bot.slack.connection import leaving_by
from bot.slack.errors import Ambiguous, RateLimited, Refused, SlackError, Undelivered
from bot.slack.frame import Message
from bot.slack.posting import Poster

logger = logging.getLogger(__name__)

_TRIES = 4
_LONGEST_WAIT_S = 60.0
_SETTLE_S = 1.0
"""A request whose response was lost may still be on its way in."""

_LONGEST_PAUSE = timedelta(minutes=5)
_CLOCKS_DIFFER = timedelta(minutes=10)
"""Slack's clock, which makes each ts, and the database's may differ by less than this."""

NOTHING_YET: Mapping[int, str] = MappingProxyType({})

OURS = frozenset(
    {"invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive"}
)
"""Mended by whoever runs the bot, and then the message still arrives."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Whose message it is: the row's id, its lease, and whether an earlier holder may have sent.

    ``renew`` says for how long the row is ours from when it was called.
    """

    id: UUID
    renew: Callable[[], Awaitable[timedelta]]
    attempts: int
    resumed: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message goes, and since when (a ts) it may be there; empty: that is not known."""

    channel: str
    thread_ts: str | None = None
    since: str = ""


async def send(
    poster: Poster,
    hold: Hold,
    place: Place,
    messages: Sequence[Message],
    present: Mapping[int, str] = NOTHING_YET,
) -> str:
    """Send what is not there yet, in order; returns the first message's ts.

    ``present`` are the parts that are known to be there, by their number from 1. Raises
    Undelivered, and LeaseLost when another worker took over.
    """
    present = {**(await _found(poster, hold, place) if hold.resumed else {}), **present}
    for part, message in enumerate(messages, 1):
        if part not in present:
            present[part] = await _sent(poster, hold, place, message, part)
    return present[1]


async def _sent(poster: Poster, hold: Hold, place: Place, message: Message, part: int) -> str:
    for _ in range(_TRIES):
        try:
            await poster.turn(place.channel)
            async with while_ours(hold.renew):
                return await poster.post(place.channel, place.thread_ts, message, hold.id, part)
        except RateLimited as error:
            await wait(error)
        except Refused as error:
            raise refused(error, hold.attempts) from error
        except (Ambiguous, TimeoutError) as error:
            name = str(error) or type(error).__name__
            logger.warning("%s: %s; looking whether it arrived", hold.id, name)
            await asyncio.sleep(_SETTLE_S)
            present = await _found(poster, hold, place)
            if part in present:
                return present[part]
    raise Undelivered("Slack did not take the message", pause(hold.attempts))


@asynccontextmanager
async def while_ours(renew: Callable[[], Awaitable[timedelta]]) -> AsyncIterator[None]:
    """Renew, for one request that must leave and end within half of that lease.

    Frozen meanwhile, whoever sends asks again whose this is. Raises LeaseLost and TimeoutError,
    and as `leaving_by` does.
    """
    started = asyncio.get_running_loop().time()
    until = started + (await renew()).total_seconds() / 2
    async with asyncio.timeout_at(until):
        with leaving_by(until):
            yield


async def _found(poster: Poster, hold: Hold, place: Place) -> dict[int, str]:
    """What of the messages is there; nothing is sent while that cannot be known.

    Where Slack lets us post but not read, it can never be known: then a second copy is possible
    and better than silence.
    """
    if not place.since:
        return {}
    try:
        return await poster.find(place.channel, place.thread_ts, place.since, hold.id)
    except Refused as error:
        if error.code in OURS:
            raise refused(error, hold.attempts) from error
        logger.warning("cannot look for %s where it was sent: %s", hold.id, error)
        return {}
    except (RateLimited, Ambiguous) as error:
        reason = f"the channel cannot be read: {error}"
        raise Undelivered(reason, pause(hold.attempts)) from error


def earliest(accepted: datetime) -> str:
    """A ts before which nothing can have been sent for what was accepted then, for `Place`."""
    return f"{(accepted - _CLOCKS_DIFFER).timestamp():.6f}"


def named(row: UUID, name: str) -> UUID:
    """One of several messages of a row, told apart in their metadata."""
    return uuid5(row, name)


async def wait(limit: RateLimited) -> None:
    """As long as Slack asks for; raises Undelivered when that is too long to hold a row for."""
    if limit.seconds > _LONGEST_WAIT_S:
        raise Undelivered(str(limit), timedelta(seconds=limit.seconds)) from limit
    await asyncio.sleep(limit.seconds)


def refused(error: Refused, attempts: int) -> Undelivered:
    """What a refusal means for the message: later when it is ours to mend, else never."""
    return Undelivered(error.code, pause(attempts) if error.code in OURS else None)


def undelivered(error: SlackError, attempts: int) -> Undelivered:
    """What any failure of a call that may be repeated means for the message."""
    if isinstance(error, Refused):
        return refused(error, attempts)
    return Undelivered(str(error), pause(attempts))


def try_again(attempts: int, why: str, most: int = 4) -> None:
    """Raise Undelivered, for later: what Slack did not say just now it may say then.

    After the ``most`` attempts nothing is raised: it is decided without knowing.
    """
    if attempts <= most:
        raise Undelivered(why, pause(attempts))


def pause(attempts: int) -> timedelta:
    """How long to wait before the next attempt."""
    return min(timedelta(seconds=2 ** min(attempts, 16)), _LONGEST_PAUSE)
