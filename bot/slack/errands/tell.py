"""Saying a line to one person, where nobody else sees it."""

from collections.abc import Mapping
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from agent.texts import Text
from bot.jobs.errand import Hands
from bot.slack.blocks import Message
from bot.slack.connection import answered
from bot.slack.errors import SlackError

SAYINGS = {
    "switched_off": Text(
        en="I am switched off in this channel. Ask me in a direct message, or with `/ask`.",
        zh="我在这个频道里已停用。请私信我，或使用 `/ask`。",
    ),
    "nothing_to_answer": Text(
        en="There is no text in that message that I could answer.",
        zh="这条消息里没有我能回答的文字。",
    ),
}


async def tell(hands: Hands) -> None:
    """Say a known line (``say``) by ``response_url``, or in the ``channel``, else directly.

    A line that may have been said is not said again: it is no answer.
    """
    person = hands.held.errand.person
    language = (await hands.workspace.people.about(person)).language
    line = SAYINGS[hands.payload["say"]].to(language)
    await privately(hands, line)


async def privately(hands: Hands, line: str, *, replace: bool = False) -> None:
    """The line to whoever the errand is of, for nobody else's eyes."""
    if hands.held.progress.get("said") is not None:
        return
    message = Message(line, ({"type": "section", "text": {"type": "mrkdwn", "text": line}},))
    payload, person = hands.payload, hands.held.errand.person
    try:
        if payload.get("response_url"):
            await hands.workspace.poster.respond(payload["response_url"], message, replace=replace)
        else:
            await _ephemeral(hands.workspace.client, payload, person, line)
        await hands.note(said=True)
    except SlackError:
        await hands.send("said", await hands.direct(person), (message,))


async def _ephemeral(
    client: AsyncWebClient, payload: Mapping[str, Any], person: str, line: str
) -> None:
    arguments = {"channel": payload["channel"], "user": person, "text": line}
    if payload.get("thread_ts"):
        arguments["thread_ts"] = payload["thread_ts"]
    await answered(client.api_call("chat.postEphemeral", json=arguments))
