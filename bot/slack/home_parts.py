"""The pieces that the Home tab's parts are made of: values in, blocks out."""

from collections.abc import Sequence
from typing import Any

from bot.slack.blocks import Block

LONGEST = 2_800
"""Characters of one text; Slack takes 3,000."""

_LABEL = 75


def section(text: str, accessory: Block | None = None) -> Block:
    """Text in mrkdwn, which the caller has escaped."""
    block: Block = {"type": "section", "text": mrkdwn(text)}
    return block if accessory is None else block | {"accessory": accessory}


def fields(*pairs: tuple[str, str]) -> Block:
    """Up to ten figures, each under its name."""
    texts = [mrkdwn(f"*{name}*\n{value}") for name, value in pairs]
    return {"type": "section", "fields": texts}


def quiet(text: str) -> Block:
    """A line in small print."""
    return {"type": "context", "elements": [mrkdwn(text)]}


def header(text: str) -> Block:
    """A title."""
    return {"type": "header", "text": plain(text[:150])}


DIVIDER: Block = {"type": "divider"}


def actions(*elements: Block) -> Sequence[Block]:
    """A row of buttons; none where there are none."""
    return [{"type": "actions", "elements": list(elements)}] if elements else []


def button(
    label: str, action: str, value: str = "", style: str = "", confirm: Block | None = None
) -> Block:
    """``style`` is primary, danger or nothing."""
    made: Block = {"type": "button", "action_id": action, "text": plain(shortened(label, _LABEL))}
    given: dict[str, Any] = {"value": value, "style": style, "confirm": confirm}
    return made | {name: one for name, one in given.items() if one}


def asks(title: str, text: str, yes: str, no: str) -> Block:
    """The dialog that a click has to pass."""
    return {
        "title": plain(shortened(title, 100)),
        "text": plain(shortened(text, 300)),
        "confirm": plain(yes),
        "deny": plain(no),
    }


def mrkdwn(text: str) -> Block:
    """Verbatim: Slack makes no links and no mentions of its own."""
    return {"type": "mrkdwn", "text": shortened(text, LONGEST) or " ", "verbatim": True}


def plain(text: str) -> Block:
    """Text as it is."""
    return {"type": "plain_text", "text": text, "emoji": True}


def shortened(text: str, most: int) -> str:
    """With an ellipsis where it is longer; the whole is where it came from."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
