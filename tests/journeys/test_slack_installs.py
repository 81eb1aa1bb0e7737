"""Many workspaces install the app: each has its own answers, and takes all with it when it goes."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text, update

from agent.answers import Answer, Question
from agent.events import Done, Event
from bot.slack import oauth
from knowledge.database import Database
from knowledge.documents import Query
from knowledge.retrieval.search import Search
from knowledge.schemas import workspace_schema
from knowledge.storage.library import Library
from tests.fakes.installed import InstalledBot, app_of, installed_bot
from tests.fakes.letters import Letters
from tests.fakes.scripted_agent import ScriptedAgent, plain_answer
from tests.fakes.slack_server import FakeSlack
from tests.fakes.slack_state import SlackState
from tests.knowledge.preparing import prepare

# slack_sdk makes it, where it exchanges the code for a token.
pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")

LETTERS = Letters()


class OwnAgent:
    """Says what its own knowledge base holds on the question."""

    def __init__(self, _team: str, own: Database) -> None:
        self._search = Search(own, LETTERS)

    async def stream(self, question: Question) -> AsyncIterator[Event]:
        found = await self._search.find(Query(question.text), question.reader)
        texts = "; ".join(passage.text for passage in found.passages)
        yield Done(plain_answer(texts or "nothing"))


async def two(bot: InstalledBot) -> tuple[SlackState, SlackState]:
    first, second = bot.workspace("T1"), bot.workspace("T2")
    for one in (first, second):
        page = await bot.install(one)
        assert page.status == 200, page.text
    return first, second


async def answer(bot: InstalledBot, workspace: SlackState, channel: str = "C1") -> str:
    await bot.slack.until(lambda: bool(workspace.answers(channel)))
    return str(workspace.answers(channel)[-1]["text"])


async def holding(database: Database, word: str) -> list[str]:
    """Every table of every schema that holds the word, but by chance within a token's cipher."""
    tables = text("""
        SELECT table_schema, table_name FROM information_schema.tables
        WHERE table_schema LIKE 'knowhow%' AND table_type = 'BASE TABLE'
    """)
    found = []
    async with database.engine.connect() as connection:
        for schema, name in (await connection.execute(tables)).all():
            held = text(
                f'SELECT count(*) FROM "{schema}"."{name}" AS r WHERE r::text ~ :alone'  # noqa: S608  names of the catalogue
            )
            edge = "[^[:alnum:]_=-]"  # none of a token's
            if await connection.scalar(held, {"alone": f"(^|{edge}){word}({edge}|$)"}):
                found.append(f"{schema}.{name}")
    return found


async def schemas(database: Database) -> set[str]:
    async with database.engine.connect() as connection:
        found = await connection.scalars(
            text("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'knowhow%'")
        )
        return set(found)


async def until_gone(database: Database, name: str) -> None:
    async with asyncio.timeout(20):
        while name in await schemas(database):
            await asyncio.sleep(0.1)


async def know(database: Database, team: str, body: str) -> None:
    library = Library(workspace_schema(database, team), LETTERS)
    await library.put([await prepare(LETTERS, "leave", body)])


async def test_each_workspace_gets_its_own_answers_from_its_own_knowledge(
    slack: FakeSlack, database: Database
) -> None:
    async with installed_bot(slack, database, OwnAgent) as bot:
        first, second = await two(bot)
        await know(database, "T1", "Leave is 28 days.")
        await know(database, "T2", "Leave is 30 days.")
        ts = slack.ts()
        # The same channel, the same ts, the same text: two workspaces' ids may be the same.
        for one in (first, second):
            await bot.ask(one, "how many days of leave?", ts=ts)
        assert "28 days" in await answer(bot, first)
        assert "30 days" in await answer(bot, second)
        assert "28 days" not in await answer(bot, second)
        assert len(first.answers("C1")) == len(second.answers("C1")) == 1
    assert first.answers("C1")[0]["user"] == "UBOTT1"
    assert slack.messages == {}


async def test_tokens_are_encrypted_in_the_database(slack: FakeSlack, database: Database) -> None:
    async with installed_bot(slack, database) as bot:
        await two(bot)
        assert sorted(slack.tokens) == ["xoxb-T1-0", "xoxb-T2-1"]
    assert await holding(database, "xoxb-") == []


async def test_a_token_that_cannot_be_read_keeps_no_other_workspace_from_its_answer(
    slack: FakeSlack, database: Database
) -> None:
    failures = [RuntimeError("once")]

    async def fail_once(_: Question) -> Answer:
        if failures:
            raise failures.pop()
        return plain_answer("28 days")

    async with installed_bot(slack, database, lambda _team, _own: ScriptedAgent(fail_once)) as bot:
        _, second = await two(bot)
        bots = bot.services.installs.bots
        async with database.engine.begin() as connection:
            await connection.execute(
                update(bots).where(bots.c.team_id == "T1").values(bot_token="of another key")
            )
        # Asked again, which nobody but the sweep sees to.
        await bot.ask(second, "how many days?")
        assert "28 days" in await answer(bot, second)


