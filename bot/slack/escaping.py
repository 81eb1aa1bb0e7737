"""Making text of any origin harmless in Slack's mrkdwn."""

import re
import unicodedata
from urllib.parse import quote

EDGE = "\u200b"
"""Slack takes ``*`` for bold only at a word's edge, which Chinese text, say, does not have."""

FENCE = "```"
_FENCES = re.compile("`{3,}")
_LONGEST_URL = 2000
_SPECIAL = "<>|` \u3000"
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029")


def escape(text: str) -> str:
    """Slack's three control characters made harmless, and none that cannot be seen."""
    text = visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # A fence of three would turn all that follows into code, or what follows code into text.
    return _FENCES.sub(lambda fence: EDGE.join(fence[0]), text)


def visible(text: str) -> str:
    """Without characters that control something.

    Among these are the marks that turn the direction of what follows, with which a title could
    pretend to be another; Arabic and Hebrew need none of them.
    """
    return "".join(
        character
        for character in text
        if character in "\n\t"
        or not (unicodedata.category(character) in {"Cc", "Cs"} or character in _TURNS)
    )


def link(url: str, label: str) -> str:
    """A link; only the escaped label when the address is not one that a browser should open."""
    shown = escape(" ".join(label.split())).replace("|", "¦")
    if not url.startswith(("https://", "http://")):
        return shown
    address = "".join(
        character if character.isprintable() and character not in _SPECIAL else _percent(character)
        for character in url
    )
    address = address.replace("&", "&amp;")
    return f"<{address}|{shown or escape(url)}>" if len(address) <= _LONGEST_URL else shown


def _percent(character: str) -> str:
    # Characters that end a line or nothing at all are no part of an address.
    if unicodedata.category(character) in {"Cc", "Cs"} or character in _TURNS:
        return ""
    return quote(character, safe="")
