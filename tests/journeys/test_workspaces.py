"""Many workspaces from the terminal: who has the app, whose knowledge a command works on."""

import asyncio
import json
import re
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from cryptography.fernet import Fernet, MultiFernet
from sqlalchemy import Connection, text

from bot.slack.installs import Installs
from knowledge.database import Database, migrate
from knowledge.schemas import workspace_schema
from tests.fakes.installed import app_of, installed_bot
from tests.fakes.slack_methods.oauth import CLIENT_ID, CLIENT_SECRET
from tests.fakes.slack_server import SIGNING_SECRET, FakeSlack
from tests.fakes.slack_state import CONFIG_TOKEN
from tests.journeys.terminal import Terminal
from tests.journeys.test_serving import free_port
from tests.journeys.test_slack_installs import heard_last

pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")

KEY = Fernet.generate_key().decode()


@pytest.fixture
def env(slack: FakeSlack) -> dict[str, str]:
    return {
        "SLACK_API_URL": slack.url,
        "SLACK_CLIENT_ID": CLIENT_ID,
        "SLACK_CLIENT_SECRET": CLIENT_SECRET,
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "KNOWHOW_PUBLIC_URL": "https://bot.example",
        "KNOWHOW_TOKEN_KEYS": KEY,
    }


@pytest.fixture
async def both(slack: FakeSlack, database: Database) -> None:
    """T1 and T2 install the app."""
    connection = app_of(slack, keys=MultiFernet([Fernet(KEY)]))
    async with installed_bot(slack, database, connection=connection) as bot:
        for team in ("T1", "T2"):
            assert (await bot.install(bot.workspace(team))).status == 200


@pytest.mark.usefixtures("both")
async def test_each_workspace_has_documents_of_its_own(
    terminal: Terminal, env: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "leave.md").write_text("# Leave\n\nEverybody has 28 days.\n")
    asked = await terminal.run("upload", str(tmp_path), env=env)
    assert "KNOWHOW_WORKSPACE not set" in asked.complaint
    first = await terminal.run("upload", str(tmp_path), "--json", env=env | of("T1"))
    assert first.json["added"] == 1
    for team, count in (("T1", 1), ("T2", 0)):
        ran = await terminal.run("documents", "list", "--json", env=env | of(team))
        assert len(ran.json["documents"]) == count
    unknown = await terminal.run("documents", "list", env=env | of("T9"))
    assert "T9 has not installed the app" in unknown.complaint


@pytest.mark.usefixtures("both")
async def test_who_serves_notices_that_nobody_listened_for_any_of_them(
    terminal: Terminal, env: dict[str, str], database: Database
) -> None:
    for team in ("T1", "T2"):
        await heard_last(database, team, minutes=60)
    both = "SELECT team FROM knowhow_t1.errand UNION SELECT team FROM knowhow_t2.errand ORDER BY 1"
    served = await terminal.start(
        "serve", "--http", "--no-worker", env=env | {"KNOWHOW_PORT": str(free_port())}
    )
    try:
        async with asyncio.timeout(60), database.engine.connect() as connection:
            while list(await connection.scalars(text(both))) != ["T1", "T2"]:
                assert served.returncode is None
                await connection.rollback()
                await asyncio.sleep(0.2)
    finally:
        served.terminate()
        await served.communicate()


@pytest.mark.usefixtures("both")
async def test_a_workspace_is_removed_from_slack_and_from_the_database(
    terminal: Terminal, env: dict[str, str], slack: FakeSlack
) -> None:
    listed = await terminal.run("workspaces", "list", "--json", env=env)
    assert [(one["team"], one["bytes"] > 0) for one in listed.json["workspaces"]] == [
        ("T1", True),
        ("T2", True),
    ]
    assert "<b>T1</b>" in (await terminal.run("workspaces", "list", env=env)).out
    refused = await terminal.run("workspaces", "remove", "T1", env=env)
    assert "add --yes to agree" in refused.complaint
    removed = await terminal.run("workspaces", "remove", "T1", "--yes", "--json", env=env)
    assert removed.json == {"team": "T1", "uninstalled": True}
    assert slack.revoked == {"xoxb-T1-0"}
    again = await terminal.run("workspaces", "remove", "T1", "--yes", env=env)
    assert "no workspace T1" in again.complaint
    left = await terminal.run("workspaces", "list", "--json", env=env)
    assert [one["team"] for one in left.json["workspaces"]] == ["T2"]


