"""Who reads an answer: outsiders along with the team, everybody in a channel, or one person.

Outsiders (guests, and members of other organisations), and whoever reads together with them, see
what is public. Where a member is (channels, user groups) is asked of Slack only while some document
is for a channel or a group, and remembered for a short time. When Slack does not say, the person
sees less, never more.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from cachetools import TLRUCache
from slack_sdk.web.async_client import AsyncWebClient

from agent.mentions import Mention
from bot.slack.connection import answered
from bot.slack.errors import Refused, SlackError
from bot.slack.guests import Guests
from bot.slack.people import People
from knowledge.documents import Reader

logger = logging.getLogger(__name__)

_REMEMBERED = 10_000
_CHANNELS_FOR_S = 60
_GROUPS_FOR_S = 300
_PAGES = 5

_TOLD = frozenset({"mention", "followup", "overheard"})
"""Slack's event has said whether outsiders are in the channel."""

_PAGE = "900"

Kinds = Callable[[], Awaitable[frozenset[str]]]
"""Says which of ``channel``, ``user`` and ``group`` any document is restricted to."""


class Belonging:
    """Readers of private answers; ``kinds`` says what documents are restricted to at all."""

    def __init__(self, client: AsyncWebClient, kinds: Kinds, people: People) -> None:
        self._client = client
        self._kinds = kinds
        self._people = people
        self._guests = Guests(client, people)
        self._known: TLRUCache[str, tuple[int, tuple[str, ...]]] = TLRUCache(
            _REMEMBERED, lambda _what, kept, now: now + kept[0]
        )

    async def reader(self, mention: Mention) -> Reader:
        """Everybody in the channel at once; or one person, with where they belong.

        What is asked by an outsider, or where outsiders read along, is answered for outsiders.
        """
        if mention.outside:
            return Reader.of_outsiders()
        if mention.kind == "command":
            return await self.alone(mention.person, mention.channel)
        if mention.kind == "direct" or mention.channel.startswith("D"):
            return await self.alone(mention.person)
        if (await self._people.about(mention.person)).outside:
            return Reader.of_outsiders()
        if mention.kind in _TOLD:
            return await self.team_in(mention.channel)
        return await self.everybody_in(mention.channel)

    async def alone(self, person: str, *here: str) -> Reader:
        """One person reading alone, with where they belong; ``here`` are channels they are in."""
        if (await self._people.about(person)).outside:
            return Reader.of_outsiders()
        kinds = await self._kinds()
        channels = await self.channels(person) if "channel" in kinds else ()
        groups = await self._groups(person) if "group" in kinds else ()
        return Reader.of_person(person, tuple(dict.fromkeys((*here, *channels))), groups)

    async def everybody_in(self, channel: str) -> Reader:
        """Everybody in a channel of which no event has said whether outsiders are in it."""

        async def ask() -> list[str]:
            try:
                said = (await self._called("conversations.info", channel=channel)).get("channel")
            except Refused as error:
                if error.code == "unknown_method":  # a server that imitates Slack: no outsiders
                    return [channel]
                raise
            return [] if not isinstance(said, dict) or said.get("is_ext_shared") else [channel]

        ours = await self._remembered(f"outsiders in {channel}", _CHANNELS_FOR_S, ask)
        return await self.team_in(channel) if ours else Reader.of_outsiders()

    async def team_in(self, channel: str) -> Reader:
        """The same of a channel without members of other organisations: guests may be in it."""
        if await self._guests.read_along(channel):
            return Reader.of_outsiders()
        return Reader.of_channel(channel)

    async def is_told(self, channel: str) -> bool:
        """Whether Slack says who reads along in a channel of the team alone, for now."""
        return await self._guests.are_told(channel)

    async def channels(self, person: str) -> tuple[str, ...]:
        """Those that the person and the bot are both in, private ones too."""
        return await self._in(person, "public_channel,private_channel")

    async def public_channels(self, me: str) -> tuple[str, ...]:
        """The public ones that the bot, whose user ID it is given, is in."""
        return await self._in(me, "public_channel")

    async def _in(self, person: str, types: str) -> tuple[str, ...]:
        async def ask() -> list[str]:
            found: list[str] = []
            cursor = ""
            for _ in range(_PAGES):
                page = await self._called(
                    "users.conversations",
                    user=person,
                    types=types,
                    exclude_archived="true",
                    limit=_PAGE,
                    cursor=cursor,
                )
                found += _ids(page.get("channels"))
                cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
                if not cursor:
                    break
            return found

        return await self._remembered(f"{types} of {person}", _CHANNELS_FOR_S, ask)

    async def _groups(self, person: str) -> tuple[str, ...]:
        async def ask() -> list[str]:
            page = await self._called("usergroups.list", include_users="true")
            groups = [one for one in page.get("usergroups") or () if isinstance(one, dict)]
            return _ids(one for one in groups if person in (one.get("users") or ()))

        return await self._remembered(f"groups of {person}", _GROUPS_FOR_S, ask)

    async def _called(self, method: str, **arguments: str) -> Any:
        return await answered(self._client.api_call(method, data=arguments))

    async def _remembered(
        self, what: str, seconds: int, ask: Callable[[], Awaitable[list[str]]]
    ) -> tuple[str, ...]:
        if (known := self._known.get(what)) is not None:
            return known[1]
        try:
            found = tuple(await ask())
        except SlackError as error:
            logger.warning("Slack does not say the %s: %s", what, error)
            found = ()
        self._known[what] = (seconds, found)
        return found


def _ids(values: Iterable[Any] | None) -> list[str]:
    return [str(one["id"]) for one in values or () if isinstance(one, dict) and one.get("id")]
