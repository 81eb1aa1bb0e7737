"""A line to whoever clicked or spoke, for nobody else's eyes."""

from agent.texts import Text
from bot.jobs.errand import Hands
from bot.slack import clicks
from bot.slack import feedback_blocks_told as told
from bot.slack.blocks import Message
from bot.slack.connection import answered
from bot.slack.errands.home_again import back_home
from bot.slack.errors import SlackError
from bot.slack.feedback_blocks import message

_SAID, _DIRECTLY = "said privately", "directly"
"""What is noted of a line: that it is out, and that it goes out as a direct message."""

_SAYINGS = {
    clicks.PRESS_AGAIN: told.PRESS_AGAIN,
    clicks.NOT_ASKED: told.NOT_ASKED,
    clicks.GONE: told.GONE,
    clicks.NOT_VALID: Text(
        en="This button is no longer valid, so I did nothing. Ask again, or open the page again, "
        "and use the new one.",
        zh="这个按钮已失效，我没有执行任何操作。请重新提问或重新打开页面，再使用新的按钮。",
    ),
    clicks.SWITCHED_OFF: Text(
        en="I am switched off in this channel. Ask me in a direct message, or with `/ask`.",
        zh="我在这个频道里已停用。请私信我，或使用 `/ask`。",
    ),
    clicks.NOTHING_TO_ANSWER: Text(
        en="There is no text in that message that I could answer.",
        zh="这条消息里没有我能回答的文字。",
    ),
}


async def say(hands: Hands) -> None:
    """The line that the payload names; ``heard`` is the channel that it is said in."""
    await privately(hands, _SAYINGS[hands.payload["say"]])


async def privately(
    hands: Hands, said: Text | str, *, replace: bool = False, **places: str
) -> None:
    """In Home, by ``response_url`` or in the channel, wherever it was clicked, else directly.

    Where that may have failed it is said directly: twice is better than not at all. ``said`` is
    mrkdwn where it is a str; what fills a text's places is escaped.
    """
    if was_said(hands):
        return
    person = hands.held.errand.person
    reader = (await hands.workspace.people.about(person)).language
    line = told.line(said, reader, **places) if isinstance(said, Text) else message((said,))
    if await back_home(hands, line.text):
        return
    if _DIRECTLY not in hands.held.progress:
        if await _at_once(hands, line, replace=replace):
            await hands.note(**{_SAID: True})
            return
        # Whoever resumes must not find that it works now, and say it a second time.
        await hands.note(**{_DIRECTLY: True})
    await hands.send("privately", await hands.direct(person), (line,))


def was_said(hands: Hands) -> bool:
    """Whether an earlier run of this errand has said its line."""
    return bool({_SAID, "sent privately"} & set(hands.held.progress))


async def _at_once(hands: Hands, line: Message, *, replace: bool) -> bool:
    """Where it was clicked or said; False when that is not possible, or no longer."""
    payload, workspace = hands.payload, hands.workspace
    try:
        if url := payload.get("response_url"):
            await workspace.poster.respond(str(url), line, replace=replace)
            return True
        if channel := payload.get("heard"):
            thread = {"thread_ts": payload["thread_ts"]} if payload.get("thread_ts") else {}
            whom = {"channel": channel, "user": hands.held.errand.person}
            arguments = {**whom, **thread, "text": line.text}
            await answered(workspace.client.api_call("chat.postEphemeral", json=arguments))
            return True
    except SlackError:  # a response_url is open for half an hour only
        pass
    return False
