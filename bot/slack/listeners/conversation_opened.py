"""Somebody opens the conversation with us: by ``agent_view``, or by the older ``assistant_view``.

What they look at meanwhile (``…_context_changed``) changes nothing of what we suggest.
"""

from collections.abc import Mapping
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from agent.errands import Errand
from bot.slack.desk import Desk

OPENED = ("app_home_opened", "assistant_thread_started")
NOTED = ("app_context_changed", "assistant_thread_context_changed")


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen for the events of both."""

    async def on_opened(body: dict[str, Any]) -> None:
        errand = read_opened(body)
        if errand is not None:
            await desk.errands.accept(errand)

    async def on_noted() -> None:
        pass

    for event in OPENED:
        app.event(event, matchers=[opens_messages])(on_opened)
    for event in NOTED:
        app.event(event)(on_noted)


async def opens_messages(body: dict[str, Any]) -> bool:
    """Not for the tab ``home``, which has a listener of its own."""
    return str(_event(body).get("tab", "messages")) == "messages"


def read_opened(body: Mapping[str, Any]) -> Errand | None:
    """Who opened which conversation, as an errand; None when the event does not say."""
    event = _event(body)
    thread = event.get("assistant_thread")
    thread = thread if isinstance(thread, Mapping) else {}
    person = str(event.get("user") or thread.get("user_id") or "")
    channel = str(event.get("channel") or thread.get("channel_id") or "")
    if not person or not channel:
        return None
    payload = {"channel": channel, "thread_ts": thread.get("thread_ts")}
    key = f"suggest:{body.get('event_id') or event.get('event_ts')}"
    return Errand("suggest", key, str(body.get("team_id") or ""), person, payload)


def _event(body: Mapping[str, Any]) -> Mapping[str, Any]:
    event = body.get("event")
    return event if isinstance(event, Mapping) else {}
