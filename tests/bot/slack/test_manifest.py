"""The manifest holds all that the bot needs, for both ways in."""

import json

from bot.slack.manifest import SCOPES, manifest


def test_socket_mode_needs_no_address() -> None:
    made = manifest()
    assert made["settings"]["socket_mode_enabled"] is True
    assert "url" not in json.dumps(made)


def test_http_names_the_addresses_that_are_served() -> None:
    made = manifest("Helper", "https://bot.example/")
    assert made["settings"]["socket_mode_enabled"] is False
    events = made["settings"]["event_subscriptions"]
    assert events["request_url"] == "https://bot.example/slack/events"
    (command,) = made["features"]["slash_commands"]
    assert command["url"] == "https://bot.example/slack/commands"
    assert made["display_information"]["name"] == "Helper"


def test_every_scope_is_asked_for_with_a_reason() -> None:
    assert manifest()["oauth_config"]["scopes"]["bot"] == list(SCOPES)
    assert all(SCOPES.values())
