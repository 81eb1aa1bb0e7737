"""Where in the Home tab somebody is; kept in the view, and read back from every click.

What is clicked there and done by another's listener carries the place along as ``home``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

Tab = Literal["overview", "pairs", "handovers", "documents", "gaps", "usage", "model", "settings"]
TABS: tuple[Tab, ...] = get_args(Tab)


@dataclass(frozen=True, slots=True)
class HomePlace:
    """A tab, and how many of its items come before those that are shown."""

    tab: Tab = "overview"
    at: int = 0

    def as_json(self) -> dict[str, Any]:
        """For the view's private metadata and an errand's payload."""
        return {"tab": self.tab, "at": self.at}


def home_place(said: Mapping[str, Any]) -> HomePlace:
    """What `HomePlace.as_json` wrote; the start for anything else."""
    tab, at = said.get("tab"), said.get("at")
    known = cast("Tab", tab) if tab in TABS else "overview"
    return HomePlace(known, at if isinstance(at, int) and at >= 0 else 0)


def place_of(view: Mapping[str, Any] | None) -> HomePlace:
    """Where the view that Slack sends along stands."""
    try:
        said = json.loads(str((view or {}).get("private_metadata") or "{}"))
    except ValueError:
        said = {}
    return home_place(said if isinstance(said, dict) else {})


def came_from(body: Mapping[str, Any]) -> dict[str, Any]:
    """The part of an errand's payload that says where in Home it was clicked; none elsewhere."""
    view = body.get("view") or {}
    return {"home": place_of(view).as_json()} if view.get("type") == "home" else {}


def remembering(form: dict[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """The form that such a click opens, with the place behind its metadata, or the channel."""
    came = came_from(body)
    if channel := (body.get("channel") or {}).get("id"):  # which may be what was asked
        came["channel"] = channel
    behind = f"{_BEHIND}{json.dumps(came)}" if came else ""
    return form | {"private_metadata": form["private_metadata"] + behind}


def remembered(metadata: str) -> tuple[str, dict[str, Any]]:
    """The metadata that a form was made with, and where its button was clicked, for a payload."""
    own, _, came = metadata.partition(_BEHIND)
    return own, json.loads(came) if came else {}


_BEHIND = " "
