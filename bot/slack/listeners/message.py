"""A direct message, or a message in a channel we are in: perhaps a follow-up in a thread."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp

from agent.ledger import Ledger
from bot.slack.connection import Identity
from bot.slack.inbound import read_event


def register(app: AsyncApp, ledger: Ledger, me: Identity) -> None:
    """Listen for ``message``, whatever its subtype: reading decides what it is."""

    async def on_message(body: dict[str, Any]) -> None:
        mention = read_event(body, me)
        if mention is not None:
            await ledger.accept(mention)

    app.event("message")(on_message)
