"""Clicks in the Home tab, and the form that it opens."""

import json
import re
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from agent.errands import Errand
from bot.slack import actions
from bot.slack.clicks import Click, in_time, not_valid, number_in, read_click, show_form
from bot.slack.desk import Desk
from bot.slack.errands.home_again import HOME, home_lane
from bot.slack.errands.model import MODEL_LANE, PROMOTE, ROLLBACK
from bot.slack.home_forms import form_for
from bot.slack.home_place import TABS, HomePlace, home_place, place_of

_MODEL = {actions.MODEL_PROMOTE: PROMOTE, actions.MODEL_ROLLBACK: ROLLBACK}
_ANY = re.compile(r"[^\x00]{0,2000}")
_PAIR = re.compile(r"[0-9]{1,18}:[0-9]{1,18}")
_VALUES = {
    **dict.fromkeys((actions.PAIR_APPROVE, actions.PAIR_REJECT, actions.PAIR_MERGE), _PAIR),
    **dict.fromkeys((actions.PAIR_KEEP, actions.PAIR_EDIT), _PAIR),
    actions.MODEL_PROMOTE: re.compile(r"[0-9]{1,18}"),
    actions.MODEL_ROLLBACK: re.compile(r"[0-9]{1,18}/[0-9]{1,18}"),
    actions.CONSENT: re.compile("grant|withdraw"),
}
"""What we give those buttons; anything else came from somewhere else."""


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen for everything whose id begins as the Home tab's do."""

    async def on_edit(body: dict[str, Any], ack: AsyncAck) -> None:
        click, place = read_click(body), place_of(body.get("view"))
        if not _VALUES[actions.PAIR_EDIT].fullmatch(click.value):
            await not_valid(desk, click)
        else:
            # Here is no response_url: where Slack opens no form, that is said directly.
            async with in_time(desk, click):
                workspace = await desk.workspaces.of(click.team)
                form = await form_for(desk, workspace, click.person, click.value, place)
                if form is None:
                    await desk.errands.accept(wish(click, place))
                else:
                    await show_form(desk, click, lambda _: form)
        await ack()

    async def on_click(body: dict[str, Any], ack: AsyncAck) -> None:
        click = read_click(body)
        if _VALUES.get(click.action, _ANY).fullmatch(click.value):
            await desk.errands.accept(wish(click, place_of(body.get("view"))))
        else:
            await not_valid(desk, click)
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


def wish(click: Click, place: HomePlace) -> Errand:
    """What a click in the Home tab asks for."""
    action, value = click.action, click.value
    key = f"home:{click.key}"
    if action in _MODEL:
        return Errand(_MODEL[action], key, click.team, click.person, {"value": value}, MODEL_LANE)
    payload: dict[str, Any] = {"action": action, "value": value}
    if action.startswith(actions.HOME_TAB):
        tab = action.removeprefix(actions.HOME_TAB)
        place, payload = HomePlace(tab if tab in TABS else "overview"), {}
    elif action.startswith(actions.HOME_PAGE):
        place, payload = HomePlace(place.tab, number_in(value) or 0), {}
    lane = home_lane(click.team, click.person)
    return Errand(HOME, key, click.team, click.person, place.as_json() | payload, lane)


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
