"""Gaps as people read them: what was asked, by how many, and who might write it."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.gaps.gaps import Gap
from agent.reading.languages import Language
from agent.texts import Text
from bot.slack.blocks import Block, Message
from bot.slack.home_parts import header, quiet, section, shortened
from bot.slack.mrkdwn import escape

GAPS_SHOWN = 5
_EXAMPLES = 3
_LONGEST = 200

_TITLE = Text("What nobody has written down", "尚无文档的问题")
_NONE = Text(
    "No question was left open in the last {days} days.", "最近 {days} 天没有未解决的问题。"
)
_ASKED = Text("{people} asked, last on {day}", "{people} 人提问，最近 {day}")
_TIMES = Text("{count} times in all", "共 {count} 次")
_ONE, _MANY = Text("1 person", "1"), Text("{count} people", "{count}")
_RATED = Text("{count} answered, but badly", "其中 {count} 次已回答但评价不佳")
_WRITERS = Text("might be written by {people}", "可请 {people} 撰写")
_MORE = Text("{count} more gaps", "另有 {count} 个缺口")


@dataclass(frozen=True, slots=True)
class ShownGap:
    """A gap with the names of who might write it."""

    gap: Gap
    writers: tuple[str, ...]


def gaps_blocks(
    reader: Language, shown: Sequence[ShownGap], more: int, days: int, title: str = ""
) -> list[Block]:
    """The gaps that are shown; ``more`` is how many others there are."""
    blocks = [header(title or _TITLE.to(reader))]
    if not shown:
        return [*blocks, section(_NONE.to(reader, days=days))]
    for one in shown:
        blocks += [section(_worded(one.gap)), quiet(_line(reader, one))]
    return [*blocks, *([quiet(_MORE.to(reader, count=more))] * (more > 0))]


def gaps_message(reader: Language, shown: Sequence[ShownGap], more: int, days: int) -> Message:
    """The same as a message, with a text for whoever reads it without blocks."""
    lines = [f"{_worded(one.gap)}\n{_line(reader, one)}" for one in shown]
    text = "\n\n".join((_TITLE.to(reader), *(lines or [_NONE.to(reader, days=days)])))
    return Message(text, tuple(gaps_blocks(reader, shown, more, days)))


def _worded(gap: Gap) -> str:
    first, *others = (escape(shortened(one, _LONGEST)) for one in gap.examples(_EXAMPLES))
    return "\n".join((f"*{first}*", *(f"•  {one}" for one in others)))


def _line(reader: Language, shown: ShownGap) -> str:
    gap = shown.gap
    people = _ONE.to(reader) if gap.people == 1 else _MANY.to(reader, count=gap.people)
    parts = [
        _ASKED.to(reader, people=people, day=f"{gap.asked_at:%Y-%m-%d}"),
    ]
    if len(gap.questions) > gap.people:
        parts.append(_TIMES.to(reader, count=len(gap.questions)))
    if gap.rated:
        parts.append(_RATED.to(reader, count=gap.rated))
    if shown.writers:
        named = escape(", ".join(shown.writers))
        parts.append(_WRITERS.to(reader, people=named))
    return "  ·  ".join(parts)
