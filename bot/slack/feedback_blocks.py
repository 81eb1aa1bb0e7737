"""What the people are sent who are asked: an answer to correct, a question to answer."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from agent.answers import Citation
from agent.feedback.handovers import Handover
from agent.feedback.votes import Fault, Vote
from agent.reading.languages import Language
from agent.texts import Text
from bot.slack import actions
from bot.slack.blocks import Block, Message
from bot.slack.mrkdwn import escape, link, to_mrkdwn
from bot.slack.splitting import pack

SECTION = 3000
"""Characters in one text object."""

_SECTIONS = 8
_LONGEST_QUOTE = 2_000
"""Characters of a question or a remark that are shown; the permalink leads to the rest."""

FAULTS: dict[Fault, Text] = {
    "wrong": Text(en="It is wrong", zh="内容有误"),
    "outdated": Text(en="It is outdated", zh="内容过时"),
    "missing": Text(en="Something is missing", zh="有遗漏"),
    "unclear": Text(en="It is unclear", zh="表达不清"),
}
_DOUBTED = Text(
    en="*{critic} doubts an answer of mine.* You answer for it: is it right?",
    zh="*{critic}对我的一个回答有疑问。*\n您是相关负责人，请确认它是否正确。",
)
_ASKED = Text(
    en="*{asker} asks what I could not answer.* Can you?",
    zh="*{asker}的问题我没能回答。*\n您能帮忙解答吗？",
)
_QUESTION = Text(en="*Question*", zh="*问题*")
_WHERE = Text(en="where it was asked", zh="提问处")
_PRIVATELY = Text(en="asked privately", zh="私下提问")
_ANSWER = Text(en="*My answer*", zh="*我的回答*")
_LONGER = Text(en="_The answer goes on where it was asked._", zh="_回答的其余部分见提问处。_")
_SOURCES = Text(en="*Its sources*", zh="*来源*")
_SAYS = Text(en="*{critic} says*", zh="*{critic}说*")
_NEAREST = Text(
    en="I searched the documents and what I was taught. The nearest:",
    zh="我查过文档和学过的内容，最接近的是：",
)
_NOTHING_NEAR = Text(
    en="I searched the documents and what I was taught; nothing that you may see came near.",
    zh="我查过文档和学过的内容，没有您可以查看的相近内容。",
)
_HOW = Text(
    en="Press *Answer*, or write the answer in this message's thread. It goes back in your name.",
    zh="请点“回答”，或直接在这条消息的消息列中回复。回答会以您的名义转达。",
)
_CORRECT = Text(en="Correct it", zh="更正")
_IS_RIGHT = Text(en="It is right", zh="回答正确")
_NOT_MINE = Text(en="Not mine", zh="不归我管")
_TO_ANSWER = Text(en="Answer", zh="回答")
_REMEMBER = Text(en="Remember this answer", zh="记住这个回答")
_SEND = Text(en="Send this", zh="发送")
_IS_IT_THE_ANSWER = Text(
    en="Shall I send this to {asker} as your answer?", zh="要把这段话作为您的回答发给{asker}吗？"
)


@dataclass(frozen=True, slots=True)
class Case:
    """A hand-over with all that its task shows; names are as Slack has them."""

    handover: Handover
    asker: str
    link: str = field(default="", repr=False)
    """To where it was asked; empty where the person asked cannot go there."""
    sources: tuple[Citation, ...] = ()
    nearest: tuple[Citation, ...] = ()
    """What came nearest to a question, of what the person asked may see."""
    searched: bool = False
    votes: tuple[tuple[str, Vote], ...] = ()
    """The critics' names and votes."""


