"""Putting a checked answer into the message that was written live, or taking that one away."""

import asyncio
import logging
from contextlib import suppress

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack import sending
from bot.slack.connection import Identity
from bot.slack.errors import Ambiguous, RateLimited, Refused, Undelivered
from bot.slack.frame import Message
from bot.slack.posting import Poster, payload
from bot.slack.sending import Hold, Place
from bot.slack.thread import replies

logger = logging.getLogger(__name__)

_TRIES = 6
_SETTLE_S = 1.0


async def complete(
    poster: Poster, hold: Hold, place: Place, ts: str, message: Message
) -> str | None:
    """End the stream and show exactly ``message`` in its place, as the first part.

    None: the message could not be changed, so it is gone, and all is to be posted. Every step
    may be repeated by whoever resumes. Raises Undelivered, and LeaseLost.
    """
    try:
        for _ in range(_TRIES):
            await hold.renew()
            try:
                await _stopped(poster, place.channel, ts)
                await poster.update(place.channel, ts, message, hold.id)
            except RateLimited as error:
                await sending.wait(error)
            except Ambiguous as error:
                logger.warning("%s: %s; completing its message again", hold.id, error)
                await asyncio.sleep(_SETTLE_S)
            else:
                return ts
    except Refused as error:
        if error.code in sending.OURS:
            raise sending.refused(error, hold.attempts) from error
        logger.warning("%s cannot complete its message: %s", hold.id, error)
        await _removed(poster, hold, place.channel, ts)
        return None
    raise Undelivered("Slack did not take the answer", sending.pause(hold.attempts))


async def started(client: AsyncWebClient, me: Identity, hold: Hold, place: Place) -> str | None:
    """The message of a stream whose start was never answered: ours, later, and unnamed.

    What is sent in any other way is named in its metadata, and an earlier question's message got
    its name before this one's turn. Raises Undelivered where that cannot be known yet.
    """
    found: str | None = None
    cursor = ""
    try:
        while True:
            page = await replies(
                client,
                channel=place.channel,
                ts=str(place.thread_ts),
                oldest=place.since,
                limit="200",
                cursor=cursor,
                include_all_metadata="true",
            )
            for one in page.get("messages") or ():
                ours = one.get("user") == me.user or (me.bot and one.get("bot_id") == me.bot)
                later = str(one.get("ts", "")) > place.since
                if ours and later and not payload(one) and not one.get("files"):
                    found = str(one["ts"])
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return found
    except Refused as error:
        logger.warning("cannot look for the stream of %s: %s", hold.id, error)
        return None
    except (RateLimited, Ambiguous) as error:
        reason = f"the thread cannot be read: {error}"
        raise Undelivered(reason, sending.pause(hold.attempts)) from error


async def _stopped(poster: Poster, channel: str, ts: str) -> None:
    # Refused where it is over already; where it is not, so will the change be.
    with suppress(Refused):
        await poster.streams.stop(channel, ts)


async def _removed(poster: Poster, hold: Hold, channel: str, ts: str) -> None:
    for _ in range(_TRIES):
        await hold.renew()
        try:
            await _stopped(poster, channel, ts)
            await poster.delete(channel, ts)
        except RateLimited as error:
            await sending.wait(error)
        except Ambiguous:
            await asyncio.sleep(_SETTLE_S)
        except Refused as error:
            logger.info("%s: its message cannot be deleted: %s", hold.id, error)
            return
        else:
            return
