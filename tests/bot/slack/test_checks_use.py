"""The doctor says what has come from Slack, where the bot is, and what the app's settings lack."""

import json
from typing import Any

import pytest

from bot.slack import checks_membership
from bot.slack.checks_events import check_events
from bot.slack.checks_manifest import check_manifest, lacking
from bot.slack.checks_membership import check_membership
from bot.slack.manifest import manifest
from knowledge.database import Database
from knowledge.embedding.minilm import MiniLM
from tests.fakes.running import connection, running_bot
from tests.fakes.scripted_agent import ScriptedAgent
from tests.fakes.slack_server import FakeSlack
from tests.fakes.slack_state import BOT_USER, CONFIG_TOKEN, TEAM
from tests.journeys.samples import SAMPLES
from tests.journeys.scene import scene

URL = "https://bot.example"


def test_our_own_manifest_lacks_nothing() -> None:
    for url in (URL, None):
        assert lacking(manifest(url=url), manifest(url=url)) == ()


def test_what_a_manifest_lacks_is_named_with_its_reason() -> None:
    theirs: dict[str, Any] = json.loads(json.dumps(manifest(url=URL)))
    theirs["settings"]["event_subscriptions"]["bot_events"].remove("message.im")
    theirs["settings"]["interactivity"]["request_url"] = "https://old.example/slack/events"
    theirs["oauth_config"]["scopes"]["bot"].remove("files:read")
    theirs["features"]["slash_commands"].pop()
    theirs["features"]["shortcuts"].pop(0)
    theirs["features"]["app_home"]["home_tab_enabled"] = False
    del theirs["features"]["agent_view"]
    assert lacking(theirs, manifest(url=URL)) == (
        "events missing: message.im (direct messages)",
        "scopes missing: files:read (read a file that is attached to a question)",
        "commands missing: /knowhow",
        "shortcuts missing: Answer this",
        f"interactivity go to https://old.example/slack/events, not to {URL}/slack/events",
        "it is no agent: agent_view is missing",
        "the Home tab is off",
    )
    assert lacking(manifest(), manifest(url=URL)) == ("Socket Mode is on, and the bot serves HTTP",)


@pytest.mark.parametrize("theirs", [{}, {"settings": [], "features": {"shortcuts": {"a": 1}}}])
def test_a_manifest_of_another_shape_is_no_error(theirs: dict[str, Any]) -> None:
    assert any("message.im" in line for line in lacking(theirs, manifest()))


async def test_the_apps_manifest_is_read_with_its_own_token(slack: FakeSlack) -> None:
    slack.manifest = manifest(url=URL)
    assert (await check_manifest(connection(slack), CONFIG_TOKEN, URL)).ok
    expired = await check_manifest(connection(slack), "xoxe.xoxp-old", URL)
    assert not expired.ok
    assert "token_expired" in expired.found
    assert "twelve hours" in expired.mend
    slack.refusals["bots.info"] = ["missing_scope"]
    assert "missing_scope" in (await check_manifest(connection(slack), CONFIG_TOKEN, URL)).found


async def test_where_the_bot_is_and_should_be(
    slack: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = await check_membership(connection(slack), ())
    assert not alone.ok
    assert "in no channel" in alone.found
    slack.memberships[BOT_USER] = {f"C{number}" for number in range(5)}
    wanted = [(TEAM, "C1"), (TEAM, "C9"), ("T9", "C8")]
    known = await check_membership(connection(slack), wanted)
    assert known.found.startswith("in 5 channels: #c0, #c1, #c2, #c3, #c4; not in C9, which")
    assert not known.ok
    assert (await check_membership(connection(slack), wanted[:1])).ok
    # A list that is longer than we read says nothing of what is not in it.
    monkeypatch.setattr(checks_membership, "_PAGES", 2)
    cut = await check_membership(connection(slack), wanted)
    assert cut.ok
    assert cut.found.startswith("in more than 4 channels")
    slack.refusals["users.conversations"] = ["missing_scope"]
    assert "missing_scope" in (await check_membership(connection(slack), ())).found


async def test_what_never_came_is_said_with_how_to_try_it(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    before = await check_events(database)
    assert all("none has ever come" in check.found for check in before)
    assert any("message.im" in check.found for check in before)
    on = await scene(slack, database, encoder)
    async with running_bot(slack, database, ScriptedAgent(), encoder=encoder) as bot:
        for _, name, sample in SAMPLES:
            if name in {"/ask", "app_home_opened.is_home", "message", "answer_feedback"}:
                await slack.send_http(bot.url, sample(on))
    now = await check_events(database)
    found = {check.name.removeprefix("Slack events: "): check for check in now}
    never = {name for name, check in found.items() if "none has ever come" in check.found}
    assert never == {"other messages in channels"}
    assert "1 so far, the last one 20" in found["direct messages"].found
