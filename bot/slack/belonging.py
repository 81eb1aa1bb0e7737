"""What a person may see when only they read the answer: their channels and user groups.

Asked of Slack only while some document is for a channel or a group, and remembered for a short
time. When Slack does not say, the person sees less, never more.
"""

import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from agent.mentions import Mention
from bot.slack.connection import answered
from bot.slack.errors import SlackError
from knowledge.documents import Reader

logger = logging.getLogger(__name__)

_CHANNELS_FOR_S = 60
_GROUPS_FOR_S = 300
_PAGES = 5
_PAGE = "900"

Kinds = Callable[[], Awaitable[frozenset[str]]]
"""Says which of ``channel``, ``user`` and ``group`` any document is restricted to."""


class Belonging:
    """Readers of private answers; ``kinds`` says what documents are restricted to at all."""

    def __init__(self, client: AsyncWebClient, kinds: Kinds) -> None:
        self._client = client
        self._kinds = kinds
        self._known: dict[str, tuple[float, tuple[str, ...]]] = {}

    async def reader(self, mention: Mention) -> Reader:
        """Everybody in the channel at once; or one person, with where they belong."""
        if mention.kind == "command":
            return await self.alone(mention.person, mention.channel)
        if mention.kind == "direct" or mention.channel.startswith("D"):
            return await self.alone(mention.person)
        return Reader.of_channel(mention.channel)

    async def alone(self, person: str, *here: str) -> Reader:
        """One person reading alone, with where they belong; ``here`` are channels they are in."""
        kinds = await self._kinds()
        channels = await self.channels(person) if "channel" in kinds else ()
        groups = await self._groups(person) if "group" in kinds else ()
        return Reader.of_person(person, tuple(dict.fromkeys((*here, *channels))), groups)

    async def channels(self, person: str) -> tuple[str, ...]:
        """Those that the person and the bot are both in, private ones too."""

        async def ask() -> list[str]:
            found: list[str] = []
            cursor = ""
            for _ in range(_PAGES):
                page = await self._called(
                    "users.conversations",
                    user=person,
                    types="public_channel,private_channel",
                    exclude_archived="true",
                    limit=_PAGE,
                    cursor=cursor,
                )
                found += _ids(page.get("channels"))
                cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
                if not cursor:
                    break
            return found

        return await self._remembered(f"channels of {person}", _CHANNELS_FOR_S, ask)

    async def _groups(self, person: str) -> tuple[str, ...]:
        async def ask() -> list[str]:
            page = await self._called("usergroups.list", include_users="true")
            groups = [one for one in page.get("usergroups") or () if isinstance(one, dict)]
            return _ids(one for one in groups if person in (one.get("users") or ()))

        return await self._remembered(f"groups of {person}", _GROUPS_FOR_S, ask)

    async def _called(self, method: str, **arguments: str) -> Any:
        return await answered(self._client.api_call(method, data=arguments))

    async def _remembered(
        self, what: str, seconds: float, ask: Callable[[], Awaitable[list[str]]]
    ) -> tuple[str, ...]:
        now = time.monotonic()
        until, known = self._known.get(what, (0.0, ()))
        if now < until:
            return known
        try:
            found = tuple(await ask())
        except SlackError as error:
            logger.warning("Slack does not say the %s: %s", what, error)
            found = ()
        self._known = {name: held for name, held in self._known.items() if held[0] > now}
        self._known[what] = (now + seconds, found)
        return found


def _ids(values: Iterable[Any] | None) -> list[str]:
    return [str(one["id"]) for one in values or () if isinstance(one, dict) and one.get("id")]
