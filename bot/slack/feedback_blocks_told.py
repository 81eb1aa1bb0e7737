"""What those who asked, doubted and answered are told."""

from agent.reading.languages import Language
from agent.texts import Text
from bot.slack.blocks import Message
from bot.slack.feedback_blocks import SECTION, message
from bot.slack.mrkdwn import escape, to_mrkdwn
from bot.slack.splitting import pack

THANKS = Text(en="Thank you, that helps.", zh="谢谢，这很有帮助。")
NOTED = Text(
    en="Noted. Whoever answers for it is asked now; what comes of it is told where you asked.",
    zh="已记录。现在会去问相关负责人，结果会告知在提问处。",
)
PRESS_AGAIN = Text(
    en="Slack did not open the form: please press again.", zh="Slack 没能打开表单，请再点一次。"
)
NOT_YOURS = Text(
    en="Only people who can see that answer can do this.", zh="只有能看到该回答的人才能这样做。"
)
NOT_ASKED = Text(
    en="This is for those who were asked, and for admins.", zh="只有被询问的人和管理员才能处理。"
)
GONE = Text(en="That is not there any more.", zh="该内容已不存在。")
NOBODY = Text(
    en="Nobody could be asked: no owner or expert who may see it can be reached. "
    "It waits in my Home tab for an admin.",
    zh="找不到可以询问的人：没有能看到它的负责人或专家。它会在我的“主页”里等待管理员处理。",
)
NO_EXPERT = Text(
    en="No expert is set for this channel, so nobody was asked. An admin sets one with "
    "`/knowhow policy`.",
    zh="此频道没有设置专家，因此没有问到任何人。管理员可以用 `/knowhow policy` 设置。",
)
SENT = Text(en="Done: it is passed on in your name.", zh="好的：已以您的名义转达。")
SAVED = Text(en="Done: from now on I answer so.", zh="好的：以后我会这样回答。")
ONLY_TEXT = Text(en="I can only pass on text.", zh="我只能转达文字。")
HOW_TO_CORRECT = Text(
    en="To correct the answer, press *Correct it* above.", zh="要更正回答，请点上方的“更正”。"
)

PASSED_ON = Text(
    en="I passed this on to {names}. The answer comes here.",
    zh="我已把问题转给{names}，有了回答会发在这里。",
)
ALREADY = Text(
    en="I have passed this on already, to {names}. The answer comes where it was asked.",
    zh="这个问题我已经转给{names}了，有了回答会发在提问处。",
)
SETTLED = Text(en="{name} has settled this already.", zh="{name}已经处理过了。")
_CORRECTED = Text(en="*{name} corrected my answer:*", zh="*{name}更正了我的回答：*")
HOLDS = Text(
    en="{name} looked at the answer above: it is right.", zh="{name}核对过上面的回答：正确。"
)
_ANSWERED = Text(en="*{name} answers:*", zh="*{name}回答：*")
_ON = Text(en="_The question was:_ {question}", zh="_原问题：_{question}")
_YOUR_DOCUMENT = Text(
    en="*Your document {titles} says something wrongly,* {name} finds. Right is:",
    zh="*{name}认为您的文档{titles}有误。*\n正确的是：",
)
_UNTIL = Text(en="I answer so until the document changes.", zh="在文档更新之前，我会这样回答。")
_TASK_SAVED = Text(
    en="Kept in {name}'s name: from now on I answer so, and am tested on it.",
    zh="已以{name}的名义保存：以后我会这样回答，并以此测试自己。",
)
_TAUGHT = Text(en="The next training may learn from it.", zh="下次训练可以从中学习。")
_WAITS = Text(
    en="Before it is trained on, an admin has to approve it.", zh="用于训练之前，需要管理员批准。"
)
_TASK_RIGHT = Text(en="{name}: the answer is right.", zh="{name}：回答正确。")
_TASK_ANSWERED = Text(en="Answered by {name}.", zh="已由{name}回答。")
_TASK_PASSED = Text(en="Passed on to {names}.", zh="已转给{names}。")
_TASK_NOBODY = Text(
    en="Passed on; nobody else is left to ask, so it waits for an admin.",
    zh="已转出；没有其他人可问，等待管理员处理。",
)

_SHORT = 150


def line(text: Text, reader: Language, **places: str) -> Message:
    """A line of ours; what fills its places is escaped here."""
    return message((text.to(reader, **{name: escape(one) for name, one in places.items()}),))


def corrected(name: str, question: str, answer: str, reader: Language) -> Message:
    """The corrected answer, for all who read the wrong one."""
    return _answer(_CORRECTED.to(reader, name=escape(name)), question, answer, reader)


def answered(name: str, question: str, answer: str, reader: Language) -> Message:
    """An expert's answer."""
    return _answer(_ANSWERED.to(reader, name=escape(name)), question, answer, reader)


def your_document(name: str, titles: str, answer: str, reader: Language) -> Message:
    """To a document's owner, when it is to blame."""
    opening = _YOUR_DOCUMENT.to(reader, name=escape(name), titles=escape(titles))
    parts = (opening, *to_mrkdwn(answer), _UNTIL.to(reader))
    return message(pack(parts, SECTION))


def task_saved(name: str, reader: Language, *, approved: bool) -> tuple[str, ...]:
    """What a correction's task becomes."""
    return (
        _TASK_SAVED.to(reader, name=escape(name)),
        (_TAUGHT if approved else _WAITS).to(reader),
    )


def task_right(name: str, reader: Language) -> tuple[str, ...]:
    """What a task becomes when the answer is right."""
    return (_TASK_RIGHT.to(reader, name=escape(name)),)


def task_answered(name: str, reader: Language) -> tuple[str, ...]:
    """What a question's task becomes."""
    return (_TASK_ANSWERED.to(reader, name=escape(name)),)


def task_passed(names: str, reader: Language) -> tuple[str, ...]:
    """What a task becomes that was not theirs."""
    return (_TASK_PASSED.to(reader, names=escape(names)) if names else _TASK_NOBODY.to(reader),)


def _answer(opening: str, question: str, answer: str, reader: Language) -> Message:
    short = " ".join(question.split())
    short = short if len(short) <= _SHORT else f"{short[:_SHORT]}…"
    parts = (opening, *(to_mrkdwn(answer) or ("…",)), _ON.to(reader, question=escape(short)))
    return message(pack(parts, SECTION))
