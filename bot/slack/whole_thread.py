"""A thread from its first message to its last, however many pages that is."""

from collections.abc import Mapping, Sequence
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.slack.errors import RateLimited
from bot.slack.sending import wait
from bot.slack.thread import replies

_PAGE, _PAGES = "200", 10


async def whole(
    client: AsyncWebClient, channel: str, ts: str, most: int
) -> tuple[Sequence[Mapping[str, Any]], bool]:
    """A thread's messages, oldest first, and whether there are more than these.

    ``most`` bounds them; so do ten pages, because apps that Slack gives fifteen messages a minute
    would read for ever. Raises SlackError.
    """
    found: list[Mapping[str, Any]] = []
    cursor = ""
    for _ in range(_PAGES):
        page = await _page(client, channel=channel, ts=ts, limit=_PAGE, cursor=cursor)
        found += [one for one in page.get("messages") or () if isinstance(one, Mapping)]
        cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor or len(found) >= most:
            break
    return found[:most], bool(cursor) or len(found) > most


async def _page(client: AsyncWebClient, **arguments: str) -> AsyncSlackResponse:
    """The page, once more after as long as Slack asks us to wait."""
    try:
        return await replies(client, **arguments)
    except RateLimited as error:
        await wait(error)
        return await replies(client, **arguments)
