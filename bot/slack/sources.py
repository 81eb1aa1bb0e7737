"""The quiet lines under an answer: its sources and their age, where it comes from, and why."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from agent.answers import Answer, Citation, Route
from agent.texts import Text
from bot.slack.ages import ago
from bot.slack.frame import Frame
from bot.slack.mrkdwn import escape, link
from bot.slack.splitting import pack

LIMIT = 3000
"""Characters in one text object: https://docs.slack.dev/reference/block-kit/blocks/section-block"""

_PATH = " › "
_LONGEST_ASKED = 150
_LONGEST_TITLE = 300

_LABELS: dict[Route, Text] = {
    "knowledge": Text("From the documents", "来自文档"),
    "domain": Text("From the team's verified answers", "来自团队核实过的答案"),
    "both": Text(
        "From the documents and the team's verified answers", "来自文档和团队核实过的答案"
    ),
}
_QUOTED = Text("Quoted from the documents", "摘自文档")
_SURE = Text("{share:.0%} sure", "{share:.0%} 把握")
_ASKED = Text("You asked: {question}", "您问的是：{question}")
_UPDATED = Text("updated {ago}", "更新于{ago}")
_CHANGED = Text("changed since ({ago})", "此后有改动（{ago}）")
_REMOVED = Text("removed since", "此后已删除")
_LOOKED_ALONE = Text(
    "Looked for “{question}” in all documents that you may see.",
    "已在您能看到的全部文档中查找“{question}”。",
)
_LOOKED = Text(
    "Looked for “{question}” in all documents that everyone here may see.",
    "已在这里所有人都能看到的全部文档中查找“{question}”。",
)
_NEAREST = Text("The nearest that I have:", "最接近的文档：")


def asked(frame: Frame) -> Sequence[str]:
    """The question, above the answer."""
    if not frame.asked:
        return ()
    return (_ASKED.to(frame.language, question=_short(frame.asked)),)


def below(answer: Answer, frame: Frame) -> Sequence[str]:
    """Everything under the answer's text but the buttons, each at most `LIMIT` long."""
    if answer.route in {"chat", "clarify"}:
        return ()
    sources = pack((_source(one, frame) for one in answer.citations), LIMIT, joint="\n")
    return (*sources, *_searched(answer, frame), *_origin(answer, frame))


def _searched(answer: Answer, frame: Frame) -> Sequence[str]:
    """Of an abstention: what was looked for, and what came nearest."""
    if not answer.abstained:
        return ()
    said = _LOOKED_ALONE if frame.alone else _LOOKED
    looked = said.to(frame.language, question=_short(answer.question)) if answer.question else ""
    near = [f"• {_place(one, frame)}" for one in answer.nearest]
    lines = [*([looked] if looked else []), *([_NEAREST.to(frame.language)] if near else []), *near]
    return pack(lines, LIMIT, joint="\n")


def _source(citation: Citation, frame: Frame) -> str:
    return f"[{citation.n}] {_place(citation, frame)}"


def _place(citation: Citation, frame: Frame) -> str:
    title = _cut(_PATH.join((citation.title, *citation.heading)), _LONGEST_TITLE)
    named = link(citation.link or citation.uri, title)
    # What no browser opens is at least known by its file's name.
    file = "" if named.startswith("<") else citation.uri.rpartition("/")[2]
    parts = (f"{named} ({escape(_cut(file, _LONGEST_TITLE))})" if file else named,)
    return " · ".join((*parts, *_age(citation, frame)))


def _age(citation: Citation, frame: Frame) -> Iterable[str]:
    if frame.freshness is None:
        return ()
    now = frame.freshness.get(citation.document_id)
    if now is None:
        return (_REMOVED.to(frame.language),)
    age = max(frame.now - now.updated_at, timedelta(0))
    said = _CHANGED if now.version > citation.version else _UPDATED
    return (said.to(frame.language, ago=ago(age, frame.language)),)


def _origin(answer: Answer, frame: Frame) -> Sequence[str]:
    """Where the answer comes from, how sure it is and why."""
    parts = [escape(" ".join(answer.reason.to(frame.language).split()))]
    if not answer.abstained:
        quoted = answer.route == "knowledge" and answer.model == "extractive"
        label = _QUOTED if quoted else _LABELS[answer.route]
        sure = _SURE.to(frame.language, share=answer.confidence)
        parts = [label.to(frame.language), sure, *parts]
    return pack([" · ".join(part for part in parts if part)], LIMIT)


def _short(question: str) -> str:
    return escape(_cut(" ".join(question.split()), _LONGEST_ASKED))


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
