"""Reading up what was asked while nobody of us listened for longer than Slack tries again.

One errand finds the places; each place, a channel or a thread, is an errand of its own in one lane,
so that a limit of one page a minute delays the rest and nothing is read twice. What is found goes
through the ledger like any event: what had arrived after all is known there already.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.jobs.errand import Hands
from bot.slack import sending
from bot.slack.connection import answered
from bot.slack.errors import RateLimited, Refused, SlackError, Undelivered
from bot.slack.hearing import hear, place_errand
from bot.slack.inbound import read_event
from bot.slack.listeners.task_reply import below_a_task, reply_errand
from bot.slack.thread import history, replies
from knowledge.documents import Reader

logger = logging.getLogger(__name__)

_CHANNELS, _GROUPS = "public_channel,private_channel", "mpim"
"""Asked for apart: ``mpim:read`` is a newer scope than the others."""

_PAGE = "200"
_MOST_PAGES = 20

_OLDER_S = timedelta(days=1).total_seconds()
"""So far back the first message of a thread is looked for in which something was said since."""


async def catch_up(hands: Hands) -> None:
    """Find where something may have been asked: the bot's channels, and its direct messages."""
    since = str(hands.payload["since"])
    places = {(one, "") for kinds in (_CHANNELS, _GROUPS) for one in await _rooms(hands, kinds)}
    places |= set(await hands.desk.ledger.recent_places(hands.held.errand.team, float(since)))
    for channel, thread_ts in sorted(places):
        await _add(hands, channel, thread_ts)
    logger.info("reading up %d channels and threads", len(places))


async def catch_up_place(hands: Hands) -> None:
    """Read a channel or a thread page by page, and write down what was asked in it."""
    channel, thread_ts = str(hands.payload["channel"]), str(hands.payload["thread_ts"])
    since, until = str(hands.payload["since"]), str(hands.payload["until"])
    if thread_ts:
        where = {"channel": channel, "ts": thread_ts, "oldest": since, "latest": until}
    else:
        oldest = f"{float(since) - _OLDER_S:.6f}"
        where = {"channel": channel, "oldest": oldest, "latest": until}
    cursor = noted = str(hands.held.progress.get("cursor") or "")
    while True:
        try:
            page = await _page(hands, **where, limit=_PAGE, cursor=cursor)
        except Refused as error:
            if error.code == "invalid_cursor" and noted:
                # Noted too long ago: from the beginning, for what was written down is known.
                cursor = noted = ""
                await hands.note(cursor=cursor)
                continue
            logger.info("%s is not read up: %s", channel, error)
            return
        # Slack gives a channel's newest first, a thread's oldest.
        for message in sorted(page.get("messages") or (), key=lambda one: str(one.get("ts"))):
            if str(message.get("ts")) >= since:
                await _take(hands, channel, message)
            if not thread_ts and str(message.get("latest_reply") or "") >= since:
                await _add(hands, channel, str(message["ts"]))
        cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor:
            return
        await hands.note(cursor=cursor)


async def _take(hands: Hands, channel: str, message: Mapping[str, Any]) -> None:
    """Hear it as the listeners do."""
    event = {**message, "type": "message", "channel": channel}
    body = {"team_id": hands.held.errand.team, "event": event}
    me = hands.workspace.me
    if await below_a_task(hands.desk, body, me):
        await hands.desk.errands.accept(reply_errand(body, me))
    elif (mention := read_event(body, me)) is not None:
        # An event says whether people of another organisation read along, a history does not.
        outside = mention.kind != "direct" and await _outsiders(hands, channel)
        await hear(hands.desk, replace(mention, outside=outside))


async def _outsiders(hands: Hands, channel: str) -> bool:
    return await hands.workspace.belonging.everybody_in(channel) == Reader.of_outsiders()


async def _add(hands: Hands, channel: str, thread_ts: str) -> None:
    since, until = str(hands.payload["since"]), str(hands.payload["until"])
    errand = place_errand(hands.held.errand.team, channel, thread_ts, since, until)
    await hands.desk.errands.accept(errand)


async def _rooms(hands: Hands, kinds: str) -> list[str]:
    found: list[str] = []
    cursor = ""
    for _ in range(_MOST_PAGES):
        arguments = {
            "user": hands.workspace.me.user,
            "types": kinds,
            "exclude_archived": "true",
            "limit": _PAGE,
            "cursor": cursor,
        }
        call = hands.workspace.client.api_call("users.conversations", data=arguments)
        try:
            page: Any = await answered(call)
        except SlackError as error:
            lacking = isinstance(error, Refused) and error.code == "missing_scope"
            if lacking and kinds == _GROUPS:
                logger.warning("no group message is read up: the app lacks mpim:read")
                return []
            raise _later(hands, error) from error
        found += [str(one["id"]) for one in page.get("channels") or ()]
        cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor:
            break
    return found


async def _page(hands: Hands, **arguments: str) -> Any:
    """Raises Refused where the place cannot be read, Undelivered where it can be later."""
    read = replies if "ts" in arguments else history
    try:
        return await read(hands.workspace.client, **arguments)
    except SlackError as error:
        if isinstance(error, Refused) and error.code not in sending.OURS:
            raise
        raise _later(hands, error) from error


def _later(hands: Hands, error: SlackError) -> Undelivered:
    """Again when Slack lets us; an errand that waits holds no worker."""
    if isinstance(error, RateLimited):
        return Undelivered(str(error), timedelta(seconds=error.seconds))
    return sending.undelivered(error, hands.held.attempts)
