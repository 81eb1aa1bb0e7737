"""What an expert writes in the thread of a task: an answer perhaps, and no question to us."""

from collections.abc import Mapping
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from agent.errands import Errand
from agent.feedback.handover_tasks import task_at
from bot.slack.connection import Identity
from bot.slack.desk import Desk
from bot.slack.errands.expert import TASK_REPLY
from bot.slack.inbound import is_from_a_person, plain_text

_READ = ("event_id", "team_id", "is_ext_shared_channel", "event")
"""What reading the message as a question takes, should it turn out to be one."""


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen for such messages; to be registered before those that hear all messages."""

    async def me_in(body: dict[str, Any]) -> Identity:
        return (await desk.workspaces.of(str(body.get("team_id") or ""))).me

    async def is_below_a_task(body: dict[str, Any]) -> bool:
        return await below_a_task(desk, body, await me_in(body))

    async def on_reply(body: dict[str, Any]) -> None:
        await desk.errands.accept(reply_errand(body, await me_in(body)))

    app.event("message", matchers=[is_below_a_task])(on_reply)


async def below_a_task(desk: Desk, body: Mapping[str, Any], me: Identity) -> bool:
    """Whether a person wrote it in the thread of a task."""
    event = body.get("event")
    if not isinstance(event, Mapping) or not is_from_a_person(event, me):
        return False
    root = event.get("thread_ts")
    # Slack says whose the thread's first message is; a task is ours.
    ours = event.get("parent_user_id") in {None, me.user}
    if not ours or not root or root == event.get("ts"):
        return False
    return await task_at(desk.database, str(event["channel"]), str(root)) is not None


def reply_errand(body: Mapping[str, Any], me: Identity) -> Errand:
    """What is to be done about it, once, however often it is heard or read."""
    event = body["event"]
    channel, root, ts = (str(event[name]) for name in ("channel", "thread_ts", "ts"))
    payload = {
        "channel": channel,
        "thread_ts": root,
        "ts": ts,
        "text": plain_text(str(event.get("text") or ""), me),
        "body": {name: body.get(name) for name in _READ},
    }
    key, person = f"{TASK_REPLY}:{channel}:{ts}", str(event["user"])
    return Errand(TASK_REPLY, key, str(body.get("team_id") or ""), person, payload)
