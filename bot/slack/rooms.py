"""Who can see what is written somewhere."""

from bot.jobs.errand import Hands
from bot.slack.places import channel_of
from knowledge.documents import EVERYONE


async def seen_by(hands: Hands, channel: str, person: str = "") -> str:
    """The principal that everybody has who could see it; with a ``person``, only they could.

    A public channel's is everyone's; one of which Slack does not say counts as private.
    """
    if person:
        return f"user:{person}"
    found = await channel_of(hands.workspace.client, channel)
    return EVERYONE if found is not None and found.public else f"channel:{channel}"
