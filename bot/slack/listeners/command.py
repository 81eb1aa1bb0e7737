"""``/ask``: a question whose answer only the person who asks sees."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from agent.texts import Text
from bot.slack.desk import Desk
from bot.slack.inbound import read_command

COMMAND = "/ask"
WORKING = Text("Working on it…", "正在查找…")
USAGE = Text(
    "Ask me something: `{command} how many days of leave do I have?` Only you see the answer.",
    "问我一个问题：`{command} 我有多少天年假？` 只有您能看到回答。",
)


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen for the slash command."""

    async def on_command(body: dict[str, Any], ack: AsyncAck) -> None:
        workspace = await desk.workspaces.of(str(body.get("team_id") or ""))
        mention = read_command(body, workspace.me)
        if mention.text:
            await desk.ledger.accept(mention)
        reader = await workspace.people.language(mention.person)
        await ack(WORKING.to(reader) if mention.text else USAGE.to(reader, command=COMMAND))

    app.command(COMMAND)(on_command)
