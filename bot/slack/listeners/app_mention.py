"""Somebody calls us in a channel."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.slack.desk import Desk
from bot.slack.hearing import hear_event


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen for ``app_mention``."""

    async def on_app_mention(body: dict[str, Any]) -> None:
        workspace = await desk.workspaces.of(str(body.get("team_id") or ""))
        await hear_event(desk, body, workspace.me)

    app.event("app_mention")(on_app_mention)
