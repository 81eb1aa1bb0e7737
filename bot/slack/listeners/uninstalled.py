"""The workspace removed us, or took our token back."""

from datetime import UTC, datetime
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.slack.desk import Desk


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen for ``app_uninstalled`` and ``tokens_revoked``; Slack sends either or both."""

    async def on_uninstalled(body: dict[str, Any]) -> None:
        await desk.workspaces.left(_moment(body))

    async def on_tokens_revoked(body: dict[str, Any]) -> None:
        # Tokens of people, which we never ask for, are no concern of ours.
        if body["event"].get("tokens", {}).get("bot"):
            await desk.workspaces.left(_moment(body))

    app.event("app_uninstalled")(on_uninstalled)
    app.event("tokens_revoked")(on_tokens_revoked)


def _moment(body: dict[str, Any]) -> datetime:
    return datetime.fromtimestamp(float(body.get("event_time") or 0), UTC)
