"""Clicks in the Home tab, and the form that it opens."""

import json
import re
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from agent.errands import Errand
from bot.slack import actions, clicks
from bot.slack.desk import Desk
from bot.slack.errands.home_again import HOME, home_lane
from bot.slack.errands.model import MODEL_LANE, PROMOTE, ROLLBACK
from bot.slack.home_forms import form_for
from bot.slack.home_place import TABS, HomePlace, home_place, place_of

_MODEL = {actions.MODEL_PROMOTE: PROMOTE, actions.MODEL_ROLLBACK: ROLLBACK}
_VALUES = ("value", "selected_conversation", "selected_channel")


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen for everything whose id begins as the Home tab's do."""

    async def on_edit(body: dict[str, Any], ack: AsyncAck) -> None:
        workspace = await desk.workspaces.of(str(body["team"]["id"]))
        form = await form_for(
            desk, workspace, body["user"]["id"], _value(body), place_of(body.get("view"))
        )
        if form is None:
            await desk.errands.accept(read_click(body))
        else:
            # Here is no response_url: where Slack opens no form, that is said directly.
            await clicks.open_form(desk, clicks.read_click(body), lambda _: form)
        await ack()

    async def on_click(body: dict[str, Any], ack: AsyncAck) -> None:
        await desk.errands.accept(read_click(body))
        await ack()

    async def on_form(body: dict[str, Any], ack: AsyncAck) -> None:
        await desk.errands.accept(read_form(body))
        await ack()

    async def on_link(ack: AsyncAck) -> None:
        await ack()

    app.action(actions.PAIR_EDIT)(on_edit)
    app.action(actions.OPEN_HOME)(on_link)
    app.action(re.compile(f"^{actions.HOME}"))(on_click)
    app.view(actions.PAIR_FORM)(on_form)


def read_click(body: dict[str, Any]) -> Errand:
    """What a click in the Home tab asks for."""
    clicked = body["actions"][0]
    action, value = str(clicked["action_id"]), _value(body)
    team, person = str(body["team"]["id"]), str(body["user"]["id"])
    place = place_of(body.get("view"))
    key = f"home:{person}:{action}:{clicked['action_ts']}"
    if action in _MODEL:
        return Errand(_MODEL[action], key, team, person, {"value": value}, MODEL_LANE)
    payload: dict[str, Any] = {"action": action, "value": value}
    if action.startswith(actions.HOME_TAB):
        tab = action.removeprefix(actions.HOME_TAB)
        place, payload = HomePlace(tab if tab in TABS else "overview"), {}
    elif action.startswith(actions.HOME_PAGE):
        place, payload = HomePlace(place.tab, int(value) if value.isdecimal() else 0), {}
    return Errand(HOME, key, team, person, place.as_json() | payload, home_lane(team, person))


def read_form(body: dict[str, Any]) -> Errand:
    """A pair as somebody worded it."""
    team, person = str(body["team"]["id"]), str(body["user"]["id"])
    view = body["view"]
    said = json.loads(view["private_metadata"])
    texts = {
        name: str(view["state"]["values"][name][name].get("value") or "")
        for name in ("question", "answer")
    }
    payload = {"action": actions.PAIR_FORM, "value": str(said.get("value") or ""), **texts}
    key = f"home:{person}:{actions.PAIR_FORM}:{view['id']}"
    place = home_place(said).as_json()
    return Errand(HOME, key, team, person, place | payload, home_lane(team, person))


def _value(body: dict[str, Any]) -> str:
    clicked = body["actions"][0]
    return next((str(clicked[name]) for name in _VALUES if clicked.get(name)), "")
