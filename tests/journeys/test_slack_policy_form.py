"""The form of a channel's policy, as admins open it and send it off."""

import json
from typing import Any

from agent.policies import Policy
from bot.slack.actions import POLICY
from bot.slack.policy_form import Choices, policy_view
from bot.slack.policy_reading import read_policy
from knowledge.database import Database
from tests.fakes.running import running_bot
from tests.fakes.slack_blocks import view_problems
from tests.fakes.slack_server import FakeSlack
from tests.fakes.slack_state import TEAM

OWN = Policy(
    TEAM, "C1", "every", follows=False, collections=("hr",), least_confidence=0.6,
    expert="U9", language="zh", daily_budget=50,
)  # fmt: skip


def sent(view: Any, **changes: dict[str, Any]) -> dict[str, Any]:
    """The values that Slack sends for a form nobody changed but for ``changes`` by block."""
    names = {
        "static_select": ("selected_option", "initial_option"),
        "multi_static_select": ("selected_options", "initial_options"),
        "checkboxes": ("selected_options", "initial_options"),
        "users_select": ("selected_user", "initial_user"),
        "number_input": ("value", "initial_value"),
    }
    values = {}
    for block in view["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            given, initial = names[element["type"]]
            held = {given: element.get(initial)} | changes.get(block["block_id"], {})
            values[block["block_id"]] = {element["action_id"]: held}
    return values


def test_what_is_sent_off_unchanged_changes_nothing() -> None:
    choices = Choices(("hr", "it"), {"S1": "people"})
    for policy in (OWN, Policy(TEAM, "C1"), Policy(TEAM, "C1", expert="S1")):
        for language in ("en", "zh"):
            view = policy_view(policy, choices, language)
            assert view_problems(view) == []
            state = {"state": {"values": sent(view)}}
            assert read_policy(view | state, policy, "en") == policy
            many = Choices([f"{n} " + "name" * 40 for n in range(250)])
            assert view_problems(policy_view(policy, many, "en")) == []


async def test_an_admin_changes_it_and_hears_what_cannot_work(
    slack: FakeSlack, database: Database
) -> None:
    slack.people |= {"U1": {"is_admin": True, "locale": "zh-CN"}, "U9": {"deleted": True}}
    slack.channels["C1"] = {"is_member": False}
    async with running_bot(slack, database, None) as bot:
        await bot.service.desk.policies.save(OWN)
        assert (await slack.send_http(bot.url, slack.click(POLICY)))[0] == 200
        (form,) = slack.views
        wrong = slack.submit(form, sent(form, confidence={"value": "101"}, budget={"value": "x"}))
        refused = json.loads((await slack.send_http(bot.url, wrong))[1])
        assert set(refused["errors"]) == {"confidence", "budget"}
        right = slack.submit(form, sent(form, confidence={"value": "75"}))
        saved = json.loads((await slack.send_http(bot.url, right))[1])
        policy = await bot.service.desk.policies.of(TEAM, "C1")
    assert (policy.least_confidence, policy.author) == (0.75, "U1")
    assert view_problems(saved["view"]) == []
    said = saved["view"]["blocks"][0]["text"]["text"]
    assert "我不在该频道中" in said
    assert "U9 已离开" in said
    assert "没有名为 hr 的文档集" in said


async def test_nobody_else_opens_or_sends_it(slack: FakeSlack, database: Database) -> None:
    async with running_bot(slack, database, None) as bot:
        await slack.send_http(bot.url, slack.click(POLICY))
        assert slack.views == []
        assert "Only admins" in slack.ephemerals[-1]["text"]
        view = policy_view(OWN, Choices(), "en")
        _, body = await slack.send_http(bot.url, slack.submit(view, sent(view)))
        assert "Only admins" in body
        assert await bot.service.desk.policies.of(TEAM, "C1") == Policy(TEAM, "C1")
