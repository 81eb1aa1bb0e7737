"""Somebody presses Slack's stop button while we answer in a thread."""

import asyncio
from contextlib import suppress
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from agent.mentions import thread_key
from bot.slack.desk import IN_TIME_S, Desk


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen for ``agent_session_stopped``."""

    async def on_stopped(body: dict[str, Any]) -> None:
        event = body.get("event") or {}
        channel, thread_ts = str(event.get("channel") or ""), str(event.get("thread_ts") or "")
        workspace = await desk.workspaces.of(str(body.get("team_id") or ""))
        team = str(body.get("team_id") or workspace.me.team)
        if not await desk.ledger.stop(thread_key(team, channel, thread_ts)):
            # Whoever works on a question leaves the session; here nobody does.
            with suppress(TimeoutError):
                async with asyncio.timeout(IN_TIME_S):
                    await workspace.status.leave(channel, thread_ts)

    app.event("agent_session_stopped")(on_stopped)
