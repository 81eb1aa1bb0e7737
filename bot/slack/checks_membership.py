"""The doctor's look at where the bot is, and at where it should be and is not."""

from collections.abc import Iterable

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.checks import Check
from bot.slack.connection import SlackConnection, answered, open_client
from bot.slack.errors import SlackError

_NAME = "Slack membership"
_PAGE = "900"
_PAGES = 10
_SHOWN = 8


async def check_membership(connection: SlackConnection, wanted: Iterable[tuple[str, str]]) -> Check:
    """The channels that the bot is in; ``wanted``, each with its team, should be among them."""
    mend = "invite it with /invite in each of them"
    async with open_client(connection) as client:
        try:
            me = await answered(client.auth_test())
            channels, cut = await _channels(client, str(me["user_id"]))
        except SlackError as error:
            found, mend = f"Slack does not tell ({error})", "mend the token and its scopes first"
            return Check(_NAME, ok=False, found=found, mend=mend)
    if not channels:
        found = "the bot is in no channel: it is only heard in direct messages and with /ask"
        return Check(_NAME, ok=False, found=found, mend="invite it with /invite in a channel")
    names = sorted(channels.values())
    more = ", …" if len(names) > _SHOWN or cut else ""
    count = f"more than {len(names)}" if cut else str(len(names))
    found = f"in {count} channels: {', '.join(names[:_SHOWN])}{more}"
    # Where the list was cut, a channel may be among the others: its policy's own check asks.
    absent = (
        []
        if cut
        else sorted(
            {channel for team, channel in wanted if team == me["team_id"]} - channels.keys()
        )
    )
    if absent:
        found += f"; not in {', '.join(absent)}, which have a policy or the weekly message"
        return Check(_NAME, ok=False, found=found, mend=mend)
    return Check(_NAME, ok=True, found=found)


async def _channels(client: AsyncWebClient, me: str) -> tuple[dict[str, str], bool]:
    """Names by ID, and whether there are more. Raises SlackError."""
    found: dict[str, str] = {}
    cursor = ""
    for _ in range(_PAGES):
        arguments = {
            "user": me,
            "types": "public_channel,private_channel",
            "exclude_archived": "true",
            "limit": _PAGE,
            "cursor": cursor,
        }
        page = await answered(client.api_call("users.conversations", data=arguments))
        for one in page.get("channels") or ():
            if isinstance(one, dict) and one.get("id"):
                found[str(one["id"])] = f"#{one.get('name') or one['id']}"
        cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor:
            return found, False
    return found, True