async def test_a_workspace_that_goes_takes_all_its_data_and_nothing_else(
    slack: FakeSlack, database: Database, tmp_path: Path
) -> None:
    for team in ("T1", "T2"):
        (tmp_path / team / "run-1").mkdir(parents=True)
    async with installed_bot(slack, database, models=tmp_path) as bot:
        first, second = await two(bot)
        for one in (first, second):
            await bot.ask(one, "days?", channel=f"C{one.team}")
            await answer(bot, one, f"C{one.team}")
        held = await holding(database, "CT1")
        assert {one.partition(".")[0] for one in held} == {"knowhow_t1"}
        assert await bot.tell(first, "tokens_revoked", event={"tokens": {"bot": ["UBOTT1"]}}) == 200
        assert await bot.tell(first, "app_uninstalled") == 200
        await until_gone(database, "knowhow_t1")
        assert await holding(database, "T1") == []
        assert [one.name for one in tmp_path.iterdir()] == ["T2"]
        assert "knowhow_t2.mention" in await holding(database, "CT2")
        await bot.ask(first, "still there?", channel="CT1")
        await bot.ask(second, "still there?", channel="CT2")
        await slack.until(lambda: len(second.answers("CT2")) == 2)
        assert len(first.answers("CT1")) == 1
    assert await holding(database, "CT1") == []


async def test_people_who_take_back_their_own_tokens_do_not_remove_the_app(
    slack: FakeSlack, database: Database
) -> None:
    async with installed_bot(slack, database) as bot:
        first, _ = await two(bot)
        assert await bot.tell(first, "tokens_revoked", event={"tokens": {"oauth": ["U1"]}}) == 200
        await bot.ask(first, "days?")
        assert "28 days" in await answer(bot, first)


async def test_news_of_an_earlier_removal_does_not_end_a_new_installation(
    slack: FakeSlack, database: Database
) -> None:
    async with installed_bot(slack, database) as bot:
        first, _ = await two(bot)
        assert await bot.tell(first, "app_uninstalled", event_time=1) == 200
        await bot.ask(first, "days?")
        assert "28 days" in await answer(bot, first)


async def test_after_another_installation_the_new_token_is_used(
    slack: FakeSlack, database: Database
) -> None:
    async with installed_bot(slack, database) as bot:
        first, _ = await two(bot)
        await bot.ask(first, "days?")
        await answer(bot, first)
        slack.revoked.add("xoxb-T1-0")
        assert (await bot.install(first)).status == 200
        await bot.ask(first, "days?")
        await slack.until(lambda: len(first.answers("C1")) == 2)
        assert len(await bot.services.installs.all()) == 2


async def test_work_in_hand_when_the_app_is_removed_ends_with_a_line(
    slack: FakeSlack, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    asked, gone = asyncio.Event(), asyncio.Event()

    async def slow(question: Question) -> Answer:
        asked.set()
        await gone.wait()
        return plain_answer(question.text)

    async with installed_bot(slack, database, lambda _team, _own: ScriptedAgent(slow)) as bot:
        first, second = await two(bot)
        await bot.ask(first, "days?")
        await asked.wait()
        slack.revoked.add("xoxb-T1-0")
        await bot.tell(first, "app_uninstalled")
        await until_gone(database, "knowhow_t1")
        gone.set()
        async with asyncio.timeout(20):
            while "T1 removed the app: its work is dropped" not in caplog.text:
                await asyncio.sleep(0.05)
        await bot.ask(second, "days?")
        await answer(bot, second)
    assert first.answers("C1") == []
    assert await holding(database, "T1") == []


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"state": "another"}, 400, "in another browser"),
        ({"cookie": "none=0"}, 400, "in another browser"),
        ({"error": "access_denied"}, 200, "You did not allow it"),
        ({"code": "unknown"}, 401, "Slack did not confirm"),
    ],
)
async def test_an_installation_that_fails_says_why(
    slack: FakeSlack, database: Database, change: dict[str, str], status: int, said: str
) -> None:
    async with installed_bot(slack, database) as bot:
        page = await bot.install(bot.workspace("T1"), **change)
        assert (page.status, said in page.text) == (status, True), page.text
        assert await bot.services.installs.all() == ()
    assert await schemas(database) == {"knowhow"}


@pytest.mark.parametrize("fault", ["broken", "lost", "rate_limits"])
async def test_a_slack_that_does_not_answer_leaves_nothing_half_installed(
    slack: FakeSlack, database: Database, fault: str
) -> None:
    getattr(slack, fault)["oauth.v2.access"] = 1
    async with installed_bot(slack, database) as bot:
        page = await bot.install(bot.workspace("T1"))
        assert (page.status, "Slack did not confirm" in page.text) == (401, True)
        assert (await bot.install(bot.workspace("T1"))).status == 200


