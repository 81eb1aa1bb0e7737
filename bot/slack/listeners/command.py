"""``/ask``: a question whose answer only the person who asks sees."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.slack.desk import Desk
from bot.slack.inbound import read_command

COMMAND = "/ask"
WORKING = "Working on it…"
USAGE = f"Ask me something: `{COMMAND} how many days of leave do I have?` Only you see the answer."


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen for the slash command."""

    async def on_command(body: dict[str, Any], ack: AsyncAck) -> None:
        workspace = await desk.workspaces.of(str(body.get("team_id") or ""))
        mention = read_command(body, workspace.me)
        if not mention.text:
            await ack(USAGE)
            return
        await desk.ledger.accept(mention)
        await ack(WORKING)

    app.command(COMMAND)(on_command)
