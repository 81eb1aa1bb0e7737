"""A line to whoever clicked, for nobody else's eyes."""

from agent.texts import Text
from bot.jobs.errand import Hands
from bot.slack import clicks
from bot.slack import feedback_blocks_told as told
from bot.slack.errands.home_again import back_home
from bot.slack.errors import SlackError

_SAYINGS = {
    clicks.PRESS_AGAIN: told.PRESS_AGAIN,
    clicks.NOT_ASKED: told.NOT_ASKED,
    clicks.GONE: told.GONE,
}


async def say(hands: Hands) -> None:
    """The line that the payload names."""
    await privately(hands, _SAYINGS[hands.payload["say"]])


async def privately(hands: Hands, text: Text, **places: str) -> None:
    """In Home if it was clicked there, or by ``response_url``, else directly; never twice."""
    if hands.held.progress.get("said privately") is not None:
        return
    person = hands.held.errand.person
    message = told.line(text, (await hands.workspace.people.about(person)).language, **places)
    if await back_home(hands, message.text):
        return
    if url := hands.payload.get("response_url"):
        try:
            await hands.workspace.poster.respond(str(url), message, replace=False)
        except SlackError:  # it is open for half an hour only
            pass
        else:
            await hands.note(**{"said privately": True})
            return
    await hands.send("privately", await hands.direct(person), (message,))
