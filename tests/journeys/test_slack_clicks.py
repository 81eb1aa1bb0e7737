"""A click that cannot be what it says, and a Slack that takes too long while somebody waits."""

import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from agent.policies import Policy
from bot.slack import actions, clicks
from bot.slack.failures import TOO_SLOW
from bot.slack.listeners import knowhow_command, policy
from bot.slack.policy_form import Choices, policy_view
from knowledge.database import Database
from knowledge.embedding.minilm import MiniLM
from tests.agent.feedback.given import asked, handed_over
from tests.fakes.running import Bot, running_bot
from tests.fakes.scripted_agent import ScriptedAgent
from tests.fakes.slack_server import FakeSlack
from tests.fakes.slack_state import TEAM
from tests.journeys.test_slack_home import STEPS
from tests.journeys.test_slack_policy_form import sent

PRESSED = "no longer valid"
BELOW_MESSAGES = (
    actions.FEEDBACK,
    actions.ASK_EXPERT,
    actions.SHARE,
    actions.CORRECT,
    actions.REMEMBER,
    actions.IS_RIGHT,
    actions.NOT_MINE,
    actions.ANSWER,
    actions.SEND_REPLY,
    actions.STILL_HOLDS,
    actions.FORGET,
    f"{actions.DOCUMENTS_PAGE}:10",
)
AT_HOME = (
    actions.PAIR_APPROVE,
    actions.PAIR_REJECT,
    actions.PAIR_MERGE,
    actions.PAIR_KEEP,
    actions.PAIR_EDIT,
    actions.MODEL_PROMOTE,
    actions.MODEL_ROLLBACK,
    actions.CONSENT,
    actions.FINDING_SETTLE,
)
FORGED = ('{"broken', "9" * 40, "good:\x00", "grant'; DROP TABLE pair; --", "\x00")


@pytest.fixture
async def bot(slack: FakeSlack, database: Database, encoder: MiniLM) -> AsyncIterator[Bot]:
    slack.people["U1"] = {"is_admin": True}
    async with running_bot(
        slack, database, ScriptedAgent(), encoder=encoder, steps=STEPS
    ) as running:
        yield running
        slack.thaw.set()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (clicks, knowhow_command, policy):
        monkeypatch.setattr(module, "IN_TIME_S", 0.3)


@pytest.mark.parametrize("value", FORGED)
async def test_a_forged_value_is_told_once_and_does_nothing(
    slack: FakeSlack, bot: Bot, caplog: pytest.LogCaptureFixture, value: str
) -> None:
    for action in BELOW_MESSAGES:
        slack.responses.clear()
        assert (await slack.send_http(bot.url, slack.click(action, value)))[0] == 200
        await slack.until(lambda: slack.responses)
        assert [PRESSED in one["text"] for one in slack.responses] == [True], action
    assert slack.views == []
    assert [record for record in caplog.records if record.levelno > logging.WARNING] == []
    warned = [record.getMessage() for record in caplog.records if "not ours" in record.msg]
    assert len(warned) == len(BELOW_MESSAGES)
    assert value not in str(warned)


async def test_a_forged_value_in_the_home_tab_is_told_directly(slack: FakeSlack, bot: Bot) -> None:
    for count, action in enumerate(AT_HOME, 1):
        body: dict[str, Any] = slack.click(action, "1:\x00")
        del body["channel"], body["response_url"]
        assert (await slack.send_http(bot.url, body))[0] == 200
        await slack.until(lambda at=count: len(slack.answers("DU1")) >= at)
        assert PRESSED in slack.answers("DU1")[-1]["text"], action
    assert slack.homes == {}


@pytest.mark.usefixtures("hasty")
async def test_the_policys_button_is_acked_though_slack_hangs(slack: FakeSlack, bot: Bot) -> None:
    for method in ("users.info", "usergroups.list", "views.open"):
        slack.responses.clear()
        slack.frozen[method] = 1
        click = slack.click(actions.POLICY, user=f"U{method}")
        slack.people[f"U{method}"] = {"is_admin": True}
        assert (await slack.send_http(bot.url, click))[0] == 200
        await slack.until(lambda: slack.responses)
        assert "please press again" in slack.responses[-1]["text"], method
    assert slack.views == []


@pytest.mark.usefixtures("hasty")
async def test_the_policys_command_says_that_slack_was_slow(slack: FakeSlack, bot: Bot) -> None:
    slack.frozen["usergroups.list"] = 1
    command = slack.command("policy") | {"command": "/knowhow"}
    status, said = await slack.send_http(bot.url, command)
    assert (status, TOO_SLOW.to("en") in said) == (200, True)


@pytest.mark.usefixtures("hasty")
async def test_a_policy_is_saved_though_slack_hangs(slack: FakeSlack, bot: Bot) -> None:
    view = policy_view(Policy(TEAM, "C1", "every"), Choices(), "en")
    slack.frozen["conversations.info"] = 1
    _, said = await slack.send_http(bot.url, slack.submit(view, sent(view)))
    assert "did not say in time" in said
    assert (await bot.service.desk.policies.of(TEAM, "C1")).answers == "every"


@pytest.mark.usefixtures("hasty")
async def test_a_tasks_form_waits_no_longer_for_who_somebody_is(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    one = await handed_over(database, await asked(database), kind="question")
    async with running_bot(slack, database, ScriptedAgent(), encoder=encoder) as bot:
        slack.frozen["users.info"] = 1
        click = slack.click(actions.ANSWER, str(one.id), user="U7")
        assert (await slack.send_http(bot.url, click))[0] == 200
        await slack.until(lambda: slack.responses)
        slack.thaw.set()
    assert "press again" in slack.responses[0]["text"]
