"""Questions that the domain model is not asked, however sure it is: what only documents can show.

What it learned was true on the day it was trained, it names no source, and its pairs are for more
readers than a restricted document is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.texts import Said, Text
from knowledge.documents import Passage

_MOMENT = (
    r"(?:today|tonight|right now|as of now|nowadays|this (?:week|month|quarter|year)"
    r"|(?<!what )(?<!do )(?<!for )now)"
)
_FRESH = re.compile(
    r"(?<!my )\b(?P<state>latest|newest|most recent|up[- ]to[- ]date|currently|current)\b"
    # A moment counts where it is asked about; people also tell what happened today.
    rf"|\b(?P<end>{_MOMENT})\W*$"
    r"|(?:^|[.?!]\s+)(?:what|who|which|where|when(?= is| are| do)|how (?:many|much|often)|is|are)"
    rf"\b[^,.;:!?]{{0,80}}?\b(?P<asked>{_MOMENT})\b"
    r"|(?P<han>最新|最近一[次版]|目前|当前|(?<!我)现在|如今|(?<!我)今[天日晚]|本[周月]|这个月|今年)",
    re.IGNORECASE,
)
_SOURCES = re.compile(
    r"\b(?:what|which|cite|name|give|show|list|your|any|with|the) (?:\w+ ){0,2}?"
    r"(?:sources?|citations?)\b(?! (?:code|file|control|repo))"
    r"|\bwhere (?:is|was|are) (?:this|that|it|they) (?:written|documented|stated|described)\b"
    r"|\b(?:which|what) (?:document|page|policy|file|article)s? "
    r"(?:say|state|describe|cover|mention)"
    r"|\b(?:link|point) (?:me )?to the (?:document|docs?|page|policy|handbook)\b"
    r"|出处|来源是|原文在|依据是什么"
    r"|(?:哪|什么)(?:个|份|篇|些)?(?:文档|文件|页面|制度)(?:里|中|写|说|提|规定)",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"“„«‹「『《]([^\"“”„«»‹›「」『』《》]{2,120})[\"”“»›」』》]")
_KIND = r"(?:page|document|docs?|guide|policy|handbook|manual|wiki|article|runbook|file|spec)"
_FILE = re.compile(
    r"[\w.-]+\.(?:md|pdf|docx?|html?|txt|xlsx?|pptx?|csv|rst|ipynb|adoc)\b", re.IGNORECASE
)
_NAMES = Text("It names the document '{title}'", "问题点名了文档“{title}”")
_ASKS_SOURCES = Text(
    "It asks for sources, which only the documents are", "问题要的是出处，只有文档才是出处"
)
_ASKS_NOW = Text(
    "'{word}' asks for what holds now, which is for the documents to say",
    "“{word}”问的是当前情况，应以文档为准",
)
_RESTRICTED = Text(
    "The best passage is of a document that not everyone may see",
    "最接近的段落出自并非人人可见的文档",
)
_LONGEST_TITLE = 120
_SHORTEST_TITLE = 2


@dataclass(frozen=True, slots=True)
class Rule:
    """Why the domain model is not asked; ``always``: the documents answer, near or not."""

    reason: Said
    always: bool = False


def ruled(question: str, passages: Sequence[Passage]) -> Rule | None:
    """The rule that a question falls under; ``passages`` are those found, best first."""
    if title := _named(question, passages):
        return Rule(_NAMES.filled(title=title), always=True)
    if _SOURCES.search(question):
        return Rule(_ASKS_SOURCES.filled(), always=True)
    if word := _FRESH.search(question):
        said = next(group for group in word.groups() if group)
        return Rule(_ASKS_NOW.filled(word=said))
    if passages and passages[0].restricted:
        return Rule(_RESTRICTED.filled())
    return None


def _named(question: str, passages: Sequence[Passage]) -> str:
    """The title of a document found that the question quotes, or names as a document."""
    asked = _folded(question)
    quoted = {_folded(match[1]) for match in _QUOTED.finditer(question)}
    files = {match[0].casefold() for match in _FILE.finditer(question)}
    for passage in passages:
        title = _folded(passage.title)
        if passage.uri.rsplit("/", 1)[-1].casefold() in files:
            return passage.title or passage.uri
        if not _SHORTEST_TITLE <= len(title) <= _LONGEST_TITLE:
            continue
        if title in quoted or _as_document(title).search(asked):
            return passage.title
    return ""


def _as_document(title: str) -> re.Pattern[str]:
    """``according to TITLE``, ``the TITLE page``: a title alone is often just what is asked."""
    name = re.escape(title)
    return re.compile(
        rf"\b(?:according to|as per|stated in|written in) (?:the |our )?{name}\b"
        rf"|\b{name} {_KIND}\b|{name}(?:这|那)?(?:份|篇|个)?(?:文档|手册|指南|制度|页面|文件)"
    )


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
