"""“Share with channel” under a private answer."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from agent.errands import Errand
from bot.slack.actions import SHARE
from bot.slack.clicks import Click, not_valid, read_click, uuid_in
from bot.slack.desk import Desk


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen for the button."""

    async def on_share(body: dict[str, Any], ack: AsyncAck) -> None:
        click = read_click(body)
        if uuid_in(click.value):
            await desk.errands.accept(_errand(click))
        else:
            await not_valid(desk, click)
        await ack()

    app.action(SHARE)(on_share)


def _errand(click: Click) -> Errand:
    payload = {"mention": click.value, "response_url": click.response_url}
    # Two clicks go one after the other: the second finds what the first has posted.
    lane = f"share:{click.value}"
    return Errand("share", click.key, click.team, click.person, payload, lane)
