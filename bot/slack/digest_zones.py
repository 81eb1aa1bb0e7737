"""When it is Monday 9:00 for those who get the weekly message."""

from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cachetools import TTLCache

from agent.digests import LATEST
from bot.slack.errors import SlackError
from bot.slack.places import channel_of
from bot.slack.workspaces import Workspace, Workspaces

_REMEMBERED, _REMEMBERED_FOR_S = 1_000, 600


@dataclass(frozen=True, slots=True)
class DigestZones:
    """The zones of the digests' channels, each asked of Slack once in some minutes."""

    workspaces: Workspaces
    _known: TTLCache[tuple[str, str], tzinfo] = field(
        default_factory=lambda: TTLCache(_REMEMBERED, _REMEMBERED_FOR_S)
    )

    async def of(self, team: str, channel: str) -> tzinfo:
        """As `zone_of`; where Monday comes last while the workspace cannot be asked."""
        if (known := self._known.get((team, channel))) is not None:
            return known
        try:
            zone = await zone_of(await self.workspaces.of(team), channel)
        except SlackError:
            zone = LATEST
        self._known[team, channel] = zone
        return zone


async def zone_of(workspace: Workspace, channel: str) -> tzinfo:
    """That of whoever made the channel, and UTC where they have none.

    Where Monday comes last while Slack does not say: the message waits, and is not lost.
    """
    found = await channel_of(workspace.client, channel)
    if found is None:
        return LATEST
    if not found.creator:
        return UTC
    person = await workspace.people.about(found.creator)
    if not person.known:
        return LATEST
    try:
        return ZoneInfo(person.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
