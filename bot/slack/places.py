"""What a channel is to us: asked of Slack where an event did not say it."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

from slack_sdk.web.async_client import AsyncWebClient

from agent.mentions import Mention
from bot.slack.connection import answered
from bot.slack.errors import Refused, SlackError

logger = logging.getLogger(__name__)

_NOT_OURS = frozenset({"channel_not_found", "not_in_channel", "no_permission"})


@dataclass(frozen=True, slots=True)
class Channel:
    """``member``: we are in it; ``shared``: so are people of another organisation.

    ``public`` says for certain that everybody in the team may read it, and nobody else.
    """

    member: bool
    shared: bool
    name: str = ""
    public: bool = False
    creator: str = ""
    """Who made it; empty where Slack does not say."""


async def channel_of(client: AsyncWebClient, channel: str) -> Channel | None:
    """The channel; None when Slack does not say. Never raises."""
    try:
        found = await answered(client.api_call("conversations.info", data={"channel": channel}))
    except Refused as error:
        return Channel(member=False, shared=False) if error.code in _NOT_OURS else None
    except SlackError as error:
        logger.warning("Slack does not say what %s is: %s", channel, error)
        return None
    said = found.get("channel")
    if not isinstance(said, Mapping):
        return None
    shared = any(said.get(sign) for sign in ("is_ext_shared", "is_pending_ext_shared"))
    open_to_all = said.get("is_channel") is True and said.get("is_private") is False
    return Channel(
        member=said.get("is_member") is not False or said.get("is_im") is True,
        shared=shared,
        name=str(said.get("name") or ""),
        public=open_to_all and not shared,
        creator=str(said.get("creator") or ""),
    )


async def looked_up(client: AsyncWebClient, mention: Mention) -> Mention | None:
    """A shortcut's question with what its channel is; None where we are not: nothing to post to.

    Events say all that by themselves.
    """
    if mention.kind != "shortcut":
        return mention
    channel = await channel_of(client, mention.channel)
    if channel is None:
        return mention
    return replace(mention, outside=mention.outside or channel.shared) if channel.member else None
