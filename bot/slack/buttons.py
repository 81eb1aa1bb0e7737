"""What a reader can do with an answer: say whether it was good, ask a person, share it."""

from collections.abc import Sequence

from agent.answers import Answer
from agent.texts import Text
from bot.slack.actions import ASK_EXPERT, FEEDBACK, SHARE
from bot.slack.frame import Block, Frame

_GOOD = Text("Good answer", "回答得好")
_BAD = Text("Not good", "回答得不好")
_GOOD_SAID = Text("This answer was good", "这个回答很好")
_BAD_SAID = Text("This answer was not good: say what is wrong", "这个回答不好：说说哪里有问题")
_ASK_EXPERT = Text("Ask an expert", "请教专家")
_SHARE = Text("Share with channel", "分享到频道")


def buttons(answer: Answer, frame: Frame) -> tuple[Block, ...]:
    """Under an answer or an abstention; nothing under small talk and notices."""
    shown = _of_answer(answer, frame)
    if not shown:
        return ()
    rated = () if answer.abstained else (_feedback(frame),)
    return (*rated, {"type": "actions", "elements": [*shown]})


def plain_buttons(answer: Answer, frame: Frame) -> tuple[Block, ...]:
    """The same of ordinary buttons; the two ratings stand in blocks of their own.

    Both have the same id, which within one block is not allowed.
    """
    shown = _of_answer(answer, frame)
    if not shown:
        return ()
    if answer.abstained:
        return ({"type": "actions", "elements": [*shown]},)
    good = _button(FEEDBACK, f"👍 {_GOOD.to(frame.language)}", f"good:{frame.mention}")
    bad = _button(FEEDBACK, f"👎 {_BAD.to(frame.language)}", f"bad:{frame.mention}")
    return (
        {"type": "actions", "elements": [good]},
        {"type": "actions", "elements": [bad, *shown]},
    )


def _of_answer(answer: Answer, frame: Frame) -> Sequence[Block]:
    if frame.mention is None or answer.route in {"chat", "clarify"}:
        return ()
    expert = _button(ASK_EXPERT, _ASK_EXPERT.to(frame.language), str(frame.mention))
    if answer.abstained:
        return ({**expert, "style": "primary"},)
    if not frame.shareable:
        return (expert,)
    return (expert, _button(SHARE, _SHARE.to(frame.language), str(frame.mention)))


def _feedback(frame: Frame) -> Block:
    def rating(text: Text, said: Text, value: str) -> Block:
        return {
            "text": _plain(text.to(frame.language)),
            "accessibility_label": said.to(frame.language),
            "value": f"{value}:{frame.mention}",
        }

    return {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": FEEDBACK,
                "positive_button": rating(_GOOD, _GOOD_SAID, "good"),
                "negative_button": rating(_BAD, _BAD_SAID, "bad"),
            }
        ],
    }


def _button(action: str, label: str, value: str) -> Block:
    return {"type": "button", "action_id": action, "text": _plain(label), "value": value}


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": True}
