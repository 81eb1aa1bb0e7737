"""What people see: an answer as Block Kit messages. Values in, blocks out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent.answers import Answer, Citation, Route
from bot.slack.mrkdwn import escape, link, to_mrkdwn
from bot.slack.splitting import pack

Block = dict[str, Any]

_SECTION = 3000
"""Characters in one text object: https://docs.slack.dev/reference/block-kit/blocks/section-block"""

_SECTIONS_PER_MESSAGE = 4
"""A message of 12,000 characters is long enough to read; Slack shortens at 40,000."""

_LABELS: dict[Route, str] = {
    "knowledge": "From the documents",
    "domain": "From the team's verified answers",
    "both": "From the documents and the team's verified answers",
}
_LONGEST_ASKED = 150
_PATH = " › "


@dataclass(frozen=True, slots=True)
class Message:
    """One message: ``text`` says all of it without blocks, for notifications and old servers."""

    text: str
    blocks: tuple[Block, ...]


def answer_messages(answer: Answer, asked: str = "") -> tuple[Message, ...]:
    """The answer, its sources and where it comes from; more than one message when it is long.

    ``asked`` repeats the question above the answer, where Slack does not show it.
    """
    sources = {citation.n: citation.link or citation.uri for citation in answer.citations}
    sections = pack(to_mrkdwn(answer.text, sources) or ("…",), _SECTION)
    groups = [
        sections[start : start + _SECTIONS_PER_MESSAGE]
        for start in range(0, len(sections), _SECTIONS_PER_MESSAGE)
    ]
    last = len(groups) - 1
    return tuple(
        _message(
            group,
            above=_asked(asked) if index == 0 else (),
            below=(*_sources(answer.citations), *_origin(answer)) if index == last else (),
        )
        for index, group in enumerate(groups)
    )


def _message(sections: Sequence[str], above: Sequence[str], below: Sequence[str]) -> Message:
    blocks = (
        *map(_context, above),
        *({"type": "section", "text": _mrkdwn(section)} for section in sections),
        *map(_context, below),
    )
    return Message("\n\n".join((*above, *sections, *below)), blocks)


def _mrkdwn(text: str) -> Block:
    # Verbatim: Slack makes no links and no mentions of its own out of plain text.
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [_mrkdwn(text)]}


def _asked(question: str) -> Sequence[str]:
    if not question:
        return ()
    line = " ".join(question.split())
    short = line if len(line) <= _LONGEST_ASKED else f"{line[:_LONGEST_ASKED]}…"
    return (f"You asked: {escape(short)}",)


def _sources(citations: Sequence[Citation]) -> Sequence[str]:
    return pack(map(_source, citations), _SECTION, joint="\n")


def _source(citation: Citation) -> str:
    named = link(citation.link or citation.uri, _PATH.join((citation.title, *citation.heading)))
    # What no browser opens is at least known by its file's name.
    file = "" if named.startswith("<") else citation.uri.rpartition("/")[2]
    return f"[{citation.n}] {named}" + (f" ({escape(file)})" if file else "")


def _origin(answer: Answer) -> Sequence[str]:
    """Where the answer comes from, how sure it is and why; nothing about small talk."""
    if answer.route in {"chat", "clarify"}:
        return ()
    parts = [escape(" ".join(answer.reason.split()))]
    if not answer.abstained:
        quoted = answer.route == "knowledge" and answer.model == "extractive"
        label = "Quoted from the documents" if quoted else _LABELS.get(answer.route, "")
        parts = [label, f"{answer.confidence:.0%} sure", *parts]
    line = " · ".join(part for part in parts if part)
    return (line[: _SECTION - 1],) if line else ()
