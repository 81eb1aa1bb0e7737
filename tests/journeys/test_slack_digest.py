"""The weekly message and `/knowhow gaps`, with a real worker: once, and nothing private in it."""

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import text

from agent.digests import due_week, send_digest_to, waiting, week_of
from bot.jobs.digest_clock import DigestClock
from bot.slack.digest_zones import DigestZones
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


TOKYO, LOS_ANGELES = ZoneInfo("Asia/Tokyo"), ZoneInfo("America/Los_Angeles")


def test_a_message_is_due_for_a_day_by_the_zones_clock() -> None:
    for zone, offset in ((UTC, 0), (TOKYO, -9), (LOS_ANGELES, 8)):
        monday = MONDAY + timedelta(hours=offset)
        week = due_week(monday, zone)
        assert week is not None
        assert (week.name, week.until) == ("2026-W48", monday)
        assert due_week(monday - timedelta(seconds=1), zone) is None
        assert due_week(monday + timedelta(hours=24), zone) is not None
        assert due_week(monday + timedelta(hours=25), zone) is None


async def test_nobody_is_asked_for_a_zone_while_it_is_due_nowhere(database: Database) -> None:
    assert await waiting(database, MONDAY) == ()
    await send_digest_to(database, TEAM, "C9")
    first, last = MONDAY - timedelta(hours=14), MONDAY + timedelta(hours=12 + 24)
    for moment in (first, MONDAY, MONDAY + timedelta(hours=11), last):
        assert await waiting(database, moment) == ((TEAM, "C9"),)
    for moment in (first - timedelta(seconds=1), last + timedelta(seconds=1)):
        assert await waiting(database, moment) == ()
    await send_digest_to(database, TEAM, None)
    assert await waiting(database, MONDAY) == ()


async def test_it_comes_on_monday_at_nine_where_the_channel_was_made_and_once(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    slack.memberships[BOT_USER] = {"C9"}
    slack.rooms["C9"] = {"creator": "U7"}
    slack.people["U7"] = {"tz": "Asia/Tokyo"}
    await send_digest_to(database, TEAM, "C9")
    async with running_bot(slack, database, ScriptedAgent(), encoder=encoder) as bot:
        desk = bot.service.desk

        async def wake(moment: datetime) -> int:
            zones = DigestZones(desk.workspaces)
            bot.service.workspace.people._known.clear()
            clock = DigestClock(database, desk.errands, zones.of, lambda: moment)
            await clock.wake_overdue()
            async with database.engine.connect() as connection:
                sent = text("SELECT count(*) FROM errand WHERE kind = 'digest'")
                return int(await connection.scalar(sent) or 0)

        tokyos = MONDAY - timedelta(hours=9)
        assert await wake(tokyos - timedelta(minutes=1)) == 0
        slack.refusals["conversations.info"] = ["fatal_error"]  # it waits, and is not lost
        assert await wake(tokyos) == 0
        assert await wake(tokyos) == 1
        # Whoever made it moves to where Monday is still to come: that one was had.
        slack.people["U7"] = {"tz": "America/Los_Angeles"}
        for hours in (0, 1, 8, 20, 31):
            assert await wake(MONDAY + timedelta(hours=hours)) == 1
        # The next week's comes by the new clock, and so it does after moving back.
        later = MONDAY + timedelta(days=7)
        assert await wake(later - timedelta(hours=9)) == 1
        slack.people["U7"] = {"tz": "Asia/Tokyo"}
        assert await wake(later) == 2
        slack.people["U7"] = {"tz": "Nowhere/Atall"}
        assert await wake(later + timedelta(hours=1)) == 2
        await slack.until(lambda: len(slack.answers("C9")) == 2)
    assert slack.problems == []


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
        zones = DigestZones(bot.service.desk.workspaces)
        clocks = [DigestClock(database, errands, zones.of, lambda: MONDAY) for _ in range(4)]
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
