"""Who somebody is in the workspace: language, rights, whether they are of the team at all."""

import asyncio
import logging
from dataclasses import dataclass

from cachetools import TTLCache
from slack_sdk.web.async_client import AsyncWebClient

from agent.reading.languages import Language
from bot.slack.connection import answered
from bot.slack.errors import Refused, SlackError

logger = logging.getLogger(__name__)

_REMEMBERED, _REMEMBERED_FOR_S = 10_000, 300
_AT_ONCE_S = 1.0

_IMITATIONS = frozenset({"unknown_method", "user_not_found"})
"""What a server that imitates Slack says of whoever wrote to us; it has no guests. Slack itself
knows every user whose message it delivers."""


@dataclass(frozen=True, slots=True)
class Person:
    """What Slack says of a user. ``outside``: a guest, or a member of another organisation.

    ``known`` is False while Slack does not say; then the person counts as an outsider without
    rights who reads English.
    """

    id: str
    language: Language = "en"
    admin: bool = False
    outside: bool = True
    deleted: bool = False
    name: str = ""
    timezone: str = "UTC"
    known: bool = False


class People:
    """Asks Slack once per person and some minutes. ``admins`` count as such whatever Slack says."""

    def __init__(
        self, client: AsyncWebClient, team: str, admins: frozenset[str] = frozenset()
    ) -> None:
        self._client = client
        self._team = team
        self._admins = admins
        self._known: TTLCache[str, Person] = TTLCache(_REMEMBERED, _REMEMBERED_FOR_S)

    @property
    def admins(self) -> frozenset[str]:
        """Those that the settings name."""
        return self._admins

    async def about(self, user: str) -> Person:
        """Who the user is. Never raises."""
        if (known := self._known.get(user)) is not None:
            return known
        try:
            arguments = {"user": user, "include_locale": "true"}
            response = await answered(self._client.api_call("users.info", data=arguments))
        except SlackError as error:
            logger.warning("Slack does not say who %s is: %s", user, error)
            imitation = isinstance(error, Refused) and error.code in _IMITATIONS
            return Person(user, admin=user in self._admins, outside=not imitation)
        found = self._person(user, response.get("user"))
        self._known[user] = found
        return found

    async def language(self, user: str) -> Language:
        """What the user reads, in time for a click to be acknowledged: English if unknown."""
        try:
            return (await asyncio.wait_for(self.about(user), _AT_ONCE_S)).language
        except TimeoutError:
            return "en"

    def _person(self, user: str, said: object) -> Person:
        if not isinstance(said, dict):
            return Person(user, outside=False)
        locale = str(said.get("locale") or "").lower()
        guest = any(said.get(sign) for sign in ("is_restricted", "is_stranger"))
        rights = any(said.get(sign) for sign in ("is_admin", "is_owner", "is_primary_owner"))
        return Person(
            id=user,
            language="zh" if locale.startswith("zh") else "en",
            admin=user in self._admins or (rights and not guest),
            outside=guest or said.get("team_id", self._team) != self._team,
            deleted=bool(said.get("deleted")),
            name=str(said.get("real_name") or said.get("name") or ""),
            timezone=str(said.get("tz") or "UTC"),
            known=True,
        )
