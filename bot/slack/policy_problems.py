"""What of a channel's policy cannot work: asked of Slack and of the library."""

from collections.abc import Collection, Mapping
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from agent.policies import Policy
from agent.reading.languages import Language
from agent.texts import Text
from bot.slack.connection import answered
from bot.slack.errors import Refused, SlackError
from bot.slack.mrkdwn import escape
from bot.slack.policy_form import is_group

ARCHIVED = Text("The channel is archived.", "频道已归档。")
ABSENT = Text(
    "I am not in the channel, or it is gone: invite me with /invite.",
    "我不在该频道中，或者频道已不存在：请用 /invite 邀请我。",
)
LEFT = Text("The expert {expert} has left: choose another.", "专家 {expert} 已离开，请另选一位。")
NO_GROUP = Text(
    "The expert group {expert} is gone or has no members: choose another.",
    "专家用户组 {expert} 已不存在或没有成员，请另选一个。",
)
NO_COLLECTION = Text(
    "There is no collection {name}: nothing is found in it.", "没有名为 {name} 的文档集。"
)
NOT_CHECKED = Text(
    "Slack did not say in time whether all of it can work: `knowhow doctor` does.",
    "Slack 未能及时告知这些设置是否都可行：可运行 `knowhow doctor` 查看。",
)

_GONE = frozenset({"channel_not_found", "user_not_found", "user_not_visible"})


async def policy_problems(
    client: AsyncWebClient, policy: Policy, collections: Collection[str], reader: Language = "en"
) -> tuple[str, ...]:
    """A line for each part that cannot work; what Slack does not say is no problem.

    The lines are mrkdwn, escaped.
    """
    found = []
    channel = await _said(client, "conversations.info", "channel", channel=policy.channel)
    if channel is not None:
        if channel.get("is_archived"):
            found.append(ARCHIVED.to(reader))
        elif not channel.get("is_member"):
            found.append(ABSENT.to(reader))
    if policy.expert and await _is_gone(client, policy.expert):
        text = NO_GROUP if is_group(policy.expert) else LEFT
        found.append(text.to(reader, expert=escape(policy.expert)))
    missing = [name for name in policy.collections if name not in collections]
    return (*found, *(NO_COLLECTION.to(reader, name=escape(name)) for name in missing))


async def user_groups(client: AsyncWebClient) -> Mapping[str, Mapping[str, Any]] | None:
    """The workspace's user groups by ID; None when Slack does not say."""
    try:
        arguments = {"include_users": "true"}
        page = await answered(client.api_call("usergroups.list", data=arguments))
    except SlackError:
        return None
    return {str(one["id"]): one for one in page.get("usergroups") or () if one.get("id")}


async def _is_gone(client: AsyncWebClient, expert: str) -> bool:
    if is_group(expert):
        groups = await user_groups(client)
        return groups is not None and not (groups.get(expert) or {}).get("users")
    user = await _said(client, "users.info", "user", user=expert)
    return user is not None and (not user or bool(user.get("deleted")))


async def _said(
    client: AsyncWebClient, method: str, what: str, **arguments: str
) -> Mapping[str, Any] | None:
    """What Slack says of a thing; empty: there is none, None: it does not say."""
    try:
        said = (await answered(client.api_call(method, data=arguments))).get(what)
    except Refused as error:
        return {} if error.code in _GONE else None
    except SlackError:
        return None
    return said if isinstance(said, dict) else None
