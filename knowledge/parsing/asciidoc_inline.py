"""Marks inside a line of AsciiDoc, as Markdown has them.

Every repetition is bounded: a pattern that runs to the end of a line from each place where it might
begin takes the square of a hostile line's length.
"""

import re

IMAGE_LINE = re.compile(r"^(?:image|video|audio)::?[^\s\[]{1,500}\[[^\]]{0,500}\]\s*$")
_IMAGE = re.compile(r"(?:image|video|audio)::?[^\s\[]{1,500}\[[^\]]{0,500}\]")

_INLINE: tuple[tuple[re.Pattern[str], str], ...] = (
    (_IMAGE, ""),
    (
        re.compile(r"(?:link:)?(https?://[^\s\[\]]{1,500})\[([^\]]{1,300}?)(?:,[^\]]{0,300})?\]"),
        r"[\2](\1)",
    ),
    (re.compile(r"(?:link:)?(https?://[^\s\[\]]{1,500})\[\]"), r"<\1>"),
    (re.compile(r"(?:link|mailto):([^\s\[]{1,300})\[([^\]]{1,300}?)\]"), r"\2"),
    (re.compile(r"xref:([^\s\[]{1,300})\[([^\]]{1,300})\]"), r"\2"),
    (re.compile(r"xref:([^\s\[]{1,300})\[\]"), r"\1"),
    (re.compile(r"<<[^,<>]{1,300},\s*([^<>]{1,300})>>"), r"\1"),
    (re.compile(r"<<#?([^,<>]{1,300})>>"), r"\1"),
    (re.compile(r"footnote:[\w-]*\[([^\]]{0,500})\]"), r" (\1)"),
    (re.compile(r"(?:kbd|btn|menu|icon):[\w-]*\[([^\]]{0,500})\]"), r"\1"),
    (re.compile(r"\[\[[\w.:-]+(?:,[^\]]{0,300})?\]\]"), ""),
    (re.compile(r"\(\(\(([^()]{0,300})\)\)\)"), ""),
    (re.compile(r"\(\(([^()]{1,300})\)\)"), r"\1"),
    (re.compile(r"``([^`]{1,500})``|`\+([^`]{1,500})\+`"), r"`\1\2`"),
    (re.compile(r"(?<![\w*])\*([^*\s](?:[^*]{0,1000}[^*\s])?)\*(?![\w*])"), r"**\1**"),
    (re.compile(r"\s\+$"), ""),
)


def marked(text: str) -> str:
    """Links, references, emphasis and code; images and index terms are left out."""
    for pattern, replacement in _INLINE:
        text = pattern.sub(replacement, text)
    return text
