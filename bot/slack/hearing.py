"""What of all that is said we take as a question: the channel's policy decides."""

import logging
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from agent.errands import Errand
from agent.hearing import CATCH_UP, SLACK_RETRIES_FOR, Hearing
from agent.mentions import Mention
from agent.policies import Policy
from bot.slack.clicks import SAY, SWITCHED_OFF
from bot.slack.connection import Identity
from bot.slack.desk import Desk
from bot.slack.inbound import read_event

logger = logging.getLogger(__name__)

CATCH_UP_PLACE = "catch_up_place"
"""The errand's kind: a channel or a thread is read up."""

_LATE_S = 10.0
"""What comes later than this is not Slack's first try."""

_MARGIN_S = 60.0
"""By which our clock may be behind Slack's."""


async def hear_event(desk: Desk, body: Mapping[str, Any], me: Identity) -> None:
    """Hear what Slack's event says, which may be its second or third try."""
    mention = read_event(body, me)
    await hear(desk, mention, late=mention is not None and _came_late(body["event"], mention))
    sent = datetime.fromtimestamp(float(body.get("event_time") or time.time()), UTC)
    if datetime.now(UTC) - sent > SLACK_RETRIES_FOR:
        team = str(body.get("team_id") or me.team)
        if await Hearing(desk.database, desk.errands).missed(team, sent):
            logger.warning("nothing reached us for some time: what was asked then is read up")


async def hear(desk: Desk, mention: Mention | None, *, late: bool = False) -> None:
    """Write the question down if it is to be answered; called where we are off, say so.

    A call that came ``late`` was overtaken by what followed in its thread. That said nothing to us
    before, and is read up.
    """
    if mention is None:
        return
    if mention.kind != "direct":
        policy = await desk.policies.of(mention.team, mention.channel)
        if policy.answers == "never" and mention.kind == "mention":
            await desk.errands.accept(_switched_off(mention))
        if not answers(policy, mention):
            return
    overtaken = _overtaken(mention) if late and mention.kind == "mention" else None
    also = None if overtaken is None else partial(desk.errands.accept_in, errand=overtaken)
    await desk.ledger.accept(mention, also)


def answers(policy: Policy, mention: Mention) -> bool:
    """Whether the channel wants a question of this kind answered."""
    if policy.answers == "never":
        return False
    match mention.kind:
        case "overheard":
            return policy.answers == "every"
        case "followup":
            return policy.follows
        case _:
            return True


def _came_late(event: Mapping[str, Any], mention: Mention) -> bool:
    # Who calls us by editing what they wrote calls us now: what followed it was said among people.
    return "edited" not in event and str(mention.ts) < f"{time.time() - _LATE_S:.6f}"


def place_errand(team: str, channel: str, thread_ts: str, since: str, until: str) -> Errand:
    """Reading up one place, once; without ``thread_ts`` it is the channel itself."""
    payload = {"channel": channel, "thread_ts": thread_ts, "since": since, "until": until}
    key = f"catch up {channel} {thread_ts} {since}"
    # One after the other: Slack allows some apps a single read a minute.
    return Errand(CATCH_UP_PLACE, key, team, "", payload, f"{CATCH_UP} {team}")


def _overtaken(mention: Mention) -> Errand:
    until = f"{time.time() + _MARGIN_S:.6f}"
    thread_ts, since = str(mention.thread_ts), str(mention.ts)
    return place_errand(mention.team, mention.channel, thread_ts, since, until)


def _switched_off(mention: Mention) -> Errand:
    payload = {"say": SWITCHED_OFF, "heard": mention.channel, "thread_ts": mention.thread_ts}
    key = f"{SWITCHED_OFF}:{mention.channel}:{mention.ts}"
    return Errand(SAY, key, mention.team, mention.person, payload)
