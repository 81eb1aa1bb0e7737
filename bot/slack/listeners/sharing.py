"""“Share with channel” under a private answer."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from agent.errands import Errand
from bot.slack.actions import SHARE
from bot.slack.desk import Desk
from bot.slack.inbound import Click, read_click


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen for the button."""

    async def on_share(body: dict[str, Any], ack: AsyncAck) -> None:
        click = read_click(body)
        if click is not None:
            await desk.errands.accept(_errand(click))
        await ack()

    app.action(SHARE)(on_share)


def _errand(click: Click) -> Errand:
    payload = {"mention": click.value, "response_url": click.response_url}
    key = f"share:{click.value}:{click.at}"
    # Two clicks go one after the other: the second finds what the first has posted.
    lane = f"share:{click.value}"
    return Errand("share", key, click.team, click.person, payload, lane)
