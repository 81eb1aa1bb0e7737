"""The weekly message: what was asked, what is missing, what is stale."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.reading.languages import Language
from agent.texts import Text
from agent.usage import Usage
from bot.slack import actions
from bot.slack.blocks import Block, Message
from bot.slack.gaps_blocks import ShownGap, gaps_blocks
from bot.slack.home_parts import actions as row
from bot.slack.home_parts import button, fields, header, quiet, section
from bot.slack.home_usage_blocks import percent
from bot.slack.mrkdwn import link
from knowledge.storage.overview import StaleDocument

_TITLE = Text("Knowhow, week {week}", "Knowhow 第 {week} 周简报")
_QUESTIONS, _RATE = Text("Questions", "提问"), Text("Answer rate", "回答率")
_VOTES = Text("Feedback", "反馈")
_GAPS = Text("Asked, and not written down", "有人问、但还没有文档")
_FROM_PUBLIC = Text("From public channels only.", "仅包含公开频道。")
_STALE = Text("Past their date", "已过期的文档")
_SINCE = Text("{document}, since {day}", "{document}，自 {day} 起")
_MORE = Text("and {count} more", "以及另外 {count} 篇")
_OPEN = Text("Open my Home", "打开我的主页")
_DAYS = 7


@dataclass(frozen=True, slots=True)
class Digest:
    """One week; ``gaps`` and ``stale`` hold only what everybody in the channel may see."""

    week: str
    usage: Usage
    gaps: Sequence[ShownGap]
    more_gaps: int
    stale: Sequence[StaleDocument]
    more_stale: int
    home: str = ""
    """Opens the Home tab."""


def digest_message(reader: Language, digest: Digest) -> Message:
    """One message of at most some twenty blocks."""
    usage = digest.usage
    title = _TITLE.to(reader, week=digest.week)
    figures = (
        (_QUESTIONS.to(reader), f"{usage.questions:,}"),
        (_RATE.to(reader), percent(usage.answer_rate)),
        (_VOTES.to(reader), f"👍 {usage.good}   👎 {usage.bad}"),
    )
    blocks = [header(title), fields(*figures)]
    gaps_title = _GAPS.to(reader)
    blocks += gaps_blocks(reader, digest.gaps, digest.more_gaps, _DAYS, gaps_title)
    blocks.append(quiet(_FROM_PUBLIC.to(reader)))
    if digest.stale:
        blocks += [header(_STALE.to(reader)), section(_stale(reader, digest))]
    if digest.home:
        blocks += row(_open_home(reader, digest.home))
    text = "  ·  ".join((title, *(f"{name}: {value}" for name, value in figures)))
    return Message(text, tuple(blocks))


def _stale(reader: Language, digest: Digest) -> str:
    lines = [
        "•  " + _SINCE.to(reader, document=link(one.uri, one.title), day=f"{one.since:%Y-%m-%d}")
        for one in digest.stale
    ]
    if digest.more_stale:
        lines.append(_MORE.to(reader, count=digest.more_stale))
    return "\n".join(lines)


def _open_home(reader: Language, url: str) -> Block:
    return button(_OPEN.to(reader), actions.OPEN_HOME) | {"url": url}
