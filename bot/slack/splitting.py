"""Cutting mrkdwn to Slack's sizes without breaking what it says."""

from collections.abc import Iterable, Sequence

_FENCE = "```"
_QUOTE = "> "
_SENTENCE_ENDS = (". ", "! ", "? ", "。", "！", "？")


def pack(pieces: Iterable[str], limit: int, joint: str = "\n\n") -> tuple[str, ...]:
    """Join pieces, in order, into as few texts of at most ``limit`` characters as that gives.

    A piece that is too long by itself is cut between lines, sentences or words, never inside a
    link or an escape; code stays code in every part. Nothing is left out.
    """
    packed: list[str] = []
    for piece in pieces:
        for part in _parts(piece, limit):
            beside_code = bool(packed) and (packed[-1].endswith(_FENCE) or part.startswith(_FENCE))
            between = "\n" if beside_code else joint  # code has room around it as it is
            if packed and len(packed[-1]) + len(between) + len(part) <= limit:
                packed[-1] += between + part
            else:
                packed.append(part)
    return tuple(packed)


def _parts(piece: str, limit: int) -> Sequence[str]:
    if len(piece) <= limit:
        return (piece,)
    if piece.startswith(_FENCE):
        inner = piece.removeprefix(_FENCE).removesuffix(_FENCE).strip("\n")
        room = limit - 2 * len(_FENCE) - 2
        return [f"{_FENCE}\n{part}\n{_FENCE}" for part in cut_up(inner, room)]
    if piece.startswith(_QUOTE):
        parts = cut_up(piece, limit - len(_QUOTE))
        return [part if part.startswith(_QUOTE[0]) else f"{_QUOTE}{part}" for part in parts]
    return cut_up(piece, limit)


def cut_up(text: str, limit: int) -> list[str]:
    """Parts of at most ``limit`` characters, cut between lines, sentences or words if possible."""
    parts = []
    while len(text) > limit:
        at = _cut(text, limit)
        parts.append(text[:at].rstrip())
        text = text[at:].lstrip("\n")
    return [*parts, text] if text else parts


def _cut(text: str, limit: int) -> int:
    """The best place to cut at or before ``limit``: a line, a sentence, a word, else anywhere."""
    window = text[:limit]
    sentence = max(window.rfind(end) + len(end) * (end in window) for end in _SENTENCE_ENDS)
    ends = (at for at in range(limit, limit // 2, -1) if not window[at - 1].isalnum())
    word = next((at for at in ends if not _inside(window, at)), 0)
    for at in (window.rfind("\n"), sentence, window.rfind(" "), word):
        if at > limit // 2 and not _inside(window, at):
            return at
    return _before_token(window)


def _inside(window: str, at: int) -> bool:
    """Whether ``at`` lies within a link or an escape; every other < and & is escaped."""
    in_link = window.rfind("<", 0, at) > window.rfind(">", 0, at)
    return in_link or window.rfind("&", max(0, at - 5), at) > window.rfind(";", 0, at)


def _before_token(window: str) -> int:
    at = len(window)
    if window.rfind("<") > window.rfind(">"):
        at = window.rfind("<")
    escape = window.rfind("&", max(0, at - 5), at)
    if escape > window.rfind(";", 0, at):
        at = escape
    return at if at > 0 else len(window)