def task(case: Case, reader: Language) -> Message:
    """What asks a person to correct or to answer."""
    if case.handover.kind == "question":
        return _question(case, reader)
    critic = case.votes[0][0] if case.votes else case.asker
    parts = [_DOUBTED.to(reader, critic=escape(critic)), *_asked(case, reader)]
    answer = pack(to_mrkdwn(case.handover.answer) or ("…",), SECTION - 100)
    parts.append(f"{_ANSWER.to(reader)}\n{answer[0]}")
    parts += answer[1:_SECTIONS]
    if len(answer) > _SECTIONS:
        parts.append(_LONGER.to(reader))
    if case.sources:
        sources = (f"[{one.n}] {link(one.link or one.uri, one.title)}" for one in case.sources)
        parts.append("\n".join((_SOURCES.to(reader), *sources)))
    for name, vote in case.votes:
        said = [FAULTS[vote.fault].to(reader)] if vote.fault else []
        said += [quoted(vote.said)] if vote.said else []
        if said:
            parts.append("\n".join((_SAYS.to(reader, critic=escape(name)), *said)))
    number = str(case.handover.id)
    return message(
        pack(parts, SECTION),
        button(_CORRECT.to(reader), actions.CORRECT, number, style="primary"),
        button(_IS_RIGHT.to(reader), actions.IS_RIGHT, number),
        button(_NOT_MINE.to(reader), actions.NOT_MINE, f"{number}:{case.handover.step}"),
    )


def _question(case: Case, reader: Language) -> Message:
    parts = [_ASKED.to(reader, asker=escape(case.asker)), *_asked(case, reader)]
    if case.nearest:
        titles = (f"• {link(one.link or one.uri, one.title)}" for one in case.nearest)
        parts.append("\n".join((_NEAREST.to(reader), *titles)))
    elif case.searched:
        parts.append(_NOTHING_NEAR.to(reader))
    parts.append(_HOW.to(reader))
    number = str(case.handover.id)
    return message(
        pack(parts, SECTION),
        button(_TO_ANSWER.to(reader), actions.ANSWER, number, style="primary"),
        button(_NOT_MINE.to(reader), actions.NOT_MINE, f"{number}:{case.handover.step}"),
    )


def _asked(case: Case, reader: Language) -> Sequence[str]:
    where = _PRIVATELY.to(reader)
    if case.link:
        where = link(case.link, _WHERE.to(reader))
    return (f"{_QUESTION.to(reader)} ({where})\n{quoted(case.handover.question)}",)


def settled(lines: Sequence[str], remember: str = "", reader: Language = "en") -> Message:
    """A task that is done: what became of it, and perhaps a button to remember the answer."""
    button_ = button(_REMEMBER.to(reader), actions.REMEMBER, remember, style="primary")
    return message(pack(lines, SECTION), *((button_,) if remember else ()))


def reply_offer(text: str, reply: str, asker: str, reader: Language) -> Message:
    """What an expert wrote below a task, to be sent as the answer or not."""
    parts = pack((_IS_IT_THE_ANSWER.to(reader, asker=escape(asker)), *to_mrkdwn(text)), SECTION)
    return message(parts, button(_SEND.to(reader), actions.SEND_REPLY, reply, style="primary"))


def message(sections: Sequence[str], *buttons: Block) -> Message:
    """Sections of mrkdwn, and below them buttons."""
    blocks: list[Block] = [
        {"type": "section", "text": {"type": "mrkdwn", "text": one, "verbatim": True}}
        for one in sections
    ]
    if buttons:
        blocks.append({"type": "actions", "elements": list(buttons)})
    return Message("\n\n".join(sections), tuple(blocks))


def button(label: str, action: str, value: str, style: str = "") -> Block:
    """A button with a plain label."""
    made: Block = {
        "type": "button",
        "text": {"type": "plain_text", "text": label},
        "action_id": action,
        "value": value,
    }
    return made | ({"style": style} if style else {})


def quoted(text: str) -> str:
    """What a person wrote, as a quotation; a long one is said to go on."""
    shown = text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}…"
    return "\n".join(f"> {escape(line)}" for line in shown.splitlines() or ("",))
