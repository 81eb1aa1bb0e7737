"""What is said instead of an answer, so that nothing accepted ends in silence."""

from uuid import UUID

from agent.answers import Answer
from agent.reading.languages import Language
from agent.texts import Said, Text

EMPTY = Text(
    "Ask me something and I look it up, for example: *How many days of leave do I have?* "
    "Attach a file and I read it for our conversation.",
    "问我一个问题，我来查找，例如：*我有多少天年假？* 附上文件，我会为这次对话阅读它。",
)
NOT_HERE = Text(
    "I am not in that channel, so I cannot answer there: invite me with `/invite`, then choose "
    "“Answer this” again. Or ask me here.",
    "我不在那个频道里，无法在那里回答：请用 `/invite` 邀请我，再选择“Answer this”；"
    "也可以在这里问我。",
)
STOPPED = Text("Stopped at your request.", "已按您的要求停止。")
STOPPED_BY_SOMEBODY = Text(
    "Stopped by somebody in this conversation.", "这个对话中有人停止了回答。"
)
_FAILED = Text(
    "I could not answer this: something went wrong on my side{why}. "
    "Please ask again; if it keeps happening, give whoever runs me this id: `{id}`",
    "这个问题我没能回答：我这边出了问题{why}。请再问一次；如果一直这样，请把这个编号告诉管理员：`{id}`",
)
_WHY = Text(" ({why})", "（{why}）")


def notice(text: str) -> Answer:
    """A friendly word that is no answer; Markdown."""
    return Answer(
        text=text,
        route="clarify",
        confidence=1.0,
        reason=Said(),
        abstained=False,
        citations=(),
        model="none",
        timings_ms={},
        cost_usd=0.0,
    )


def apology(row: UUID, reader: Language = "en", why: Said | str = "") -> Answer:
    """An explanation with the id under which the table and the log know more.

    ``why`` is a line meant for people, never an exception's own words.
    """
    because = _WHY.to(reader, why=why) if why else ""
    return notice(_FAILED.to(reader, why=because, id=row))
