"""What of all that is said we take as a question: the channel's policy decides."""

from agent.errands import Errand
from agent.hearing import CATCH_UP
from agent.mentions import Mention
from agent.policies import Policy
from bot.slack.clicks import SAY, SWITCHED_OFF
from bot.slack.desk import Desk

CATCH_UP_PLACE = "catch_up_place"
"""The errand's kind: a channel or a thread is read up."""


async def hear(desk: Desk, mention: Mention | None) -> None:
    """Write the question down if it is to be answered; called where we are off, say so."""
    if mention is None:
        return
    if mention.kind != "direct":
        policy = await desk.policies.of(mention.team, mention.channel)
        if policy.answers == "never" and mention.kind == "mention":
            await desk.errands.accept(_switched_off(mention))
        if not answers(policy, mention):
            return
    await desk.ledger.accept(mention)


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


def place_errand(team: str, channel: str, thread_ts: str, since: str, until: str) -> Errand:
    """Reading up one place, once; without ``thread_ts`` it is the channel itself."""
    payload = {"channel": channel, "thread_ts": thread_ts, "since": since, "until": until}
    key = f"catch up {channel} {thread_ts} {since}"
    # One after the other: Slack allows some apps a single read a minute.
    return Errand(CATCH_UP_PLACE, key, team, "", payload, f"{CATCH_UP} {team}")


def _switched_off(mention: Mention) -> Errand:
    payload = {"say": SWITCHED_OFF, "heard": mention.channel, "thread_ts": mention.thread_ts}
    key = f"{SWITCHED_OFF}:{mention.channel}:{mention.ts}"
    return Errand(SAY, key, mention.team, mention.person, payload)
