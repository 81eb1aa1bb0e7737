"""The Home tab's frame, and what everybody sees: what is known, and how to ask."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.reading.languages import Language
from agent.texts import Text
from bot.slack import actions
from bot.slack.blocks import Block
from bot.slack.home_parts import DIVIDER, button, header, plain, quiet, section
from bot.slack.home_parts import actions as row
from bot.slack.home_place import TABS, HomePlace, Tab
from bot.slack.mrkdwn import escape

_MOST_BLOCKS = 100
_LISTED = 15

_TABS: Mapping[Tab, Text] = {
    "overview": Text("Overview", "概览"),
    "pairs": Text("Pairs", "问答对"),
    "handovers": Text("Hand-overs", "待专家处理"),
    "documents": Text("Documents", "文档"),
    "gaps": Text("Gaps", "知识缺口"),
    "usage": Text("Usage", "使用情况"),
    "model": Text("Model", "模型"),
    "settings": Text("Settings", "设置"),
}
_KNOWS = Text("What I know", "我知道什么")
_DOCUMENTS = Text("{count} documents", "{count} 篇文档")
_MORE = Text("and {count} more collections", "以及另外 {count} 个文档集")
_NOTHING = Text(
    "Nothing yet. An admin adds documents with `knowhow upload`.",
    "目前还没有文档。管理员可以用 `knowhow upload` 上传。",
)
_GUEST = Text(
    "You are a guest here, so I do not show what the team has written.",
    "您是这里的访客，因此不会显示团队的文档。",
)
_TRY = Text("Questions that I can answer", "可以这样问我")
_HOW = Text("How to ask", "如何提问")
_WAYS = Text(
    "•  Write to me in the *Messages* tab: only you and I read it.\n"
    "•  Mention me in a channel or in a thread: everybody there reads the answer.\n"
    "•  `/ask` anywhere: only you see the answer.",
    "•  在*消息*标签页给我发消息：只有您和我能看到。\n"
    "•  在频道或消息列里提及我：那里的所有人都能看到回答。\n"
    "•  在任何地方输入 `/ask`：只有您能看到回答。",
)
_NOT_ALL = Text(
    "Not everything fits on this page.",
    "此页无法显示全部内容。",
)


@dataclass(frozen=True, slots=True)
class Overview:
    """What a reader may see: documents by collection, and questions that these answer."""

    collections: Mapping[str, int]
    suggested: tuple[str, ...]


def home_view(
    reader: Language,
    place: HomePlace,
    blocks: Sequence[Block],
    *,
    admin: bool,
    notice: str = "",
) -> Block:
    """A Home tab; ``notice`` says in mrkdwn what the last click did."""
    top: list[Block] = []
    if admin:
        top += row(*(_tab(reader, tab, place.tab) for tab in TABS))
    if notice:
        top.append(section(notice))
    everything = [*top, DIVIDER, *blocks] if top else list(blocks)
    if len(everything) > _MOST_BLOCKS:
        everything = [*everything[: _MOST_BLOCKS - 1], quiet(_NOT_ALL.to(reader))]
    return {
        "type": "home",
        "private_metadata": json.dumps(place.as_json()),
        "blocks": everything,
    }


def overview_blocks(reader: Language, overview: Overview | None) -> list[Block]:
    """None: the person is not of the team."""
    blocks = [header(_KNOWS.to(reader)), section(_known(reader, overview))]
    if overview is not None and overview.suggested:
        asked = "\n".join(f"•  {escape(one)}" for one in overview.suggested)
        blocks += [header(_TRY.to(reader)), section(asked)]
    return [*blocks, header(_HOW.to(reader)), section(_WAYS.to(reader))]


def _known(reader: Language, overview: Overview | None) -> str:
    if overview is None:
        return _GUEST.to(reader)
    if not overview.collections:
        return _NOTHING.to(reader)
    lines = [
        f"*{escape(name)}*  ·  {_DOCUMENTS.to(reader, count=f'{count:,}')}"
        for name, count in list(overview.collections.items())[:_LISTED]
    ]
    if len(overview.collections) > _LISTED:
        lines.append(_MORE.to(reader, count=len(overview.collections) - _LISTED))
    return "\n".join(lines)


def _tab(reader: Language, tab: Tab, shown: Tab) -> Block:
    style = "primary" if tab == shown else ""
    return button(_TABS[tab].to(reader), f"{actions.HOME_TAB}{tab}", tab, style)


_BACK, _ON = Text("← Back", "← 上一页"), Text("Next →", "下一页 →")
_AMONG = Text("{shown} of {count}", "第 {shown} 项，共 {count} 项")


def pager(reader: Language, at: int, size: int, count: int) -> list[Block]:
    """Where in the list the page is, and buttons to the others; nothing where all is shown."""
    if size >= count:
        return []
    last = min(at + size, count)
    said = _AMONG.to(reader, shown=last if size == 1 else f"{at + 1}–{last}", count=count)
    back = button(_BACK.to(reader), f"{actions.HOME_PAGE}back", str(max(0, at - size)))
    on = button(_ON.to(reader), f"{actions.HOME_PAGE}on", str(at + size))
    buttons = [*([back] if at > 0 else []), *([on] if last < count else [])]
    return [DIVIDER, quiet(said), *row(*buttons)]


def confirm_texts(reader: Language) -> tuple[str, str]:
    """Yes and no of a dialog."""
    return _YES.to(reader), _NO.to(reader)


_YES, _NO = Text("Yes", "是"), Text("Cancel", "取消")

_FORM_TITLE = Text("Edit a pair", "编辑问答对")
_QUESTION, _ANSWER = Text("Question", "问题"), Text("Answer", "回答")
_SAVE = Text("Save and approve", "保存并批准")


def pair_form(reader: Language, question: str, answer: str, metadata: str) -> Block:
    """The form that words a pair otherwise; Slack takes 3,000 characters in a field."""

    def field(name: str, label: Text, now: str) -> Block:
        element = {
            "type": "plain_text_input",
            "action_id": name,
            "multiline": True,
            "initial_value": now,
        }
        return {
            "type": "input",
            "block_id": name,
            "label": plain(label.to(reader)),
            "element": element,
        }

    return {
        "type": "modal",
        "callback_id": actions.PAIR_FORM,
        "private_metadata": metadata,
        "title": plain(_FORM_TITLE.to(reader)),
        "submit": plain(_SAVE.to(reader)),
        "close": plain(_NO.to(reader)),
        "blocks": [field("question", _QUESTION, question), field("answer", _ANSWER, answer)],
    }