async def test_a_slack_that_takes_too_long_is_said_to(
    slack: FakeSlack, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oauth, "_SLACK_WITHIN_S", 0.2)
    slack.frozen["oauth.v2.access"] = 1
    async with installed_bot(slack, database) as bot:
        page = await bot.install(bot.workspace("T1"))
        assert (page.status, "did not answer in time" in page.text) == (504, True)
        assert await bot.services.installs.all() == ()
        slack.thaw.set()
        assert (await bot.install(bot.workspace("T1"))).status == 200


async def test_a_state_is_good_for_once(slack: FakeSlack, database: Database) -> None:
    async with installed_bot(slack, database) as bot:
        async with database.engine.begin() as connection:
            await connection.execute(
                text(
                    "INSERT INTO slack_oauth_states (state, expire_at) VALUES "
                    "('fresh', now() AT TIME ZONE 'UTC' + interval '1 minute'), "
                    "('stale', now() AT TIME ZONE 'UTC' - interval '1 second')"
                )
            )
        workspace = bot.workspace("T1")
        for state, status in (("stale", 401), ("fresh", 200), ("fresh", 401)):
            cookie = f"slack-app-oauth-state={state}"
            page = await bot.install(workspace, state=state, cookie=cookie)
            assert page.status == status, state


async def test_the_pages_speak_the_browsers_language_and_escape_names(
    slack: FakeSlack, database: Database
) -> None:
    async with installed_bot(slack, database) as bot:
        page = await bot.install(bot.workspace("T1"), "zh-CN,zh;q=0.9")
    assert "Knowhow 已加入 &lt;b&gt;T1&lt;/b&gt;" in page.text


async def test_only_invited_workspaces_and_no_whole_organisations(
    slack: FakeSlack, database: Database
) -> None:
    connection = app_of(slack, teams=frozenset({"T1"}))
    async with installed_bot(slack, database, connection=connection) as bot:
        assert (await bot.install(bot.workspace("T1"))).status == 200
        for team, said in (("T2", "not opened it to your workspace"), ("E1", "whole organisation")):
            page = await bot.install(bot.workspace(team))
            assert (page.status, said in page.text) == (403, True), page.text
    assert await schemas(database) == {"knowhow", "knowhow_t1"}


async def test_a_command_from_where_it_is_not_installed_says_where_to_install_it(
    slack: FakeSlack, database: Database
) -> None:
    async with installed_bot(slack, database) as bot:
        status, said = await slack.send_http(bot.url, slack.command("days?"))
        assert (status, "https://bot.example/slack/install" in said) == (200, True)
        assert await bot.tell(bot.workspace("T9"), "app_uninstalled") == 200


async def test_what_each_workspace_asked_in_an_outage_is_read_up_whatever_ails_another(
    slack: FakeSlack, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async with installed_bot(slack, database) as bot:
        first, second = await two(bot)
        second.memberships["UBOTT2"] = {"C1"}
        second.say("C1", "<@UBOTT2> anybody there?")
        async with database.engine.begin() as connection:
            await connection.execute(text("ALTER TABLE knowhow_t1.heard RENAME TO unheard"))
        await heard_last(database, "T2", minutes=30)
        assert "anybody there?" in await answer(bot, second)
        assert "no watch kept over T1: ProgrammingError" in caplog.text
        async with database.engine.begin() as connection:
            await connection.execute(text("ALTER TABLE knowhow_t1.unheard RENAME TO heard"))
        first.memberships["UBOTT1"] = {"C1"}
        first.say("C1", "<@UBOTT1> and here?")
        await heard_last(database, "T1", minutes=30)
        assert "and here?" in await answer(bot, first)
    assert [len(one.answers("C1")) for one in (first, second)] == [1, 1]


async def heard_last(database: Database, team: str, minutes: int) -> None:
    """As if nobody had listened for a workspace for so long."""
    last = text(
        f"INSERT INTO knowhow_{team.lower()}.heard "  # noqa: S608  names of the tests
        "VALUES (:team, now() - make_interval(mins => :minutes)) "
        "ON CONFLICT (team) DO UPDATE SET until = excluded.until"
    )
    async with database.engine.begin() as connection:
        await connection.execute(last, {"team": team, "minutes": minutes})


async def test_who_waits_in_one_of_many_workspaces_is_told_so(
    slack: FakeSlack, database: Database
) -> None:
    go_on = asyncio.Event()

    async def slow(question: Question) -> Answer:
        await go_on.wait()
        return plain_answer(question.text)

    async with installed_bot(slack, database, lambda _team, _own: ScriptedAgent(slow)) as bot:
        _, second = await two(bot)
        for n in range(4):
            await bot.ask(second, f"{n}?")
        async with database.engine.begin() as connection:
            past = "UPDATE knowhow_t2.mention SET created_at = created_at - interval '11 s'"
            await connection.execute(text(past))
        await slack.until(lambda: any("are before" in said for *_, said in second.statuses))
        go_on.set()
        await slack.until(lambda: len(second.answers("C1")) == 4)
