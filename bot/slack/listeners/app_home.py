"""Somebody opens the Home tab."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp

from agent.errands import Errand
from bot.slack.desk import Desk
from bot.slack.errands.home_again import HOME, home_lane
from bot.slack.home_place import place_of


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen for ``app_home_opened`` of that tab; the Messages tab is another listener's."""

    async def is_home(event: dict[str, Any]) -> bool:
        return event.get("tab") == "home"

    async def on_opened(body: dict[str, Any]) -> None:
        await desk.errands.accept(read_opening(body))

    app.event("app_home_opened", matchers=[is_home])(on_opened)


def read_opening(body: dict[str, Any]) -> Errand:
    """The wish to see it where it was left."""
    event = body["event"]
    team, person = str(body.get("team_id") or ""), str(event["user"])
    place = place_of(event.get("view")).as_json()
    return Errand(HOME, f"home:{body['event_id']}", team, person, place, home_lane(team, person))
