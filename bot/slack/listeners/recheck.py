"""Whether a verified answer still holds: the two buttons below one whose document has changed."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from agent.errands import Errand
from bot.slack import actions
from bot.slack.clicks import not_valid, number_in, read_click
from bot.slack.desk import Desk
from bot.slack.errands.stale import RECHECK
from bot.slack.home_place import came_from


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen for both."""

    async def on_recheck(body: dict[str, Any], ack: AsyncAck) -> None:
        click = read_click(body)
        number = number_in(click.value)
        if number is None:
            await not_valid(desk, click)
        else:
            payload = {
                "answer": number,
                "holds": click.action == actions.STILL_HOLDS,
                "response_url": click.response_url,
                **came_from(body),
            }
            errand = Errand(RECHECK, click.key, click.team, click.person, payload)
            await desk.errands.accept(errand)
        await ack()

    for action in (actions.STILL_HOLDS, actions.FORGET):
        app.action(action)(on_recheck)
