"""Reading threads: above all what was said in one before we were called into it."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from agent.answers import Turn
from agent.mentions import AttachedFile, Mention
from bot.slack.connection import Identity, answered
from bot.slack.errors import SlackError
from bot.slack.files import attached
from bot.slack.inbound import plain_text

logger = logging.getLogger(__name__)

_MOST_TURNS = 20
_LONGEST_TURN = 2000


@dataclass(frozen=True, slots=True)
class Earlier:
    """What was said in a thread before the question, oldest first, and what was attached."""

    turns: tuple[Turn, ...] = ()
    files: tuple[AttachedFile, ...] = ()


async def replies(client: AsyncWebClient, **arguments: str) -> AsyncSlackResponse:
    """A page of a thread. Raises RateLimited, Refused or Ambiguous.

    By POST like every other call: the SDK's own method uses GET, which Slack takes and servers
    that imitate it do not.
    """
    return await answered(client.api_call("conversations.replies", data=arguments))


async def history(client: AsyncWebClient, **arguments: str) -> AsyncSlackResponse:
    """A page of a channel's own messages. Raises RateLimited, Refused or Ambiguous."""
    return await answered(client.api_call("conversations.history", data=arguments))


async def earlier(client: AsyncWebClient, me: Identity, mention: Mention) -> Earlier:
    """The thread before the question, oldest first, at most its last twenty messages.

    Read once, when first called: afterwards the conversation is kept in Postgres, because Slack
    allows some apps a single read a minute. Empty when Slack does not let us read.
    """
    if mention.ts in {None, mention.thread_ts}:
        return Earlier()
    try:
        page = await replies(
            client,
            channel=mention.channel,
            ts=str(mention.thread_ts),
            latest=str(mention.ts),
            limit="100",
        )
    except SlackError as error:
        logger.warning("cannot read the thread of %s before it: %s", mention.id, error)
        return Earlier()
    before = [m for m in page.get("messages") or () if str(m.get("ts", "")) < str(mention.ts)]
    turns = [turn for message in before if (turn := _turn(message, me))]
    if mention.kind == "shortcut":  # the message itself is what is asked
        turns = [turn for turn in turns if turn.text != mention.text[:_LONGEST_TURN]]
    files = tuple(file for message in before for file in attached(message))
    return Earlier(tuple(turns[-_MOST_TURNS:]), files)


def _turn(message: Mapping[str, Any], me: Identity) -> Turn | None:
    text = plain_text(str(message.get("text") or ""), me)[:_LONGEST_TURN]
    ours = message.get("user") == me.user or (me.bot and message.get("bot_id") == me.bot)
    return Turn("agent" if ours else "user", text) if text else None
