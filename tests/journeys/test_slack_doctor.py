"""`knowhow doctor` as its operator runs it, against a Slack that is set up badly."""

from agent.policies import Policies, Policy
from bot.slack.manifest import manifest
from knowledge.database import Database
from tests.fakes.slack_server import BOT_TOKEN, SIGNING_SECRET, FakeSlack
from tests.fakes.slack_state import BOT_USER, CONFIG_TOKEN, TEAM
from tests.journeys.terminal import Terminal

URL = "https://bot.example"


async def test_the_doctor_says_it_all(
    terminal: Terminal, database: Database, slack: FakeSlack
) -> None:
    slack.manifest = manifest(url=URL)
    slack.manifest["settings"]["event_subscriptions"]["bot_events"].remove("app_mention")
    await Policies(database).save(Policy(TEAM, "C7", expert="U2"))
    slack.memberships[BOT_USER] = {"C1"}
    env = {
        "SLACK_API_URL": slack.url,
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "KNOWHOW_PUBLIC_URL": URL,
    }
    ran = await terminal.run("doctor", "--json", env=env)
    checks = {one["name"]: one for one in ran.json["checks"]}
    assert "SLACK_CONFIG_TOKEN" in checks["Slack app manifest"]["found"]
    assert "not in C7" in checks["Slack membership"]["found"]
    assert "none has ever come" in checks["Slack events: mentions"]["found"]
    ran = await terminal.run("doctor", "--json", env=env | {"SLACK_CONFIG_TOKEN": CONFIG_TOKEN})
    checks = {one["name"]: one for one in ran.json["checks"]}
    assert "events missing: app_mention" in checks["Slack app manifest"]["found"]
    assert CONFIG_TOKEN not in ran.out + ran.err
