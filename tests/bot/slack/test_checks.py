"""The doctor finds what is wrong with Slack and says how to mend it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from agent.policies import Policy
from bot.slack.checks import Check, check_clock, check_policies, check_slack
from bot.slack.connection import SlackConnection, identify, open_client
from bot.slack.errors import SlackError
from bot.slack.manifest import SCOPES
from knowledge.database import Database
from tests.fakes.running import connection, running_bot
from tests.fakes.slack_server import FakeSlack
from tests.fakes.slack_state import TEAM


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


def test_a_clock_that_is_wrong() -> None:
    slacks = "Sat, 28 Nov 2026 10:00:00 GMT"
    assert check_clock(slacks, datetime(2026, 11, 28, 10, 0, 59, tzinfo=UTC)).ok
    assert not check_clock(slacks, datetime(2026, 11, 28, 9, 58, tzinfo=UTC)).ok
    assert check_clock("", datetime.now(UTC)).ok


async def test_policies_that_cannot_work(slack: FakeSlack) -> None:
    slack.channels |= {"C2": {"is_archived": True}, "C3": {"gone": True}}
    slack.people["U9"] = {"deleted": True}
    slack.usergroups = {"S1": {"U1"}, "S2": set()}
    policies = [
        Policy(TEAM, "C1", collections=("hr",), expert="S1"),
        Policy(TEAM, "C2"),
        Policy(TEAM, "C3"),
        Policy(TEAM, "C4", expert="U9"),
        Policy(TEAM, "C5", expert="S2"),
        Policy(TEAM, "C6", collections=("hr", "it")),
        Policy("T9", "C7"),
    ]
    digests = [(TEAM, "C3"), (TEAM, "C1")]
    checks = await check_policies(connection(slack), policies, {"hr"}, digests)
    bad = {check.name: check.found for check in checks if not check.ok}
    assert len(bad) == 6
    assert "archived" in bad["policy of C2"]
    assert "not in the channel" in bad["policy of C3"]
    assert "U9 has left" in bad["policy of C4"]
    assert "S2 is gone" in bad["policy of C5"]
    assert "no collection it" in bad["policy of C6"]
    assert "weekly message in C3" in bad
    assert checks[-1].found.startswith("1 of other workspaces")


async def test_the_request_url_is_tried(slack: FakeSlack, database: Database) -> None:
    secret = replace(connection(slack), signing_secret="0123456789abcdef" * 2)
    async with running_bot(slack, database, None) as bot:
        assert wrong(await check_slack(secret, socket=False, public_url=bot.url)) == []
    assert wrong(await check_slack(secret, socket=False, public_url=slack.url)) == [
        "Slack request URL"
    ]
