"""The Slack app's manifest: paste it at api.slack.com/apps → “From a manifest”, and all is set.

Format: https://docs.slack.dev/reference/app-manifest
"""

from typing import Any

from bot.slack.listeners.command import COMMAND

SCOPES = {
    "app_mentions:read": "hear when somebody calls the bot in a channel",
    "assistant:write": "be an agent: Slack shows it at hand, and that it is working",
    "channels:history": "hear follow-ups in a public channel's thread, read it when called into it",
    "channels:read": "know which public channels a person is in, for what is for these alone",
    "chat:write": "answer",
    "commands": f"offer {COMMAND}",
    "groups:history": "the same as channels:history, in private channels it is invited to",
    "groups:read": "the same as channels:read, for private channels",
    "im:history": "hear direct messages",
    "mpim:history": "the same as channels:history, in group messages it is added to",
    "reactions:write": "show that it is working where Slack has no status for that",
    "usergroups:read": "know a person's user groups, for what is for these alone",
}
"""Every scope the bot asks for, and what for."""

EVENTS = (
    "app_mention",
    "app_uninstalled",
    "message.channels",
    "message.groups",
    "message.im",
    "message.mpim",
    "tokens_revoked",
)

_DESCRIPTION = "Answers from what the team has written and learned, with its sources"


def manifest(name: str = "Knowhow", url: str | None = None) -> dict[str, Any]:
    """The manifest for HTTP under the public ``url``, or for Socket Mode without one."""
    base = url.rstrip("/") if url else None
    return {
        "_metadata": {"major_version": 2},
        "display_information": {"name": name, "description": _DESCRIPTION},
        "features": {
            "agent_view": {"agent_description": _DESCRIPTION},
            "app_home": {
                "home_tab_enabled": False,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": name, "always_online": True},
            "slash_commands": [
                {
                    "command": COMMAND,
                    "description": "Ask; only you see the answer",
                    "usage_hint": "how many days of leave do I have?",
                    "should_escape": True,
                    **({"url": f"{base}/slack/commands"} if base else {}),
                }
            ],
        },
        "oauth_config": {
            "scopes": {"bot": list(SCOPES)},
            **({"redirect_urls": [f"{base}/slack/oauth_redirect"]} if base else {}),
        },
        "settings": {
            "event_subscriptions": {
                "bot_events": list(EVENTS),
                **({"request_url": f"{base}/slack/events"} if base else {}),
            },
            "org_deploy_enabled": False,
            "socket_mode_enabled": base is None,
            "token_rotation_enabled": False,
        },
    }
