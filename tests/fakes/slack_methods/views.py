"""``views.*``: forms, and the Home tab."""

import json

from tests.fakes.slack_blocks import view_problems
from tests.fakes.slack_state import Json, RefusedError, SlackState


def _opened(slack: SlackState, a: Json) -> Json:
    if not a.get("trigger_id"):
        raise RefusedError("invalid_trigger_id")
    view = _checked(slack, a)
    slack.views.append(view)
    return {"view": view}


def _update(slack: SlackState, a: Json) -> Json:
    view = _checked(slack, a) | {"id": a.get("view_id")}
    slack.views.append(view)
    return {"view": view}


def _publish(slack: SlackState, a: Json) -> Json:
    view = _checked(slack, a)
    slack.homes[a["user_id"]] = view
    return {"view": view}


def _checked(slack: SlackState, a: Json) -> Json:
    view: Json = json.loads(a["view"]) if isinstance(a["view"], str) else a["view"]
    problems = view_problems(view)
    if problems:
        slack.problems += problems
        raise RefusedError("invalid_arguments")
    return {"id": f"V{slack.ts()}", "hash": slack.ts(), **view}


METHODS = {
    "views.open": _opened,
    "views.push": _opened,
    "views.update": _update,
    "views.publish": _publish,
}