@pytest.mark.usefixtures("both")
async def test_keys_are_made_and_changed(terminal: Terminal, env: dict[str, str]) -> None:
    made = (await terminal.run("workspaces", "key")).out.strip()
    assert re.fullmatch(r"[\w-]{43}=", made)
    lost = await terminal.run("workspaces", "list", env=env | {"KNOWHOW_TOKEN_KEYS": made})
    assert "put the key back" in lost.complaint
    both_keys = env | {"KNOWHOW_TOKEN_KEYS": f"{made},{KEY}"}
    sealed = await terminal.run("workspaces", "reseal", "--json", env=both_keys)
    assert sealed.json == {"tokens": 2}
    listed = await terminal.run(
        "workspaces", "list", "--json", env=env | {"KNOWHOW_TOKEN_KEYS": made}
    )
    assert len(listed.json["workspaces"]) == 2


@pytest.mark.usefixtures("both")
async def test_the_doctor_sees_a_token_that_was_taken_back(
    terminal: Terminal, env: dict[str, str], slack: FakeSlack
) -> None:
    slack.revoked.add("xoxb-T2-1")
    ran = await terminal.run("doctor", "--json", env=env)
    checks = {one["name"]: one for one in json.loads(ran.out)["checks"]}
    assert "2 have installed the app" in checks["workspaces"]["found"]
    assert "lacks the scopes" in checks["workspace T1 (<b>T1</b>)"]["found"]
    assert checks["workspace T2 (<b>T2</b>)"]["found"] == "Slack says token_revoked"
    assert "SLACK_CONFIG_TOKEN" in checks["Slack app manifest"]["found"]


@pytest.mark.usefixtures("both")
async def test_the_doctor_compares_the_manifest_of_an_app_that_many_installed(
    terminal: Terminal, env: dict[str, str]
) -> None:
    ran = await terminal.run("doctor", "--json", env=env | {"SLACK_CONFIG_TOKEN": CONFIG_TOKEN})
    checks = {one["name"]: one for one in json.loads(ran.out)["checks"]}
    assert "app_uninstalled (a workspace" in checks["Slack app manifest"]["found"]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"KNOWHOW_TOKEN_KEYS": ""}, "`knowhow workspaces key` makes one"),
        ({"KNOWHOW_TOKEN_KEYS": "short"}, "expected keys of 44 characters"),
        ({"KNOWHOW_PUBLIC_URL": "http://bot.example"}, "starts with https://"),
        ({"SLACK_CLIENT_SECRET": "", "KNOWHOW_PUBLIC_URL": ""}, "SLACK_CLIENT_SECRET and KNOWHOW"),
        ({"SLACK_BOT_TOKEN": "xoxb-one"}, "are both set"),
        ({"KNOWHOW_TEAMS": "Acme"}, "expected workspaces' IDs"),
        ({"KNOWHOW_WORKSPACE": "acme"}, "expected a workspace's ID"),
    ],
)
async def test_what_is_missing_gets_one_line(
    terminal: Terminal, env: dict[str, str], change: dict[str, str], complaint: str
) -> None:
    ran = await terminal.run("serve", env=env | change)
    assert complaint in ran.complaint


async def test_with_one_workspace_there_are_none_to_list(terminal: Terminal) -> None:
    ran = await terminal.run("workspaces", "list", env={"SLACK_BOT_TOKEN": "xoxb-one"})
    assert "SLACK_CLIENT_ID not set" in ran.complaint


def _back_to(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", "migrations:")
    config.attributes["connection"] = connection
    command.downgrade(config, revision)


async def test_migrate_takes_every_workspace_along(
    terminal: Terminal, database: Database, slack: FakeSlack
) -> None:
    own = workspace_schema(database, "T1")
    await migrate(own)
    installs: Installs = app_of(slack).installs(own)
    async with own.engine.begin() as connection:
        await connection.run_sync(_back_to, "0010")
    assert (await terminal.run("migrate", "--json")).code == 0
    assert await installs.teams() == ()


def of(team: str) -> dict[str, str]:
    return {"KNOWHOW_WORKSPACE": team}
