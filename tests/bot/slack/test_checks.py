"""The doctor finds what is wrong with Slack and says how to mend it."""

from dataclasses import replace
from typing import Any

import pytest

from bot.slack.checks import Check, check_slack
from bot.slack.connection import SlackConnection, identify, open_client
from bot.slack.errors import SlackError
from bot.slack.manifest import SCOPES
from tests.fakes.running import connection
from tests.fakes.slack_server import FakeSlack


def wrong(checks: tuple[Check, ...]) -> list[str]:
    assert all(check.mend for check in checks if not check.ok)
    return [check.name for check in checks if not check.ok]


async def test_all_is_well(slack: FakeSlack) -> None:
    slack.scopes = ",".join(SCOPES)
    secret = replace(connection(slack), signing_secret="0123456789abcdef" * 2)
    assert wrong(await check_slack(secret, socket=False)) == []
    assert wrong(await check_slack(secret, socket=True)) == []


async def test_a_missing_scope_is_named_with_its_reason(slack: FakeSlack) -> None:
    slack.scopes = ",".join(SCOPES.keys() - {"im:history"})
    checks = await check_slack(connection(slack), socket=True)
    (bad,) = [check for check in checks if not check.ok]
    assert bad.found == "missing im:history (to hear direct messages)"


async def test_refused_tokens_are_told_apart(slack: FakeSlack) -> None:
    slack.refusals["auth.test"] = ["invalid_auth"]
    slack.refusals["apps.connections.open"] = ["not_allowed_token_type"]
    checks = await check_slack(connection(slack), socket=True)
    assert wrong(checks) == ["Slack bot token", "Slack app token"]


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"bot_token": "xoxp-1"}, ["Slack bot token", "Slack signing secret"]),
        ({"signing_secret": None}, ["Slack signing secret"]),
    ],
)
async def test_the_form_of_secrets(
    slack: FakeSlack, given: dict[str, Any], names: list[str]
) -> None:
    assert wrong(await check_slack(replace(connection(slack), **given), socket=False)) == names


async def test_nobody_there() -> None:
    nowhere = SlackConnection("xoxb-1", "http://127.0.0.1:9/api/", "xapp-1")
    checks = await check_slack(nowhere, socket=True)
    assert wrong(checks) == ["Slack bot token", "Slack app token"]
    async with open_client(nowhere) as client:
        with pytest.raises(SlackError, match=r"no Slack at http://127.0.0.1:9/api/"):
            await identify(client)


async def test_an_unknown_token_is_told_in_one_line(slack: FakeSlack) -> None:
    slack.refusals["auth.test"] = ["invalid_auth"]
    async with open_client(connection(slack)) as client:
        with pytest.raises(SlackError, match=r"invalid_auth.*SLACK_BOT_TOKEN"):
            await identify(client)


def test_secrets_are_not_in_the_repr(slack: FakeSlack) -> None:
    assert "test" not in repr(connection(slack))
