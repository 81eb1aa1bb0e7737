"""What people see: an answer as Block Kit messages. Values in, blocks out."""

from collections.abc import Sequence

from agent.answers import Answer
from agent.texts import Text
from bot.slack.buttons import buttons, plain_buttons
from bot.slack.frame import Block, Frame, Message, context, mrkdwn
from bot.slack.mrkdwn import to_mrkdwn
from bot.slack.sources import LIMIT, asked, below
from bot.slack.splitting import pack

__all__ = ["Block", "Frame", "Message", "answer_messages"]

_SECTIONS_PER_MESSAGE = 4
"""A message of 12,000 characters is long enough to read; Slack shortens at 40,000."""

_GOES_ON = Text("Part {number} of {count}, it goes on below", "第 {number}/{count} 部分，下文继续")

UNFRAMED = Frame()


def answer_messages(answer: Answer, frame: Frame = UNFRAMED) -> tuple[Message, ...]:
    """The answer, its sources and where it comes from; more than one message when it is long."""
    sources = {citation.n: citation.link or citation.uri for citation in answer.citations}
    sections = pack(to_mrkdwn(answer.text, sources, LIMIT) or ("…",), LIMIT)
    groups = [
        sections[start : start + _SECTIONS_PER_MESSAGE]
        for start in range(0, len(sections), _SECTIONS_PER_MESSAGE)
    ]
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


def _message(sections: Sequence[str], above: Sequence[str], under: Sequence[str]) -> Message:
    blocks: tuple[Block, ...] = (
        *map(context, above),
        *(_section(section) for section in sections),
        *map(context, under),
    )
    plain = tuple({k: v for k, v in block.items() if k != "expand"} for block in blocks)
    return Message("\n\n".join((*above, *sections, *under)), blocks, plain)


def _section(text: str) -> Block:
    # Expanded: nobody has to click to see the rest of an answer.
    return {"type": "section", "text": mrkdwn(text), "expand": True}
