"""The Slack app's manifest: paste it at api.slack.com/apps → “From a manifest”, and all is set.

Format: https://docs.slack.dev/reference/app-manifest
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from bot.slack.actions import ANSWER_THIS, ASK_EXPERT_SHORTCUT, SAVE
from bot.slack.listeners.command import COMMAND

ADMIN_COMMAND = "/knowhow"
REDIRECT = "/slack/oauth_redirect"


@dataclass(frozen=True, slots=True)
class Feature:
    """What a part of the bot asks Slack for, each scope and event with its reason."""

    scopes: dict[str, str]
    events: dict[str, str]


FEATURES = {
    "answers": Feature(
        {
            "app_mentions:read": "hear when somebody calls the bot in a channel",
            "channels:history": "hear questions and follow-ups in public channels, read a thread "
            "when called into it",
            "channels:read": "know which public channels a person is in and whether outsiders are, "
            "for what is for these alone",
            "chat:write": "answer",
            "groups:history": "the same as channels:history, in private channels it is invited to",
            "groups:read": "the same as channels:read, for private channels",
            "im:history": "hear direct messages",
            "im:write": "write to somebody directly: an expert, or who asked where it cannot post",
            "mpim:history": "the same as channels:history, in group messages it is added to",
            "mpim:read": "know whether guests are in such a group message",
            "reactions:write": "show that it is working where Slack has no status for that",
            "usergroups:read": "know a person's user groups, for what is for these alone, and a "
            "channel's experts",
            "users:read": "know a person's language, who is an admin, and who is a guest",
            "users:read.email": "find a document's owner, who may be named by address",
        },
        {
            "app_mention": "somebody calls the bot",
            "message.channels": "questions and follow-ups in public channels",
            "message.groups": "the same in private channels",
            "message.im": "direct messages",
            "message.mpim": "the same in group messages",
        },
    ),
    "commands": Feature({"commands": f"offer {COMMAND}, {ADMIN_COMMAND} and shortcuts"}, {}),
    "shortcuts": Feature({"commands": f"offer {COMMAND}, {ADMIN_COMMAND} and shortcuts"}, {}),
    "files": Feature({"files:read": "read a file that is attached to a question"}, {}),
    "home": Feature({}, {"app_home_opened": "somebody looks at its Home tab"}),
    "agent": Feature(
        {"assistant:write": "be an agent: Slack shows it at hand, and that it is working"},
        {
            "agent_session_stopped": "somebody stops an answer",
            "app_context_changed": "which channel somebody looks at while asking",
            "app_home_opened": "somebody opens its direct messages",
        },
    ),
    "installs": Feature(
        {},
        {
            "app_uninstalled": "a workspace removes it: its data is deleted",
            "tokens_revoked": "a workspace takes its token back",
        },
    ),
}
"""What may be chosen, and what it needs; answering by streaming needs nothing more."""

SCOPES = {scope: why for one in FEATURES.values() for scope, why in one.scopes.items()}
"""Every scope the bot asks for, and what for."""

EVENTS = {event: why for one in FEATURES.values() for event, why in one.events.items()}
"""Every event it listens to, and what for."""

SHORTCUTS = {
    ANSWER_THIS: ("Answer this", "Answers the message for you alone"),
    SAVE: ("Save to knowledge", "Adds the message or its files to the knowledge base"),
    ASK_EXPERT_SHORTCUT: ("Ask an expert", "Passes the message on to the channel's expert"),
}
"""Shortcuts on a message, by callback id: name and description."""

COMMANDS = {
    COMMAND: ("Ask; only you see the answer", "how many days of leave do I have?"),
    ADMIN_COMMAND: ("Help, status, documents, policy and gaps", "help"),
}

PROMPTS = ("What can you help me with?", "What is new in the documents?")

_DESCRIPTION = "Answers from what the team has written and learned, with its sources"


def manifest(
    name: str = "Knowhow", url: str | None = None, features: Collection[str] = FEATURES.keys()
) -> dict[str, Any]:
    """The manifest for HTTP under the public ``url``, or for Socket Mode without one."""
    base = url.rstrip("/") if url else None
    chosen = [one for key, one in FEATURES.items() if key in features]
    scopes = [scope for scope in SCOPES if any(scope in one.scopes for one in chosen)]
    events = [event for event in EVENTS if any(event in one.events for one in chosen)]
    return {
        "_metadata": {"major_version": 2},
        "display_information": {"name": name, "description": _DESCRIPTION},
        "features": _features(name, base, features),
        "oauth_config": {
            **({"redirect_urls": [f"{base}{REDIRECT}"]} if base and "installs" in features else {}),
            "scopes": {"bot": scopes},
        },
        "settings": {
            "event_subscriptions": {"bot_events": events, **_at(base, "request_url", "events")},
            "interactivity": {"is_enabled": True, **_at(base, "request_url", "events")},
            "org_deploy_enabled": False,
            "socket_mode_enabled": base is None,
            "token_rotation_enabled": False,
        },
    }


def _features(name: str, base: str | None, features: Collection[str]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "app_home": {
            "home_tab_enabled": "home" in features,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "bot_user": {"display_name": name, "always_online": True},
    }
    if "agent" in features:
        prompts = [{"title": one, "message": one} for one in PROMPTS]
        made["agent_view"] = {"agent_description": _DESCRIPTION, "suggested_prompts": prompts}
    if "commands" in features:
        made["slash_commands"] = [
            {
                "command": command,
                "description": description,
                "usage_hint": hint,
                "should_escape": True,
                **_at(base, "url", "commands"),
            }
            for command, (description, hint) in COMMANDS.items()
        ]
    if "shortcuts" in features:
        made["shortcuts"] = [
            {"name": title, "type": "message", "callback_id": key, "description": description}
            for key, (title, description) in SHORTCUTS.items()
        ]
    return made


def _at(base: str | None, key: str, path: str) -> dict[str, str]:
    return {key: f"{base}/slack/{path}"} if base else {}
