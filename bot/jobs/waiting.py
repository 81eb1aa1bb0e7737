"""Telling people that their question waits, when more is asked than can be answered at once."""

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta

from agent.ledger import Ledger
from agent.mentions import Mention
from agent.texts import Text
from bot.slack.blocks import Message
from bot.slack.errors import SlackError
from bot.slack.workspaces import Workspaces

logger = logging.getLogger(__name__)

BUSY = Text(
    "has many questions at once: {ahead} are before this one…",
    "正忙：前面还有 {ahead} 个问题…",
)
BUSY_COMMAND = Text(
    "I have many questions at once: {ahead} are before yours. I answer as soon as I can.",
    "我正忙：前面还有 {ahead} 个问题。我会尽快回答您。",
)

_AFTER = timedelta(seconds=10)
_AGAIN = timedelta(seconds=100)
"""Slack drops a status after two minutes."""

_AT_A_TIME = 20
_PATIENCE_S = 5.0


async def tell_waiting(ledger: Ledger, workspaces: Workspaces) -> int:
    """Tell those who have waited for some time; how many they are. One process tells each."""
    waiting = await ledger.to_be_told(_AFTER, _AGAIN, _AT_A_TIME)
    if waiting:
        logger.warning("%d people are told that they wait; more workers would help", len(waiting))
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE_S):
                await asyncio.gather(*(_tell(workspaces, *one) for one in waiting))
    return len(waiting)


async def _tell(workspaces: Workspaces, mention: Mention, ahead: int) -> None:
    with suppress(SlackError):
        workspace = await workspaces.of(mention.team)
        reader = (await workspace.people.about(mention.person)).language
        if mention.response_url is None:
            await workspace.status.say(mention, BUSY.to(reader, ahead=ahead))
        else:
            text = BUSY_COMMAND.to(reader, ahead=ahead)
            # Beside what is there: replacing it could replace the answer.
            await workspace.poster.respond(mention.response_url, Message(text, ()), replace=False)
