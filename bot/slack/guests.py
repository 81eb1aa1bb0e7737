"""Whether guests read along in a channel: they may be told only what is public.

Two lists are asked of Slack, by pages and a few times an hour: who is in the workspace, and who is
in the channel. Where either is not told, or longer than is read, a channel counts as one with
guests; nothing is asked of each member.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from cachetools import TLRUCache, TTLCache
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.connection import answered
from bot.slack.errors import Ambiguous, RateLimited, Refused, SlackError
from bot.slack.people import People

logger = logging.getLogger(__name__)

_REMEMBERED = 1_000
_PEOPLE_FOR_S, _MEMBERS_FOR_S, _UNTOLD_FOR_S = 600, 300, 10
_STILL_GOOD_FOR_S = 3600
"""How old a list may be that is used because Slack does not answer."""

_LONGEST_PAUSE_S = 5.0
_PAGE = 1000
_PAGES = 20
_NEW = 20
"""Members that the list of people does not have yet, who are asked about one by one."""


@dataclass(frozen=True, slots=True)
class _Listed:
    """Ids with whether each is a guest's; ``whole``: no page is missing. None: an imitation."""

    guests: Mapping[str, bool]
    whole: bool


_UNTOLD = _Listed({}, whole=False)


class Guests:
    """What is remembered of one workspace; whoever asks while a list is read waits for it."""

    def __init__(
        self,
        client: AsyncWebClient,
        people: People,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._people = people
        self._known: TLRUCache[str, tuple[int, asyncio.Task[_Listed | None]]] = TLRUCache(
            _REMEMBERED, lambda _what, kept, now: now + kept[0], clock
        )
        self._told: TTLCache[str, _Listed] = TTLCache(_REMEMBERED, _STILL_GOOD_FOR_S, clock)

    async def read_along(self, channel: str) -> bool:
        """Whether any member is a guest, or may be. Never raises."""
        return await self._among(channel) != "none"

    async def are_told(self, channel: str) -> bool:
        """Whether Slack has said so, for now. Never raises."""
        return await self._among(channel) != "untold"

    async def _among(self, channel: str) -> Literal["none", "some", "untold"]:
        members = await self._remembered(
            f"members of {channel}", _MEMBERS_FOR_S, lambda: self._members(channel)
        )
        listed = await self._remembered("people", _PEOPLE_FOR_S, self._listed)
        if members is None or listed is None:  # a server that imitates Slack: it has no guests
            return "none"
        if members is _UNTOLD:
            return "untold"
        if not members.whole or any(listed.guests.get(one) for one in members.guests):
            return "some"
        new = [one for one in members.guests if one not in listed.guests]
        if len(new) > _NEW:
            return "untold" if listed is _UNTOLD else "some"
        outsiders = [who for one in new if (who := await self._people.about(one)).outside]
        if any(who.known for who in outsiders):
            return "some"
        return "untold" if outsiders else "none"

    async def _members(self, channel: str) -> _Listed:
        pages, whole = await self._pages("conversations.members", channel=channel)
        return _Listed({str(one): False for page in pages for one in page["members"]}, whole)

    async def _listed(self) -> _Listed:
        pages, whole = await self._pages("users.list")
        people = [one for page in pages for one in page["members"]]
        return _Listed({str(one["id"]): _is_guest(one) for one in people}, whole)

    async def _pages(self, method: str, **arguments: str) -> tuple[list[Any], bool]:
        """What a method lists, and whether that is all."""
        pages, cursor = [], ""
        for _ in range(_PAGES):
            given = {**arguments, "limit": str(_PAGE), "cursor": cursor}
            pages.append(await self._page(method, given))
            cursor = str((pages[-1].get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return pages, True
        return pages, False

    async def _page(self, method: str, given: dict[str, str]) -> Any:
        try:
            return await answered(self._client.api_call(method, data=given))
        except RateLimited as error:
            await asyncio.sleep(min(error.seconds, _LONGEST_PAUSE_S))
        except Ambiguous:  # a lost response is no reason to tell a whole channel less
            pass
        return await answered(self._client.api_call(method, data=given))

    async def _remembered(
        self, what: str, seconds: int, ask: Callable[[], Awaitable[_Listed]]
    ) -> _Listed | None:
        if (known := self._known.get(what)) is None:
            known = self._known[what] = (seconds, asyncio.create_task(self._asked(what, ask)))
        return await asyncio.shield(known[1])

    async def _asked(self, what: str, ask: Callable[[], Awaitable[_Listed]]) -> _Listed | None:
        try:
            listed = await ask()
        except (SlackError, KeyError, TypeError) as error:
            if isinstance(error, Refused) and error.code == "unknown_method":
                return None
            logger.warning("Slack does not say the %s: %s", what, error)
            if (known := self._known.get(what)) is not None:
                self._known[what] = (_UNTOLD_FOR_S, known[1])
            return self._told.get(what, _UNTOLD)
        self._told[what] = listed
        return listed


def _is_guest(said: Mapping[str, Any]) -> bool:
    return any(said.get(sign) for sign in ("is_restricted", "is_ultra_restricted", "is_stranger"))
