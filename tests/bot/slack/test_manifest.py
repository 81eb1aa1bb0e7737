"""The manifest holds all that the bot needs, for both ways in."""

import json

from bot.slack.manifest import COMMANDS, EVENTS, SCOPES, SHORTCUTS, manifest
from tests.fakes.listeners import listened


def test_socket_mode_needs_no_address() -> None:
    made = manifest()
    assert made["settings"]["socket_mode_enabled"] is True
    assert "url" not in json.dumps(made)


def test_http_names_the_addresses_that_are_served() -> None:
    made = manifest("Helper", "https://bot.example/")
    assert made["settings"]["socket_mode_enabled"] is False
    events = made["settings"]["event_subscriptions"]
    assert events["request_url"] == "https://bot.example/slack/events"
    commands = made["features"]["slash_commands"]
    assert {one["url"] for one in commands} == {"https://bot.example/slack/commands"}
    assert made["settings"]["interactivity"]["request_url"] == "https://bot.example/slack/events"
    assert made["oauth_config"]["redirect_urls"][0].startswith("https://bot.example/")
    assert made["display_information"]["name"] == "Helper"


def test_every_scope_and_event_is_asked_for_with_a_reason() -> None:
    made = manifest()
    assert set(made["oauth_config"]["scopes"]["bot"]) == set(SCOPES)
    assert set(made["settings"]["event_subscriptions"]["bot_events"]) == set(EVENTS)
    assert all(SCOPES.values())
    assert all(EVENTS.values())


def test_only_the_chosen_features_are_asked_for() -> None:
    made = manifest(url="https://bot.example", features=["answers"])
    assert made["features"].keys() == {"app_home", "bot_user"}
    assert "files:read" not in made["oauth_config"]["scopes"]["bot"]
    assert "redirect_urls" not in made["oauth_config"]
    assert made["features"]["app_home"]["home_tab_enabled"] is False


OLDER = {("event", "assistant_thread_started"), ("event", "assistant_thread_context_changed")}
"""Slack sends these to apps with an assistant_view only; a manifest has one or the agent_view."""


def test_the_manifest_offers_what_the_app_listens_to_and_nothing_else() -> None:
    offered = {("command", one) for one in COMMANDS} | {("shortcut", one) for one in SHORTCUTS}
    offered |= {("event", one.partition(".")[0]) for one in EVENTS}
    outer = {
        (kind, name.partition(".")[0] if kind == "event" else name)
        for kind, name in listened() - {("event", ".*")}
        if kind in {"command", "shortcut", "event"}
    }
    assert outer - OLDER == offered
