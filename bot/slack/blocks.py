"""What people see: an answer as Block Kit messages. Values in, blocks out."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from agent.answers import Answer
from agent.texts import Text
from bot.slack.buttons import buttons, plain_buttons
from bot.slack.frame import Block, Frame, Message, context, mrkdwn
from bot.slack.mrkdwn import to_blocks
from bot.slack.sources import LIMIT, asked, below
from bot.slack.splitting import pack
from bot.slack.tables import Table

__all__ = ["Block", "Frame", "Message", "answer_messages"]

_SECTIONS_PER_MESSAGE = 4
"""A message of 12,000 characters is long enough to read; Slack shortens at 40,000."""

_GOES_ON = Text("Part {number} of {count}, it goes on below", "第 {number}/{count} 部分，下文继续")

UNFRAMED = Frame()


def answer_messages(answer: Answer, frame: Frame = UNFRAMED) -> tuple[Message, ...]:
    """The answer, its sources and where it comes from; more than one message when it is long."""
    sources = {citation.n: citation.link or citation.uri for citation in answer.citations}
    groups = _groups(_pieces(to_blocks(answer.text, sources, LIMIT) or ("…",)))
    count = len(groups)
    messages = []
    for number, group in enumerate(groups, 1):
        above = asked(frame) if number == 1 else ()
        if number < count:
            goes_on = _GOES_ON.to(frame.language, number=number, count=count)
            messages.append(_message(group, above, (goes_on,)))
        else:
            last = _message(group, above, below(answer, frame))
            clicked = buttons(answer, frame), plain_buttons(answer, frame)
            messages.append(
                Message(last.text, (*last.blocks, *clicked[0]), (*last.plain, *clicked[1]))
            )
    return tuple(messages)


@dataclass(frozen=True, slots=True)
class _Piece:
    """Sections of text, and the table that says the same where Slack takes it."""

    sections: Sequence[str]
    table: Table | None = None

    @property
    def blocks(self) -> Sequence[Block]:
        """The best form of it."""
        return tuple(map(_section, self.sections)) if self.table is None else (self.table.block,)


def _pieces(parts: Sequence[str | Table]) -> Iterator[_Piece]:
    texts: list[str] = []
    for part in parts:
        code = () if isinstance(part, str) else pack(part.as_code(LIMIT), LIMIT)
        if isinstance(part, str):
            texts.append(part)
        elif part.fits and len(code) <= _SECTIONS_PER_MESSAGE:
            yield from (_Piece((section,)) for section in pack(texts, LIMIT))
            yield _Piece(code, part)
            texts = []
        else:
            texts += code
    yield from (_Piece((section,)) for section in pack(texts, LIMIT))


def _groups(pieces: Iterable[_Piece]) -> Sequence[Sequence[_Piece]]:
    """The pieces of each message: Slack takes one table in each, another one stays code."""
    groups: list[list[_Piece]] = [[]]
    for piece in pieces:
        written = sum(len(one.sections) for one in groups[-1])
        if written and written + len(piece.sections) > _SECTIONS_PER_MESSAGE:
            groups.append([])
        second = any(one.table for one in groups[-1])
        groups[-1].append(replace(piece, table=None) if second else piece)
    return groups


def _message(group: Sequence[_Piece], above: Sequence[str], under: Sequence[str]) -> Message:
    sections = [section for piece in group for section in piece.sections]
    top, bottom = tuple(map(context, above)), tuple(map(context, under))
    blocks = (*top, *(block for piece in group for block in piece.blocks), *bottom)
    plain = (*top, *map(_plain_section, sections), *bottom)
    return Message("\n\n".join((*above, *sections, *under)), blocks, plain)


def _plain_section(text: str) -> Block:
    return {"type": "section", "text": mrkdwn(text)}


def _section(text: str) -> Block:
    # Expanded: nobody has to click to see the rest of an answer.
    return {**_plain_section(text), "expand": True}
