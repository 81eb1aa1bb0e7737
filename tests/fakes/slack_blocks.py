"""What Slack refuses of blocks and views: their schema by slack_sdk's models, limits as documented.

https://docs.slack.dev/reference/block-kit/blocks and .../views
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

Json = dict[str, Any]

_MESSAGE_BLOCKS = {
    *("actions", "alert", "card", "carousel", "context", "context_actions", "divider", "file"),
    *("header", "image", "markdown", "plan", "rich_text", "section", "table", "task_card", "video"),
}
_VIEW_BLOCKS = {
    *("actions", "alert", "context", "divider", "header", "image", "input", "rich_text"),
    *("section", "table", "video"),
}
_MODAL_TEXTS = {"title": 24, "submit": 24, "close": 24}
_PING = re.compile(r"<(?:[@!]|#[CG])[^>]*>")
_LARGEST_TABLE = (100, 20)
_CELLS = {"raw_text", "raw_number", "rich_text"}
_TABLE_CHARACTERS, _MARKDOWN_CHARACTERS = 10_000, 12_000


def message_problems(blocks: Any) -> list[str]:
    """Why Slack would refuse a message's blocks; empty when it would not."""
    if not isinstance(blocks, list):
        return ["blocks is not a list"]
    found = [*_count(blocks, 50), *_blocks(blocks, _MESSAGE_BLOCKS)]
    tables = [one for one in blocks if one.get("type") == "table"]
    if len(tables) > 1:
        found.append("only one table is allowed in a message")
    written = sum(len(str(one.get("text", ""))) for one in blocks if one.get("type") == "markdown")
    if written > _MARKDOWN_CHARACTERS:
        found.append(f"{written} characters in markdown blocks")
    return found


def view_problems(view: Json) -> list[str]:
    """Why Slack would refuse a modal or a Home tab."""
    blocks = view.get("blocks")
    if view.get("type") not in {"modal", "home"} or not isinstance(blocks, list):
        return ["neither a modal nor a home view with blocks"]
    found = [*_count(blocks, 100), *_blocks(blocks, _VIEW_BLOCKS)]
    if len(str(view.get("private_metadata") or "")) > 3000:
        found.append("private_metadata is longer than 3,000 characters")
    if len(str(view.get("callback_id") or "")) > 255:
        found.append("callback_id is longer than 255 characters")
    if view["type"] == "modal":
        if "title" not in view:
            found.append("a modal needs a title")
        if any(one.get("type") == "input" for one in blocks) and "submit" not in view:
            found.append("a modal with inputs needs a submit text")
        for name, most in _MODAL_TEXTS.items():
            text = view.get(name)
            if text is not None and not 0 < len(text["text"]) <= most:
                found.append(f"{name} has {len(text['text'])} characters, {most} are allowed")
    return found


def pings(blocks: Any) -> list[str]:
    """Mentions that would notify somebody, in any text of the blocks."""
    return [
        found
        for one in _objects(blocks)
        if one.get("type") == "mrkdwn"
        for found in _PING.findall(str(one.get("text")))
    ] + [str(one) for one in _objects(blocks) if one.get("type") in {"user", "broadcast"}]


def _count(blocks: list[Json], most: int) -> list[str]:
    return [f"{len(blocks)} blocks, {most} are allowed"] if len(blocks) > most else []


def _blocks(blocks: list[Json], allowed: set[str]) -> Iterator[str]:
    ids = [one.get("block_id") for one in blocks if one.get("block_id")]
    if len(ids) != len(set(ids)):
        yield "two blocks have the same block_id"
    for number, block in enumerate(blocks):
        kind = str(block.get("type"))
        if kind not in allowed:
            yield f"block {number}: {kind} is not allowed here"
            continue
        try:
            parsed = Block.parse(block)
            if parsed is not None:
                parsed.to_dict()
        except (SlackObjectFormationError, TypeError, ValueError, AttributeError) as error:
            yield f"block {number} ({kind}): {error}"
        for one in _objects(block):
            yield from (f"block {number} ({kind}): {why}" for why in _limits(one))


def _limits(one: Json) -> Iterator[str]:
    """What holds for a block, an element or a text, wherever it stands."""
    check = _CHECKS.get(str(one.get("type")))
    return check(one) if check is not None else iter(())


def _section(block: Json) -> Iterator[str]:
    if not block.get("text") and not block.get("fields"):
        yield "neither text nor fields"
    if any(len(text["text"]) > 2000 for text in block.get("fields") or ()):
        yield "a field is longer than 2,000 characters"


