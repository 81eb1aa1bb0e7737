"""Suggested prompts for whoever opens the conversation with us."""

import logging
from datetime import UTC, datetime

from agent.suggesting import suggested
from bot.jobs.errand import Hands
from bot.slack.connection import answered
from bot.slack.errors import Refused, SlackError
from bot.slack.sending import undelivered
from bot.slack.suggestions import MOST, TITLE, prompts

logger = logging.getLogger(__name__)


async def suggest(hands: Hands) -> None:
    """Set them; where Slack knows no prompts, or not here, nobody misses anything."""
    errand, workspace = hands.held.errand, hands.workspace
    person = await workspace.people.about(errand.person)
    alone = await workspace.belonging.alone(person.id)
    channels = () if person.outside else await workspace.belonging.channels(person.id)
    questions = await suggested(
        hands.desk.database,
        alone,
        team=errand.team,
        person=person.id,
        channels=channels,
        spoken=person.language,
        salt=f"{datetime.now(UTC):%Y-%m-%d} {person.id}",
        limit=MOST,
    )
    arguments = {
        "channel_id": hands.payload["channel"],
        "title": TITLE.to(person.language),
        "prompts": prompts(questions, person.language),
    }
    if hands.payload.get("thread_ts"):
        arguments["thread_ts"] = hands.payload["thread_ts"]
    client = workspace.client
    try:
        await answered(client.api_call("assistant.threads.setSuggestedPrompts", json=arguments))
    except Refused as error:
        logger.info("no suggested prompts: %s", error)
    except SlackError as error:
        raise undelivered(error, hands.held.attempts) from error
