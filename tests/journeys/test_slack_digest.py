"""The weekly message and `/knowhow gaps`, with a real worker: once, and nothing private in it."""

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from agent.digests import due, send_digest_to, week_of
from bot.jobs.digest_clock import DigestClock
from bot.slack.errands.gaps import GapsAsked, gaps_reply
from knowledge.database import Database
from knowledge.documents import EVERYONE, Document
from knowledge.embedding.minilm import MiniLM
from knowledge.storage.ingest import Draft, ingest
from knowledge.storage.library import Library
from tests.agent.gaps.asked import TEAM, asked
from tests.fakes.running import running_bot
from tests.fakes.scripted_agent import ScriptedAgent
from tests.fakes.slack_server import FakeSlack
from tests.fakes.slack_state import BOT_USER

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
FRIDAY = MONDAY - timedelta(days=3)


def test_the_week_begins_on_monday_at_nine() -> None:
    assert week_of(MONDAY).name == "2026-W48"
    assert week_of(MONDAY).until == MONDAY
    assert week_of(MONDAY - timedelta(seconds=1)).name == "2026-W47"
    assert week_of(datetime(2027, 1, 1, tzinfo=UTC)).name == "2026-W53"


async def test_a_message_is_due_for_a_day(database: Database) -> None:
    assert await due(database, MONDAY) == ()
    await send_digest_to(database, TEAM, "C9")
    assert await due(database, MONDAY) == (TEAM,)
    assert await due(database, MONDAY + timedelta(hours=25)) == ()
    await send_digest_to(database, TEAM, None)
    assert await due(database, MONDAY) == ()


async def test_many_clocks_post_one_message_without_what_is_private(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    slack.memberships[BOT_USER] = {"C1", "C9"}
    await asked(database, "Do I need a visa for <!channel> Brazil?", "U1", at=FRIDAY)
    await asked(database, "Is the merger with Acme real?", "U2", at=FRIDAY, kind="direct")
    await asked(database, "Who leads the board?", "U2", at=FRIDAY, channel="CBOARD")
    past = MONDAY - timedelta(days=30)
    for name, audience in (("leave", EVERYONE), ("board", "channel:CBOARD")):
        one = Document(name, f"https://x.example/{name}", name.title(), "Everybody has 28 days.")
        draft = Draft(one, "c", (audience,), "", expires_at=past)
        await ingest([draft], Library(database, encoder), encoder)
    await send_digest_to(database, TEAM, "C9")
    async with running_bot(slack, database, ScriptedAgent(), encoder=encoder) as bot:
        errands = bot.service.desk.errands
        clocks = [DigestClock(database, errands, lambda: MONDAY) for _ in range(4)]
        await asyncio.gather(*(clock.wake_overdue() for clock in clocks))
        await slack.until(lambda: slack.answers("C9"))
        await asyncio.gather(*(clock.wake_overdue() for clock in clocks))
    (message,) = slack.answers("C9")
    shown = str(message["blocks"])
    assert "2026-W48" in message["text"]
    assert "Questions: 3" in message["text"]
    assert "Brazil" in shown
    assert "https://x.example/leave" in shown
    for private in ("merger", "leads", "x.example/board", "<!channel>"):
        assert private not in shown
    assert slack.problems == []
    async with database.engine.connect() as connection:
        count = await connection.scalar(text("SELECT count(*) FROM errand WHERE kind = 'digest'"))
    assert count == 1


async def test_the_command_shows_a_member_what_they_may_know(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    now = datetime.now(UTC)
    slack.memberships["U3"] = {"C1"}
    await asked(database, "Who plans the summer party?", "U1", at=now)
    await asked(database, "Is the merger with Acme real?", "U2", at=now, kind="direct")
    async with running_bot(slack, database, ScriptedAgent(), encoder=encoder) as bot:
        url = str(slack.command("gaps")["response_url"])
        said = await gaps_reply(bot.service.desk, GapsAsked("k", TEAM, "U3", url), "en")
        assert "90 days" in said
        await slack.until(lambda: slack.responses)
        slack.refusals["response_url"] = ["expired_url"]
        await gaps_reply(bot.service.desk, GapsAsked("k2", TEAM, "U3", url), "zh")
        await slack.until(lambda: slack.answers("DU3"))
    (response,) = slack.responses
    for shown in (str(response), str(slack.answers("DU3"))):
        assert "summer party" in shown
        assert "merger" not in shown
