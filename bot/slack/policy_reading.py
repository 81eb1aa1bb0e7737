"""The form of a channel's policy as it was sent off: the policy, or what is wrong with it."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from agent.policies import Policy
from agent.reading.languages import Language
from agent.texts import Text
from bot.slack.policy_form import expert_or_group, fits

ONE_EXPERT = Text("Choose a person or a group, not both.", "个人和用户组只能选一个。")
NO_PERCENT = Text("A whole number from 0 to 100.", "请填 0 到 100 的整数。")
NO_COUNT = Text("A whole number from 1 on, or nothing.", "请填 1 以上的整数，或留空。")


def place_of(view: Mapping[str, Any]) -> tuple[str, str]:
    """The team and the channel that a form is about."""
    about = json.loads(view["private_metadata"])
    return str(about["team"]), str(about["channel"])


def read_policy(
    view: Mapping[str, Any], before: Policy, reader: Language
) -> Policy | dict[str, str]:
    """The policy that was sent off, or what is wrong with it by block.

    What the form did not show stays as it was ``before``.
    """
    values = {block: next(iter(held.values())) for block, held in view["state"]["values"].items()}
    errors: dict[str, str] = {}
    percent = _whole(values["confidence"].get("value"), 0, 100)
    if percent is None:
        errors["confidence"] = NO_PERCENT.to(reader)
    given = values["budget"].get("value")
    budget = _whole(given, 1, 1_000_000) if given else None
    if given and budget is None:
        errors["budget"] = NO_COUNT.to(reader)
    person = values["expert"].get("selected_user") or ""
    group = _chosen(values["group"]) if "group" in values else expert_or_group(before)[1]
    if person and group and "group" in values:
        errors["group"] = ONE_EXPERT.to(reader)
    if errors:
        return errors
    language = _chosen(values["language"])
    collections = before.collections
    if "collections" in values:
        shown = values["collections"].get("selected_options") or ()
        kept = (name for name in before.collections if not fits(name))
        collections = (*(one["value"] for one in shown), *kept)
    return replace(
        before,
        answers=_chosen(values["answers"]),  # type: ignore[arg-type]  # the database checks it
        follows=bool(values["follows"].get("selected_options")),
        collections=collections,
        least_confidence=(percent or 0) / 100,
        expert=person or group,
        language="" if language == "reader" else language,  # type: ignore[arg-type]  # as above
        daily_budget=budget,
    )


def _chosen(value: Mapping[str, Any]) -> str:
    return str((value.get("selected_option") or {}).get("value") or "")


def _whole(value: Any, least: int, most: int) -> int | None:
    try:
        number = int(str(value))
    except ValueError:
        return None
    return number if least <= number <= most else None