def _elements(block: Json) -> Iterator[str]:
    if not block.get("elements"):
        yield "no elements"
    ids = [one["action_id"] for one in block.get("elements") or () if one.get("action_id")]
    if len(ids) != len(set(ids)):
        yield "two elements have the same action_id"


def _input(block: Json) -> Iterator[str]:
    yield from _plain(block.get("label"), 2000)
    if "element" not in block:
        yield "no element"


def _table(block: Json) -> Iterator[str]:
    rows = block.get("rows") or []
    if not 0 < len(rows) <= _LARGEST_TABLE[0]:
        yield f"{len(rows)} rows, 1 to {_LARGEST_TABLE[0]} are allowed"
    if any(len(row) > _LARGEST_TABLE[1] for row in rows):
        yield f"more than {_LARGEST_TABLE[1]} columns"
    if len({len(row) for row in rows}) > 1:
        yield "rows of different length"
    cells = [cell for row in rows for cell in row]
    if any(cell.get("type") not in _CELLS for cell in cells):
        yield "a cell that is neither raw_text nor raw_number nor rich_text"
    if any(
        not one.get("text") for one in _objects(rows) if one.get("type") in {"raw_text", "text"}
    ):
        yield "an empty text in a cell"
    settings = block.get("column_settings") or []
    if len(settings) > _LARGEST_TABLE[1]:
        yield f"settings of more than {_LARGEST_TABLE[1]} columns"
    for one in settings:
        known = {"align", "is_wrapped"}.issuperset(one) and isinstance(
            one.get("is_wrapped", False), bool
        )
        if not known or one.get("align", "left") not in {"left", "center", "right"}:
            yield f"settings of a column: {one}"
    written = sum(len(str(one.get("text", ""))) for one in _objects(rows))
    if written > _TABLE_CHARACTERS:
        yield f"{written} characters in a table, {_TABLE_CHARACTERS} are allowed"


def _markdown(block: Json) -> Iterator[str]:
    if not block.get("text"):
        yield "no text"


def _text(one: Json) -> Iterator[str]:
    if not one.get("text"):
        yield "an empty text"
    elif len(one["text"]) > 3000:
        yield f"a text of {len(one['text'])} characters, 3,000 are allowed"


def _button(one: Json) -> Iterator[str]:
    yield from _plain(one.get("text"), 75)
    if not one.get("action_id") and not one.get("url"):
        yield "a button without an action_id"


def _feedback(one: Json) -> Iterator[str]:
    for name in ("positive_button", "negative_button"):
        if not isinstance(one.get(name), dict):
            yield f"feedback_buttons without {name}"


def _options(one: Json) -> Iterator[str]:
    if one.get("option_groups"):
        return
    most = {"checkboxes": 10, "radio_buttons": 10, "overflow": 5}.get(one["type"], 100)
    options = one.get("options") or []
    if not 0 < len(options) <= most:
        yield f"{len(options)} options, 1 to {most} are allowed"
    values = [option.get("value") for option in options]
    if len(values) != len(set(values)):
        yield "two options have the same value"
    if not all(0 < len(option["text"]["text"]) <= 75 for option in options):
        yield "an option's text has 0 or more than 75 characters"
    chosen = [*(one.get("initial_options") or ()), one.get("initial_option")]
    if any(option not in options for option in chosen if option):
        yield "an initial option is not among the options"


def _typed(one: Json) -> Iterator[str]:
    if len(str(one.get("initial_value") or "")) > min(3000, one.get("max_length") or 3000):
        yield "the initial value is longer than what may be typed"


_CHECKS: Mapping[str, Callable[[Json], Iterator[str]]] = {
    "header": lambda block: _plain(block.get("text"), 150),
    "section": _section,
    **dict.fromkeys(("context", "actions", "context_actions"), _elements),
    "input": _input,
    "table": _table,
    "markdown": _markdown,
    **dict.fromkeys(("mrkdwn", "plain_text"), _text),
    "button": _button,
    "feedback_buttons": _feedback,
    **dict.fromkeys(
        ("static_select", "multi_static_select", "checkboxes", "radio_buttons", "overflow"),
        _options,
    ),
    "plain_text_input": _typed,
}


def _plain(text: Any, most: int) -> Iterator[str]:
    if not isinstance(text, dict) or text.get("type") != "plain_text":
        yield "a label is not plain_text"
    elif not 0 < len(text["text"]) <= most:
        yield f"a label of {len(text['text'])} characters, 1 to {most} are allowed"


def _objects(value: Any) -> Iterator[Json]:
    match value:
        case dict():
            yield value
            for inner in value.values():
                yield from _objects(inner)
        case list() | tuple():
            for inner in value:
                yield from _objects(inner)
        case _:
            return
