"""The weekly message to a workspace's channel."""

from datetime import datetime, timedelta

from agent.digests import digest_channel
from agent.gaps.gaps import find_gaps
from agent.gaps.unmet import Period, Sight
from agent.usage import usage
from bot.jobs.errand import Hands
from bot.slack.connection import answered
from bot.slack.digest_blocks import Digest, digest_message
from bot.slack.errors import SlackError
from bot.slack.gaps_blocks import GAPS_SHOWN
from bot.slack.gaps_reading import shown_gaps
from bot.slack.sending import Place
from bot.slack.workspaces import Workspace
from knowledge.storage.overview import expired

_STALE = 5


async def digest(hands: Hands) -> None:
    """Post it once; of gaps and documents only what everybody in the channel may see."""
    team = hands.held.errand.team
    channel = await digest_channel(hands.desk.database, team)
    if channel is None:  # switched off since
        return
    until = datetime.fromisoformat(str(hands.payload["until"]))
    period = Period(until - timedelta(days=7), until)
    database, workspace = hands.desk.database, hands.workspace
    reader = await workspace.belonging.everybody_in(channel)
    public = Sight(channels=await workspace.belonging.public_channels(workspace.me.user))
    gaps = await find_gaps(database, hands.library.encoder, team, public, period)
    shown = await shown_gaps(hands, gaps, reader)
    stale, count = await expired(database.engine, reader, _STALE)
    policy = await hands.desk.policies.of(team, channel)
    message = digest_message(
        policy.language or "en",
        Digest(
            week=str(hands.payload["week"]),
            usage=await usage(database, team, period),
            gaps=shown,
            more_gaps=max(0, len(gaps) - GAPS_SHOWN),
            stale=stale,
            more_stale=count - len(stale),
            home=await home_link(workspace),
        ),
    )
    await hands.send("digest", Place(channel, None, hands.since), [message])


async def home_link(workspace: Workspace) -> str:
    """Opens the Home tab; our messages where Slack does not say which app we are."""
    me = workspace.me
    try:
        found = await answered(workspace.client.bots_info(bot=me.bot or ""))
        app = str(found["bot"]["app_id"])
    except (SlackError, KeyError, TypeError):
        return f"slack://user?team={me.team}&id={me.user}"
    return f"slack://app?team={me.team}&id={app}&tab=home"
