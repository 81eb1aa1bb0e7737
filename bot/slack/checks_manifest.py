"""The doctor's look at the app's own settings in Slack: its manifest against ours.

Slack tells nobody which events an app is subscribed to but whoever configures it, by a token of
theirs: https://docs.slack.dev/reference/methods/apps.manifest.export
"""

from collections.abc import Iterable, Mapping
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.checks import Check
from bot.slack.connection import SlackConnection, answered, open_client
from bot.slack.errors import Refused, SlackError
from bot.slack.manifest import COMMANDS, EVENTS, SCOPES, SHORTCUTS, manifest

_NAME = "Slack app manifest"
_ANOTHER = (
    "make a new one at https://api.slack.com/apps under “Your App Configuration Tokens”: one is "
    "good for twelve hours, and only for apps of the person who made it"
)
_MEND = "paste `knowhow manifest` into the app's “App Manifest” page, and reinstall the app"

NOT_COMPARED = Check(
    _NAME,
    ok=True,
    found="not looked at: Slack shows it only to whoever configures the app; with a configuration "
    "token in SLACK_CONFIG_TOKEN, missing events, commands and shortcuts are named here",
)


async def check_manifest(
    connection: SlackConnection, config_token: str, public_url: str | None
) -> Check:
    """What the app lacks of what `knowhow manifest` would make it; over a socket without a URL."""
    async with open_client(connection) as client:
        try:
            app = await _own_app(client)
        except SlackError as error:
            found, mend = f"the app's ID is not told ({error})", "mend SLACK_BOT_TOKEN first"
            return Check(_NAME, ok=False, found=found, mend=mend)
        try:
            exported = await answered(client.apps_manifest_export(app_id=app, token=config_token))
        except Refused as error:
            found = f"Slack does not take SLACK_CONFIG_TOKEN for {app} ({error.code})"
            return Check(_NAME, ok=False, found=found, mend=_ANOTHER)
        except SlackError as error:
            found, mend = f"no answer from Slack ({error})", "check the network, and try again"
            return Check(_NAME, ok=False, found=found, mend=mend)
    missing = lacking(_mapping(exported.get("manifest")), manifest(url=public_url))
    if missing:
        return Check(_NAME, ok=False, found="; ".join(missing), mend=_MEND)
    return Check(_NAME, ok=True, found=f"{app} has every event, scope, command and shortcut")


def lacking(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> tuple[str, ...]:
    """A line for each kind of thing that the app's manifest lacks, or has otherwise."""
    settings, wanted = _mapping(theirs.get("settings")), ours["settings"]
    features = _mapping(theirs.get("features"))
    subscribed = _mapping(settings.get("event_subscriptions"))
    scopes = _mapping(_mapping(theirs.get("oauth_config")).get("scopes"))
    commands = {one.get("command"): one for one in _mappings(features.get("slash_commands"))}
    shortcuts = {one.get("callback_id") for one in _mappings(features.get("shortcuts"))}
    # Slack takes a scope or an event as granted once the app asks for it among the optional ones.
    asked = {*_names(scopes.get("bot")), *_names(scopes.get("bot_optional"))}
    lines = [
        _missing("events", EVENTS, EVENTS.keys() - set(_names(subscribed.get("bot_events")))),
        _missing("scopes", SCOPES, SCOPES.keys() - asked),
        _missing("commands", {}, COMMANDS.keys() - commands.keys()),
        _missing("shortcuts", {}, {SHORTCUTS[one][0] for one in SHORTCUTS.keys() - shortcuts}),
    ]
    interactive = _mapping(settings.get("interactivity"))
    if not interactive.get("is_enabled"):
        lines.append("interactivity is off: no button, form or shortcut reaches the bot")
    lines += _addresses(settings, wanted, commands)
    if "agent_view" not in features and "assistant_view" not in features:
        lines.append("it is no agent: agent_view is missing")
    if not _mapping(features.get("app_home")).get("home_tab_enabled"):
        lines.append("the Home tab is off")
    return tuple(line for line in lines if line)


def _addresses(
    settings: Mapping[str, Any],
    wanted: Mapping[str, Any],
    commands: Mapping[Any, Mapping[str, Any]],
) -> list[str]:
    """How events come, and where to: by Socket Mode, or to our public address."""
    by_socket = bool(settings.get("socket_mode_enabled"))
    if by_socket != wanted["socket_mode_enabled"]:
        is_on = "on, and the bot serves HTTP" if by_socket else "off, and the bot opens a socket"
        return [f"Socket Mode is {is_on}"]
    url = wanted["event_subscriptions"].get("request_url")
    if url is None:
        return []
    there = {
        name: _mapping(settings.get(key)).get("request_url")
        for name, key in (("events", "event_subscriptions"), ("interactivity", "interactivity"))
    }
    given = [(name, at, url) for name, at in there.items()]
    its = url.replace("/slack/events", "/slack/commands")
    given += [(str(name), one.get("url"), its) for name, one in commands.items()]
    return [f"{name} go to {at}, not to {due}" for name, at, due in given if at != due]


def _missing(what: str, reasons: Mapping[str, str], names: Iterable[str]) -> str:
    named = [f"{one} ({reasons[one]})" if one in reasons else one for one in sorted(names)]
    return f"{what} missing: {', '.join(named)}" if named else ""


async def _own_app(client: AsyncWebClient) -> str:
    """The ID of the app that the token is of. Raises SlackError."""
    me = await answered(client.auth_test())
    bot = await answered(client.api_call("bots.info", data={"bot": str(me.get("bot_id") or "")}))
    app = _mapping(bot.get("bot")).get("app_id")
    if not app:
        raise SlackError("bots.info names none")
    return str(app)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _mappings(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _names(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []
