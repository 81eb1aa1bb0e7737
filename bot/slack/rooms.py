"""Who can see what is written somewhere."""

import logging

from bot.jobs.errand import Hands
from bot.slack.connection import answered
from bot.slack.errors import SlackError
from knowledge.documents import EVERYONE

logger = logging.getLogger(__name__)


async def seen_by(hands: Hands, channel: str, person: str = "") -> str:
    """The principal that everybody has who could see it; with a ``person``, only they could.

    A public channel's is everyone's; one of which Slack does not say counts as private.
    """
    if person:
        return f"user:{person}"
    asked = hands.workspace.client.api_call("conversations.info", data={"channel": channel})
    try:
        found = (await answered(asked)).get("channel")
    except SlackError as error:
        logger.info("Slack does not say what %s is: %s", channel, error)
        found = None
    said = found if isinstance(found, dict) else {}
    public = said.get("is_channel") is True and said.get("is_private") is False
    shared = any(said.get(sign) for sign in ("is_ext_shared", "is_pending_ext_shared"))
    return EVERYONE if public and not shared else f"channel:{channel}"
