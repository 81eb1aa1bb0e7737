"""The form of a channel's policy: a policy in, a view out."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.policies import Policy
from agent.reading.languages import Language
from agent.texts import Text
from bot.slack.actions import POLICY

Block = dict[str, Any]

_PER_GROUP = 100
"""Options that Slack allows in one group, and groups in one menu."""
_LONGEST_OPTION, _LONGEST_VALUE = 75, 150

TITLE = Text("How I answer here", "本频道的回答方式")
SAVE = Text("Save", "保存")
CLOSE = Text("Cancel", "取消")
DONE = Text("Close", "关闭")
ABOUT = Text("For <#{channel}>.", "适用于 <#{channel}>。")
SAVED = Text("Saved for <#{channel}>.", "已保存 <#{channel}> 的设置。")
ANSWERS = Text("I answer", "回答")
CHOICES = {
    "mention": Text("when I am mentioned", "提到我时"),
    "every": Text("every question", "每个问题"),
    "never": Text("never", "从不"),
}
FOLLOWS = Text("In threads that I answered in", "在我回答过的消息列中")
FOLLOW = Text("answer follow-ups without a mention", "不提到我也回答追问")
COLLECTIONS = Text("Collections", "文档集")
ALL = Text("all", "全部")
CONFIDENCE = Text("How sure I must be, in percent", "最低把握（百分比）")
EXPERT = Text("Expert: a person", "专家：个人")
GROUP = Text("Expert: or a user group", "专家：或用户组")
LANGUAGE = Text("Language", "语言")
LANGUAGES = {
    "reader": Text("each reader's own", "按读者的语言"),
    "en": Text("English", "English"),
    "zh": Text("简体中文", "简体中文"),
}
BUDGET = Text("Questions a day, at most", "每天最多提问数")
NO_LIMIT = Text("no limit", "不限")
ONLY_ADMINS = Text(
    "Only admins may change how I answer in a channel.", "只有管理员可以更改频道的回答方式。"
)


@dataclass(frozen=True, slots=True)
class Choices:
    """What may be chosen: the library's collections, the user groups' handles by ID."""

    collections: Sequence[str] = ()
    groups: Mapping[str, str] | None = None


def policy_view(policy: Policy, choices: Choices, reader: Language) -> Block:
    """The form, filled in as the policy is."""
    about = {"type": "mrkdwn", "text": ABOUT.to(reader, channel=policy.channel)}
    named = {key: text.to(reader) for key, text in CHOICES.items()}
    spoken = {key: text.to(reader) for key, text in LANGUAGES.items()}
    follow = _option("follow", FOLLOW.to(reader))
    person, group = expert_or_group(policy)
    blocks: list[Block | None] = [
        {"type": "section", "text": about},
        _input("answers", ANSWERS.to(reader), _menu(named, policy.answers)),
        _input(
            "follows",
            FOLLOWS.to(reader),
            {"type": "checkboxes", "options": [follow]}
            | ({"initial_options": [follow]} if policy.follows else {}),
            optional=True,
        ),
        _collections(policy, choices, reader),
        _input(
            "confidence",
            CONFIDENCE.to(reader),
            _number(0, 100, str(round(100 * policy.least_confidence))),
        ),
        _input(
            "expert",
            EXPERT.to(reader),
            {"type": "users_select"} | ({"initial_user": person} if person else {}),
            optional=True,
        ),
        _groups(group, choices, reader),
        _input("language", LANGUAGE.to(reader), _menu(spoken, policy.language or "reader")),
        _input(
            "budget",
            BUDGET.to(reader),
            _number(1, 1_000_000, str(policy.daily_budget or ""))
            | {"placeholder": _plain(NO_LIMIT.to(reader))},
            optional=True,
        ),
    ]
    return {
        "type": "modal",
        "callback_id": POLICY,
        "private_metadata": json.dumps({"team": policy.team, "channel": policy.channel}),
        "title": _plain(TITLE.to(reader)),
        "submit": _plain(SAVE.to(reader)),
        "close": _plain(CLOSE.to(reader)),
        "blocks": [block for block in blocks if block is not None],
    }


def saved_view(policy: Policy, problems: Sequence[str], reader: Language) -> Block:
    """That it is saved, and what of it cannot work."""
    lines = [SAVED.to(reader, channel=policy.channel), *(f"⚠️ {one}" for one in problems)]
    text = {"type": "mrkdwn", "text": "\n".join(lines)}
    return {
        "type": "modal",
        "title": _plain(TITLE.to(reader)),
        "close": _plain(DONE.to(reader)),
        "blocks": [{"type": "section", "text": text}],
    }


def is_group(expert: str) -> bool:
    """Whether an expert's ID is a user group's."""
    return expert.startswith("S")


def expert_or_group(policy: Policy) -> tuple[str, str]:
    """The expert as a person and as a user group; one of them is empty, or both."""
    return ("", policy.expert) if is_group(policy.expert) else (policy.expert, "")


def _collections(policy: Policy, choices: Choices, reader: Language) -> Block | None:
    names = sorted(filter(fits, {*choices.collections, *policy.collections}))
    if not names:
        return None
    options = {name: _option(name, name) for name in names}
    element = {"type": "multi_static_select", "placeholder": _plain(ALL.to(reader))}
    chosen = [options[name] for name in policy.collections if name in options]
    element |= _grouped(list(options.values())) | ({"initial_options": chosen} if chosen else {})
    return _input("collections", COLLECTIONS.to(reader), element, optional=True)


def fits(name: str) -> bool:
    """Whether Slack takes it for an option's value; a longer one is set in the terminal."""
    return len(name) <= _LONGEST_VALUE


def _groups(group: str, choices: Choices, reader: Language) -> Block | None:
    names = dict(choices.groups or {})
    if group:
        names.setdefault(group, group)
    if not names:
        return None
    options = {one: _option(one, f"@{name}") for one, name in names.items()}
    element: Block = {"type": "static_select", **_grouped(list(options.values()))}
    if group:
        element["initial_option"] = options[group]
    return _input("group", GROUP.to(reader), element, optional=True)


def _grouped(options: list[Block]) -> Block:
    if len(options) <= _PER_GROUP:
        return {"options": options}
    parts = [options[at : at + _PER_GROUP] for at in range(0, len(options), _PER_GROUP)]
    return {
        "option_groups": [
            {"label": _plain(part[0]["text"]["text"]), "options": part}
            for part in parts[:_PER_GROUP]
        ]
    }


def _menu(named: Mapping[str, str], chosen: str) -> Block:
    options = {key: _option(key, name) for key, name in named.items()}
    return {
        "type": "static_select",
        "options": list(options.values()),
        "initial_option": options[chosen],
    }


def _number(least: int, most: int, value: str) -> Block:
    element: Block = {"type": "number_input", "is_decimal_allowed": False}
    element |= {"min_value": str(least), "max_value": str(most)}
    return element | ({"initial_value": value} if value else {})


def _input(name: str, label: str, element: Block, *, optional: bool = False) -> Block:
    held = {**element, "action_id": name}
    block = {"type": "input", "block_id": name, "label": _plain(label), "element": held}
    return block | {"optional": optional}


def _option(value: str, name: str) -> Block:
    short = name if len(name) <= _LONGEST_OPTION else f"{name[: _LONGEST_OPTION - 1]}…"
    return {"text": _plain(short), "value": value}


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}
