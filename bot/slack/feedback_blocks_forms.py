"""The forms: what is wrong with an answer, the right answer, an expert's answer."""

from typing import Any

from agent.feedback.handovers import Handover
from agent.reading.languages import Language
from agent.texts import Text
from bot.slack import actions
from bot.slack.blocks import Block
from bot.slack.feedback_blocks import FAULTS, quoted

FAULT, SAID, QUESTION, ANSWER, BLAME, AUDIENCE = (
    *("fault", "said", "question", "answer", "blame", "audience"),
)
"""Ids of the blocks that are filled in."""

EVERYONE, SAME = "everyone", "same"
"""Who may see an expert's answer: the whole team, or those who could see the question."""

_LONGEST_QUESTION, _LONGEST_TYPED = 2_000, 3_000

_SEND = Text(en="Send", zh="提交")
_CANCEL = Text(en="Cancel", zh="取消")
_CLOSE = Text(en="Close", zh="关闭")
_WRONG_TITLE = Text(en="What is wrong?", zh="哪里有问题？")
_WRONG = Text(en="What is wrong with the answer?", zh="这个回答有什么问题？")
_RIGHT = Text(en="What is right?", zh="正确的内容是什么？")
_SHOWN_TO = Text(
    en="Your words go, with the question and the answer, to whoever answers for the sources, and "
    "only to them.",
    zh="您填写的内容会连同问题和回答一起，只发给相关资料的负责人。",
)
_CORRECT_TITLE = Text(en="The right answer", zh="正确的回答")
_ASKED = Text(en="*It was asked:*", zh="*原问题：*")
_QUESTION_LABEL = Text(en="The question, in your own words", zh="用您自己的话写出问题")
_QUESTION_HINT = Text(
    en="Whoever asks this will get your answer. It is kept in your name.",
    zh="以后有人这样问，就会得到您的回答。它会以您的名义保存。",
)
_ANSWER_LABEL = Text(en="The answer", zh="回答")
_BLAME_LABEL = Text(en="The cause", zh="原因")
_BLAME = Text(en="The document says it wrongly", zh="文档本身有误")
_AUDIENCE_LABEL = Text(en="Who may get this answer", zh="谁可以得到这个回答")
_TO_EVERYONE = Text(en="Everyone in the team", zh="团队所有人")
_TO_SAME = Text(en="Only those who could see the question", zh="仅限能看到原问题的人")
_ANSWER_TITLE = Text(en="Your answer", zh="您的回答")
_DONE_TITLE = Text(en="Thank you", zh="谢谢")


def complaint_form(mention: str, reader: Language) -> dict[str, Any]:
    """What is wrong with an answer."""
    faults = [_option(text.to(reader), fault) for fault, text in FAULTS.items()]
    choice = {"type": "radio_buttons", "action_id": FAULT, "options": faults}
    return _form(
        actions.COMPLAINT_FORM,
        mention,
        _WRONG_TITLE.to(reader),
        reader,
        _input(FAULT, _WRONG.to(reader), choice),
        _input(SAID, _RIGHT.to(reader), _typed(SAID), optional=True),
        {"type": "context", "elements": [_plain(_SHOWN_TO.to(reader))]},
    )


def correction_form(
    handover: Handover, question: str, answer: str, reader: Language
) -> dict[str, Any]:
    """The right answer; ``question`` and ``answer`` are filled in already, empty: they are not."""
    asked = f"{_ASKED.to(reader)}\n{quoted(handover.question)}"
    blocks: list[Block] = [
        {"type": "section", "text": {"type": "mrkdwn", "text": asked, "verbatim": True}},
        _input(
            QUESTION,
            _QUESTION_LABEL.to(reader),
            _typed(QUESTION, question, _LONGEST_QUESTION),
            hint=_QUESTION_HINT.to(reader),
        ),
        _input(ANSWER, _ANSWER_LABEL.to(reader), _typed(ANSWER, answer)),
    ]
    if handover.documents:
        box = {
            "type": "checkboxes",
            "action_id": BLAME,
            "options": [_option(_BLAME.to(reader), BLAME)],
        }
        blocks.append(_input(BLAME, _BLAME_LABEL.to(reader), box, optional=True))
    elif EVERYONE not in handover.audience:
        same = _option(_TO_SAME.to(reader), SAME)
        choice = {
            "type": "radio_buttons",
            "action_id": AUDIENCE,
            "options": [same, _option(_TO_EVERYONE.to(reader), EVERYONE)],
            "initial_option": same,
        }
        blocks.append(_input(AUDIENCE, _AUDIENCE_LABEL.to(reader), choice))
    title = _CORRECT_TITLE.to(reader)
    return _form(actions.CORRECTION_FORM, str(handover.id), title, reader, *blocks)


def answer_form(handover: Handover, reader: Language) -> dict[str, Any]:
    """An expert's answer to a question."""
    asked = f"{_ASKED.to(reader)}\n{quoted(handover.question)}"
    return _form(
        actions.ANSWER_FORM,
        str(handover.id),
        _ANSWER_TITLE.to(reader),
        reader,
        {"type": "section", "text": {"type": "mrkdwn", "text": asked, "verbatim": True}},
        _input(ANSWER, _ANSWER_LABEL.to(reader), _typed(ANSWER)),
    )


def done_view(text: str, reader: Language) -> dict[str, Any]:
    """What a form becomes once it is sent off."""
    return {
        "type": "modal",
        "title": _plain(_DONE_TITLE.to(reader)),
        "close": _plain(_CLOSE.to(reader)),
        "blocks": [{"type": "section", "text": _plain(text)}],
    }


def _form(
    callback: str, metadata: str, title: str, reader: Language, *blocks: Block
) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": callback,
        "private_metadata": metadata,
        "title": _plain(title),
        "submit": _plain(_SEND.to(reader)),
        "close": _plain(_CANCEL.to(reader)),
        "blocks": list(blocks),
    }


def _input(
    block: str, label: str, element: Block, *, optional: bool = False, hint: str = ""
) -> Block:
    made = {"type": "input", "block_id": block, "label": _plain(label), "element": element}
    return made | {"optional": optional} | ({"hint": _plain(hint)} if hint else {})


def _typed(action: str, value: str = "", longest: int = _LONGEST_TYPED) -> Block:
    element: Block = {"type": "plain_text_input", "action_id": action, "multiline": True}
    element["max_length"] = longest
    return element | ({"initial_value": value} if 0 < len(value) <= longest else {})


def _option(label: str, value: str) -> Block:
    return {"text": _plain(label), "value": value}


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}
