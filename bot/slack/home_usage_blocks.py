"""The Home tab's figures: what was asked, what became of it, what it cost."""

from collections.abc import Mapping

from agent.reading.languages import Language
from agent.texts import Text
from agent.usage import Usage
from bot.slack.blocks import Block
from bot.slack.home_parts import fields, header, quiet, section

_TITLE = Text("The last {days} days", "最近 {days} 天")
_QUESTIONS = Text("Questions", "提问")
_BY = Text("{count} by {people} people", "{people} 人共 {count} 次")
_RATE, _VOTES = Text("Answer rate", "回答率"), Text("Feedback", "反馈")
_COST, _MEDIAN = Text("Cost", "费用"), Text("Median time to an answer", "回答用时中位数")
_FAILED = Text("Ended in an error", "出错")
_UNPRICED = Text(
    "{count} answers are not in the cost: set KNOWHOW_CHAT_PRICE.",
    "另有 {count} 个回答未计入费用：请设置 KNOWHOW_CHAT_PRICE。",
)
_A_DAY = Text("Questions a day", "每日提问")
_MOST_ON = Text("at most {count} on {day}; days in UTC", "最多：{day}，{count} 次；按 UTC 计日")
_SHARES = Text("Who answered", "由谁回答")
_ROUTES: Mapping[str, Text] = {
    "knowledge": Text("The documents", "文档"),
    "domain": Text("The domain model", "领域模型"),
    "both": Text("Both", "两者"),
    "none": Text("Nobody: it abstained", "未能回答"),
    "chat": Text("Small talk", "闲聊"),
    "clarify": Text("Asked back", "反问"),
}
_NONE = Text("Nobody has asked anything yet.", "还没有人提问。")
_BARS = "▁▂▃▄▅▆▇█"
_WIDTH = 20


def usage_blocks(reader: Language, usage: Usage) -> list[Block]:
    """Figures, a line of bars for the days, and the routes' shares."""
    title = header(_TITLE.to(reader, days=len(usage.days)))
    if not usage.questions:
        return [title, section(_NONE.to(reader))]
    day, most = max(usage.days.items(), key=lambda one: one[1])
    blocks = [
        title,
        fields(*_figures(reader, usage)),
        section(f"*{_A_DAY.to(reader)}*\n`{sparkline(list(usage.days.values()))}`"),
        quiet(_MOST_ON.to(reader, count=most, day=f"{day:%Y-%m-%d}")),
        section(f"*{_SHARES.to(reader)}*\n```\n{_shares(reader, usage)}\n```"),
    ]
    return [*blocks, *([quiet(_UNPRICED.to(reader, count=usage.unpriced))] * bool(usage.unpriced))]


def sparkline(counts: list[int]) -> str:
    """A character for each number; only nothing is drawn as the lowest."""
    most = max(counts, default=0)
    return "".join(
        _BARS[0] if not count else _BARS[max(1, round(count / most * (len(_BARS) - 1)))]
        for count in counts
    )


def percent(share: float | None) -> str:
    """A dash where there is nothing to be a share of."""
    return "–" if share is None else f"{share:.0%}"


def _figures(reader: Language, usage: Usage) -> list[tuple[str, str]]:
    median = "–" if usage.median_ms is None else f"{usage.median_ms / 1000:.1f} s"
    asked = _BY.to(reader, count=f"{usage.questions:,}", people=f"{usage.people:,}")
    return [
        (_QUESTIONS.to(reader), asked),
        (_RATE.to(reader), percent(usage.answer_rate)),
        (_VOTES.to(reader), f"👍 {usage.good}   👎 {usage.bad}"),
        (_MEDIAN.to(reader), median),
        (_COST.to(reader), f"${usage.cost_usd:,.2f}"),
        (_FAILED.to(reader), str(usage.failed)),
    ]


def _shares(reader: Language, usage: Usage) -> str:
    total = sum(usage.routes.values()) or 1
    ordered = sorted(usage.routes.items(), key=lambda one: -one[1])
    lines = []
    for route, count in ordered:
        known = _ROUTES.get(route)
        bar = "█" * max(1, round(_WIDTH * count / total))
        name = known.to(reader) if known else route
        lines.append(f"{bar:<{_WIDTH}} {count / total:>4.0%}  {name}")
    return "\n".join(lines)
