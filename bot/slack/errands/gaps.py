"""``/knowhow gaps``: what the person who asks may see of what is missing."""

from dataclasses import dataclass

from agent.errands import Errand
from agent.reading.languages import Language
from agent.texts import Text
from bot.jobs.errand import Hands
from bot.slack import sending
from bot.slack.desk import Desk
from bot.slack.errors import Refused, SlackError
from bot.slack.gaps_blocks import gaps_message
from bot.slack.gaps_reading import DAYS, gaps_for, shown_gaps

GAPS = "gaps"

_DIRECTLY = "directly"

_LOOKING = Text(
    "I look through what was asked in the last {days} days…", "正在查看最近 {days} 天的提问…"
)


@dataclass(frozen=True, slots=True)
class GapsAsked:
    """Who asks, and where the answer goes; ``key`` tells one command from another."""

    key: str
    team: str
    person: str
    response_url: str


async def gaps_reply(desk: Desk, asked: GapsAsked, reader: Language) -> str:
    """Write down that they want to know; returns what to acknowledge the command with."""
    payload = {"response_url": asked.response_url}
    await desk.errands.accept(Errand(GAPS, f"gaps:{asked.key}", asked.team, asked.person, payload))
    return _LOOKING.to(reader, days=DAYS)


async def gaps(hands: Hands) -> None:
    """Answer for the person's eyes only; by direct message where the command is too old."""
    workspace, errand = hands.workspace, hands.held.errand
    person = await workspace.people.about(errand.person)
    alone = await workspace.belonging.alone(person.id)
    found = await gaps_for(hands, person)
    shown = await shown_gaps(hands, found, alone)
    message = gaps_message(person.language, shown, len(found) - len(shown), DAYS)
    url = str(hands.payload.get("response_url") or "")
    if url and _DIRECTLY not in hands.held.progress:
        try:
            await workspace.poster.respond(url, message, replace=True)
        except Refused:
            await hands.note(**{_DIRECTLY: True})
        except SlackError as error:
            raise sending.undelivered(error, hands.held.attempts) from error
        else:
            return
    await hands.send("gaps", await hands.direct(person.id), [message])
