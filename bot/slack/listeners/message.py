"""A direct message, or one in a channel we are in: a follow-up, or a question to nobody."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.slack.desk import Desk
from bot.slack.hearing import hear_event


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen for ``message``, whatever its subtype: reading decides what it is."""

    async def on_message(body: dict[str, Any]) -> None:
        workspace = await desk.workspaces.of(str(body.get("team_id") or ""))
        await hear_event(desk, body, workspace.me)

    app.event("message")(on_message)
