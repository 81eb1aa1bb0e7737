"""Somebody calls us in a channel."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp

from agent.ledger import Ledger
from bot.slack.connection import Identity
from bot.slack.inbound import read_event


def register(app: AsyncApp, ledger: Ledger, me: Identity) -> None:
    """Listen for ``app_mention``."""

    async def on_app_mention(body: dict[str, Any]) -> None:
        mention = read_event(body, me)
        if mention is not None:
            await ledger.accept(mention)

    app.event("app_mention")(on_app_mention)
