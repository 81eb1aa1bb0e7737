"""Reading up what was asked while nobody of us listened for longer than Slack tries again.

One errand finds the places; each place, a channel or a thread, is an errand of its own in one lane,
so that a limit of one page a minute delays the rest and nothing is read twice. What is found goes
through the ledger like any event: what had arrived after all is known there already.
"""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from agent.errands import Errand
from agent.hearing import CATCH_UP
from bot.jobs.errand import Hands
from bot.slack import sending
from bot.slack.connection import answered
from bot.slack.errors import RateLimited, Refused, SlackError, Undelivered
from bot.slack.hearing import hear
from bot.slack.inbound import read_event
from bot.slack.thread import history, replies

logger = logging.getLogger(__name__)

CATCH_UP_PLACE = "catch_up_place"

_PAGE = "200"
_MOST_PAGES = 20


async def catch_up(hands: Hands) -> None:
    """Find where something may have been asked: the bot's channels, and its direct messages."""
    since = str(hands.payload["since"])
    places = {(channel, "") for channel in await _channels(hands)}
    places |= set(await hands.desk.ledger.recent_places(hands.held.errand.team, float(since)))
    for channel, thread_ts in sorted(places):
        await _add(hands, channel, thread_ts)
    logger.info("reading up %d channels and threads", len(places))


async def catch_up_place(hands: Hands) -> None:
    """Read a channel or a thread page by page, and write down what was asked in it."""
    channel, thread_ts = str(hands.payload["channel"]), str(hands.payload["thread_ts"])
    where = {"channel": channel} | ({"ts": thread_ts} if thread_ts else {})
    window = {"oldest": str(hands.payload["since"]), "latest": str(hands.payload["until"])}
    cursor = str(hands.held.progress.get("cursor") or "")
    while True:
        page = await _page(hands, **where, **window, limit=_PAGE, cursor=cursor)
        # Slack gives a channel's newest first, a thread's oldest.
        for message in sorted(page.get("messages") or (), key=lambda one: str(one.get("ts"))):
            await _take(hands, channel, message)
            if not thread_ts and str(message.get("latest_reply") or "") >= window["oldest"]:
                await _add(hands, channel, str(message["ts"]))
        cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor:
            return
        await hands.note(cursor=cursor)


async def _take(hands: Hands, channel: str, message: Mapping[str, Any]) -> None:
    event = {**message, "type": "message", "channel": channel}
    mention = read_event({"team_id": hands.held.errand.team, "event": event}, hands.workspace.me)
    if mention is not None and str(message.get("ts")) >= str(hands.payload["since"]):
        await hear(hands.desk, mention)


async def _add(hands: Hands, channel: str, thread_ts: str) -> None:
    held = hands.held.errand
    window = {name: hands.payload[name] for name in ("since", "until")}
    payload = {"channel": channel, "thread_ts": thread_ts, **window}
    key = f"catch up {channel} {thread_ts} {window['since']}"
    lane = held.lane or f"{CATCH_UP} {held.team}"
    await hands.desk.errands.accept(Errand(CATCH_UP_PLACE, key, held.team, "", payload, lane))


async def _channels(hands: Hands) -> list[str]:
    found: list[str] = []
    cursor = ""
    for _ in range(_MOST_PAGES):
        arguments = {
            "user": hands.workspace.me.user,
            "types": "public_channel,private_channel",
            "exclude_archived": "true",
            "limit": _PAGE,
            "cursor": cursor,
        }
        call = hands.workspace.client.api_call("users.conversations", data=arguments)
        try:
            page: Any = await answered(call)
        except SlackError as error:
            raise _later(hands, error) from error
        found += [str(one["id"]) for one in page.get("channels") or ()]
        cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor:
            break
    return found


async def _page(hands: Hands, **arguments: str) -> Any:
    read = replies if "ts" in arguments else history
    try:
        return await read(hands.workspace.client, **arguments)
    except Refused as error:
        logger.info("%s is not read up: %s", arguments["channel"], error)
        return {}
    except SlackError as error:
        raise _later(hands, error) from error


def _later(hands: Hands, error: SlackError) -> Undelivered:
    """Again when Slack lets us; an errand that waits holds no worker."""
    if isinstance(error, RateLimited):
        return Undelivered(str(error), timedelta(seconds=error.seconds))
    return sending.undelivered(error, hands.held.attempts)
