"""“Save to knowledge”: the form, and what was filled in. Values in, a view out; and back."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent.reading.languages import Language
from agent.texts import Text
from bot.slack.blocks import Block
from bot.slack.inbound import Shortcut
from knowledge.documents import EVERYONE, PUBLIC, parse_audience
from knowledge.errors import InvalidInput

SAVE = "save_to_knowledge"

TITLE = Text(en="Save to knowledge", zh="保存到知识库")
SUBMIT = Text(en="Save", zh="保存")
CANCEL = Text(en="Cancel", zh="取消")
CLOSE = Text(en="Close", zh="关闭")
ADMINS_ONLY = Text(
    en="Only admins of the workspace save messages to the knowledge base. "
    "Show the message to one of them.",
    zh="只有工作区管理员可以把消息保存到知识库。请把这条消息转给管理员。",
)
NAME = Text(en="Title", zh="标题")
COLLECTION = Text(en="Collection", zh="集合")
WHAT = Text(en="What to save", zh="保存什么")
FILES = Text(en="The attached files", zh="附件")
WORDS = Text(en="The message with its thread", zh="消息及其消息串")
READERS = Text(en="Who may see it", zh="谁可以查看")
CHANNELS = Text(en="Channels", zh="频道")
USERS = Text(en="People", zh="成员")
GROUPS = Text(en="User groups (IDs, with commas between)", zh="用户组（ID，用逗号分隔）")
CHOOSE = Text(en="Choose at least one.", zh="请至少选择一个。")
UNUSABLE = Text(
    en="This cannot be used; write IDs such as S012AB3CD.",
    zh="无法使用；请填写 ID，例如 S012AB3CD。",
)
CHOICES = {
    "everyone": Text(en="Everyone", zh="所有人"),
    "public": Text(en="Everyone, guests included", zh="所有人，包括访客"),
    "here": Text(en="People in this channel", zh="本频道的成员"),
    "channels": Text(en="People in the channels below", zh="下列频道的成员"),
    "users": Text(en="The people below", zh="下列成员"),
    "groups": Text(en="The user groups below", zh="下列用户组的成员"),
}
"""Audiences, by the value of the choice; the blocks that name them have the same id."""

_LONGEST_TITLE = 150
_LONGEST_COLLECTION = 80


@dataclass(frozen=True, slots=True)
class Filled:
    """What was asked for; ``errors`` are by block, and nothing is done while there are any."""

    payload: Mapping[str, Any]
    errors: Mapping[str, str]


def admins_only(language: Language) -> Block:
    """What everybody else sees instead of the form."""
    section = {"type": "section", "text": _plain(ADMINS_ONLY.to(language))}
    return {
        "type": "modal",
        "title": _plain(TITLE.to(language)),
        "close": _plain(CLOSE.to(language)),
        "blocks": [section],
    }


def save_form(shortcut: Shortcut, language: Language) -> Block:
    """The form for a message; the files are what is saved unless somebody chooses otherwise."""
    metadata = {
        "channel": shortcut.channel,
        "ts": shortcut.ts,
        "thread_ts": shortcut.thread_ts or shortcut.ts,
        "language": language,
    }
    choices = [key for key in CHOICES if key != "here" or not shortcut.channel.startswith("D")]
    blocks = [
        _input("title", NAME.to(language), _words(_title(shortcut), _LONGEST_TITLE)),
        _input("collection", COLLECTION.to(language), _words("default", _LONGEST_COLLECTION)),
    ]
    if shortcut.files:
        what = [_option("files", FILES, language), _option("words", WORDS, language)]
        blocks.append(_input("what", WHAT.to(language), _radio(what)))
    readers = [_option(key, CHOICES[key], language) for key in choices]
    conversations = {
        "type": "multi_conversations_select",
        "action_id": "channels",
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    users = {"type": "multi_users_select", "action_id": "users"}
    blocks += [
        _input("readers", READERS.to(language), _radio(readers)),
        _input("channels", CHANNELS.to(language), conversations, optional=True),
        _input("users", USERS.to(language), users, optional=True),
        _input("groups", GROUPS.to(language), _words("", 300, "groups"), optional=True),
    ]
    return {
        "type": "modal",
        "callback_id": SAVE,
        "private_metadata": json.dumps(metadata),
        "title": _plain(TITLE.to(language)),
        "submit": _plain(SUBMIT.to(language)),
        "close": _plain(CANCEL.to(language)),
        "blocks": blocks,
    }


def read_filled(view: Mapping[str, Any]) -> Filled:
    """The form as it was sent off."""
    metadata = json.loads(str(view.get("private_metadata") or "{}"))
    language: Language = "zh" if metadata.get("language") == "zh" else "en"
    values: dict[str, Any] = {
        block: next(iter(actions.values()), {})
        for block, actions in view.get("state", {}).get("values", {}).items()
    }
    chosen = _chosen(values.get("readers")) or "everyone"
    errors: dict[str, str] = {}
    try:
        audience = parse_audience(",".join(_principals(chosen, values, metadata["channel"])))
    except InvalidInput:
        given = bool(_principals(chosen, values, metadata["channel"]))
        audience = ()
        errors[chosen] = (UNUSABLE if given else CHOOSE).to(language)
    payload = {
        **metadata,
        "title": _written(values.get("title"))[:_LONGEST_TITLE],
        "collection": _written(values.get("collection"))[:_LONGEST_COLLECTION] or "default",
        "what": _chosen(values.get("what")) or "words",
        "audience": list(audience),
    }
    return Filled(payload, errors)


def _principals(chosen: str, values: Mapping[str, Any], channel: str) -> list[str]:
    match chosen:
        case "public":
            return [PUBLIC]
        case "here":
            return [f"channel:{channel}"]
        case "channels":
            names = values.get("channels", {}).get("selected_conversations") or ()
            return [f"channel:{one}" for one in names]
        case "users":
            return [f"user:{one}" for one in values.get("users", {}).get("selected_users") or ()]
        case "groups":
            named = _written(values.get("groups")).replace("，", ",").split(",")
            return [f"group:{one.strip()}" for one in named if one.strip()]
        case _:
            return [EVERYONE]


def _title(shortcut: Shortcut) -> str:
    lines = (line.strip() for line in shortcut.text.splitlines())
    name = shortcut.files[0].name if shortcut.files else ""
    return next((line for line in lines if line), name)[:_LONGEST_TITLE]


def _chosen(value: Mapping[str, Any] | None) -> str:
    option = (value or {}).get("selected_option")
    return str(option.get("value") or "") if isinstance(option, Mapping) else ""


def _written(value: Mapping[str, Any] | None) -> str:
    return " ".join(str((value or {}).get("value") or "").split())


def _input(block: str, label: str, element: Block, *, optional: bool = False) -> Block:
    return {
        "type": "input",
        "block_id": block,
        "label": _plain(label),
        "element": element,
        "optional": optional,
    }


def _words(initial: str, longest: int, action: str = "words") -> Block:
    given = {"initial_value": initial} if initial else {}
    return {"type": "plain_text_input", "action_id": action, "max_length": longest, **given}


def _radio(options: list[Block]) -> Block:
    return {
        "type": "radio_buttons",
        "action_id": "choice",
        "options": options,
        "initial_option": options[0],
    }


def _option(value: str, text: Text, language: Language) -> Block:
    return {"text": _plain(text.to(language)), "value": value}


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}
