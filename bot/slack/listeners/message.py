"""A direct message, or a message in a channel we are in: perhaps a follow-up in a thread."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.slack.desk import Desk
from bot.slack.inbound import read_event


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen for ``message``, whatever its subtype: reading decides what it is."""

    async def on_message(body: dict[str, Any]) -> None:
        workspace = await desk.workspaces.of(str(body.get("team_id") or ""))
        mention = read_event(body, workspace.me)
        if mention is not None:
            await desk.ledger.accept(mention)

    app.event("message")(on_message)
