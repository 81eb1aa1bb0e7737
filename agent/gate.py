"""What may leave in an answer's text, enforced by rules and not by a model: pure.

A document can talk a model into linking to an attacker's page (with a secret in the address) or
into pinging a whole channel. So the only links that pass are addresses of the sources cited, no
mention passes, and a citation passes only if its passage was given.
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from knowledge.documents import Passage

_SCHEME = r"[a-z][a-z0-9+.-]{0,20}"
_MENTION = re.compile(r"<[!@#][^<>|]*(?:\|([^<>]*))?>")
_BROADCAST = re.compile(r"[@＠](?=(?:here|channel|everyone|group)\b)", re.IGNORECASE)
_DEFINITION = re.compile(r"^[ \t>]*\[[^\]\n]+\]:[ \t]*\S.*$", re.MULTILINE)
_INLINE = re.compile(
    r"!?\[((?:[^\[\]]|\[[^\[\]]*\])*)\]"
    r"\(\s*<?((?:[^()\s<>]|\([^()\s<>]*\))*)>?(?:\s[^()]*)?\)"
)
_OF_ADDRESSES = frozenset("/:.#&@?%")
_AUTOLINK = re.compile(
    rf"<({_SCHEME}:[^<>|\s]*|[^<>|\s]+@[^<>|\s]+)(?:\|([^<>]*))?>", re.IGNORECASE
)
_BARE = re.compile(
    rf"(?:{_SCHEME}://|mailto:|tel:|javascript:|data:(?=\w+/)|www\.|//(?=\w))[^\s<>\"'`，。；！？、）】」』]+"
    r"|(?<![\w/.@-])(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}(?::\d+)?/[^\s<>\"'`，。；！？、）】」』]+",
    re.IGNORECASE,
)
_AFTER_ADDRESS = ".,;:!?)]}*_~|"
_REMOVED = "(link removed)"
_ROUNDS = 20

_CODE = re.compile(r"(```.*?```|`[^`\n]+`)", re.DOTALL)
_CITATION = re.compile(r"[ \t]?\[(\d{1,4})\]")
_SPELT = re.compile(
    r"【(\d{1,4})[^】\n]{0,20}】|\[\^(\d{1,4})\]|\[(?:passage|source|document) (\d{1,4})\]",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r"\[(\d{1,4}(?:\s*[,;]\s*\d{1,4})+)\]")


@dataclass(frozen=True, slots=True)
class Gated:
    """Text that may leave; ``cited`` are indices into the passages, in the order of their [n]."""

    text: str
    cited: tuple[int, ...]


def gate(text: str, passages: Sequence[Passage]) -> Gated:
    """Remove what must not leave; keep ``[n]`` of given passages, renumbered in order from 1."""
    text = _plain_citations(text)
    cited = _cited(neutral(text), len(passages))
    cleaned = neutral(text, {passages[number].uri for number in cited})
    numbers = {passage: n for n, passage in enumerate(cited, start=1)}

    def renumber(match: re.Match[str]) -> str:
        n = numbers.get(int(match[1]) - 1)
        return "" if n is None else match[0].replace(match[1], str(n))

    return Gated(_outside_code(cleaned, lambda part: _CITATION.sub(renumber, part)), cited)


def neutral(text: str, allowed: Collection[str] = ()) -> str:
    """Without mentions, and without links except to an ``allowed`` address; their text stays."""
    for _ in range(_ROUNDS):
        cleaned = _without_links(without_mentions(text), allowed)
        # What was cut out may have joined its surroundings to something new.
        if cleaned == text:
            return text.strip()
        text = cleaned
    return re.sub(r"[<>@＠\[\]()/:]", " ", text).strip()


def without_mentions(text: str) -> str:
    """Without tokens that would ping a person, a group or a channel in Slack."""
    return _BROADCAST.sub("", _MENTION.sub(lambda match: (match[1] or "").lstrip("@"), text))


def _without_links(text: str, allowed: Collection[str]) -> str:
    def inline(match: re.Match[str]) -> str:
        label, address = match[1], match[2]
        image = match[0].startswith("!")
        if not image and (address in allowed or not _OF_ADDRESSES.intersection(address)):
            return match[0]
        return f"[{label}]" if label.isdigit() else label

    def autolink(match: re.Match[str]) -> str:
        return match[1] if match[1] in allowed else match[2] or _REMOVED

    def bare(match: re.Match[str]) -> str:
        address = match[0].rstrip(_AFTER_ADDRESS)
        kept = next((one for one in (match[0], address, f"{address})") if one in allowed), None)
        rest = match[0][len(kept or address) :]
        return (kept or _REMOVED) + rest

    # A definition would turn the citation [1] itself into a link.
    text = _DEFINITION.sub("", text)
    return _BARE.sub(bare, _AUTOLINK.sub(autolink, _INLINE.sub(inline, text)))


def _plain_citations(text: str) -> str:
    """The ways models write citations, as ``[n]``."""

    def apart(match: re.Match[str]) -> str:
        return "".join(f"[{n}]" for n in re.findall(r"\d+", match[1]))

    spelt = _SPELT.sub(lambda match: f"[{match[1] or match[2] or match[3]}]", text)
    return _outside_code(spelt, lambda part: _SEVERAL.sub(apart, part))


def _cited(text: str, passages: int) -> tuple[int, ...]:
    found: list[str] = []
    for part in _CODE.split(text)[::2]:
        found += _CITATION.findall(part)
    return tuple(dict.fromkeys(int(n) - 1 for n in found if 1 <= int(n) <= passages))


def _outside_code(text: str, change: Callable[[str], str]) -> str:
    parts = _CODE.split(text)
    parts[::2] = [change(part) for part in parts[::2]]
    return "".join(parts)
