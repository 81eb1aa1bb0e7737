"""What an expert writes in the thread of a task: an answer perhaps, and no question to us."""

from collections.abc import Mapping
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from agent.errands import Errand
from agent.feedback.handovers import task_at
from bot.slack.desk import Desk
from bot.slack.errands.expert import TASK_REPLY
from bot.slack.inbound import is_from_a_person, plain_text

_READ = ("event_id", "team_id", "is_ext_shared_channel", "event")
"""What reading the message as a question takes, should it turn out to be one."""


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen for such messages; to be registered before those that hear all messages."""

    async def is_below_a_task(body: dict[str, Any]) -> bool:
        workspace = await desk.workspaces.of(str(body.get("team_id") or ""))
        event = body.get("event")
        if not isinstance(event, Mapping) or not is_from_a_person(event, workspace.me):
            return False
        root = event.get("thread_ts")
        # Slack says whose the thread's first message is; a task is ours.
        ours = event.get("parent_user_id") in {None, workspace.me.user}
        if not ours or not root or root == event.get("ts"):
            return False
        return await task_at(desk.database, str(event["channel"]), str(root)) is not None

    async def on_reply(body: dict[str, Any]) -> None:
        team, event = str(body.get("team_id") or ""), body["event"]
        me = (await desk.workspaces.of(team)).me
        channel, root, ts = (str(event[name]) for name in ("channel", "thread_ts", "ts"))
        payload = {
            "channel": channel,
            "thread_ts": root,
            "ts": ts,
            "text": plain_text(str(event.get("text") or ""), me),
            "body": {name: body.get(name) for name in _READ},
        }
        key, person = f"{TASK_REPLY}:{channel}:{ts}", str(event["user"])
        await desk.errands.accept(Errand(TASK_REPLY, key, team, person, payload))

    app.event("message", matchers=[is_below_a_task])(on_reply)
