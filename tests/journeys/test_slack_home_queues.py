"""The Home tab's queues worked by an admin: what others were asked, answers that went stale."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import insert, select, text

from agent.feedback.verified import NewAnswer, add
from agent.feedback_tables import handover, verified_answer
from agent.tables import pair, pair_review
from agent.tuning.pair_queue import review_key
from agent.workspace_tables import errand
from bot.slack import actions
from knowledge.database import Database
from knowledge.documents import EVERYONE
from knowledge.embedding.minilm import MiniLM
from tests.agent.feedback.given import TEAM, asked, handed_over
from tests.fakes.running import Bot, running_bot
from tests.fakes.scripted_agent import ScriptedAgent
from tests.fakes.slack_server import FakeSlack
from tests.journeys.feedback import typed
from tests.journeys.homes import ADMIN, candidates, clicked, document, opened, tab, value_of


@pytest.fixture
async def bot(slack: FakeSlack, database: Database, encoder: MiniLM) -> AsyncIterator[Bot]:
    slack.people[ADMIN] = {"is_admin": True, "real_name": "Ada"}
    async with running_bot(slack, database, ScriptedAgent(), encoder=encoder) as running:
        yield running
    assert slack.problems == []


async def form_of(slack: FakeSlack, bot: Bot, action: str) -> dict[str, Any]:
    """What a button in Home opens; Home itself is drawn anew only after the form."""
    view = slack.homes[ADMIN] | {"type": "home"}
    click = slack.click(action, value_of(slack, action), user=ADMIN, view=view, channel="")
    del click["response_url"]
    assert (await slack.send_http(bot.url, click))[0] == 200
    return slack.views[-1]


async def submitted(slack: FakeSlack, bot: Bot, form: dict[str, Any], **said: str) -> str:
    """What the admin sees in Home once the form is carried out."""
    del slack.homes[ADMIN]
    values = {block: {block: typed(text)} for block, text in said.items()}
    assert (await slack.send_http(bot.url, slack.submit(form, values, user=ADMIN)))[0] == 200
    await slack.until(lambda: ADMIN in slack.homes)
    return str(slack.homes[ADMIN])


async def pressed(slack: FakeSlack, bot: Bot, action: str) -> str:
    """What they see after pressing a button that acts at once; Home's clicks have no channel."""
    return await clicked(slack, bot, action, value_of(slack, action), response_url="")


async def test_hand_overs_are_worked_off_in_home(
    slack: FakeSlack, bot: Bot, database: Database
) -> None:
    said = ("wrong?", "right?", "unknown?")
    mentions = [await asked(database, one, ts=f"170000000{n}.000100") for n, one in enumerate(said)]
    await handed_over(database, mentions[0])
    await handed_over(database, mentions[1])
    await handed_over(database, mentions[2], kind="question", answer="")
    shown = await tab(slack, bot, "handovers")
    assert all(one in shown for one in said)

    form = await form_of(slack, bot, actions.CORRECT)
    shown = await submitted(slack, bot, form, question="What is right?", answer="This is.")
    assert "wrong?" not in shown
    assert "right?" in shown
    await slack.until(lambda: any("This is." in one["text"] for one in slack.answers("C1")))

    shown = await pressed(slack, bot, actions.IS_RIGHT)
    assert "Ada: the answer is right" in shown
    assert "*right?*" not in shown

    form = await form_of(slack, bot, actions.ANSWER)
    shown = await submitted(slack, bot, form, answer="Nobody knows.")
    assert "Nobody waits" in shown
    await slack.until(lambda: any("Nobody knows." in one["text"] for one in slack.answers("C1")))
    async with database.engine.connect() as connection:
        states = list(await connection.scalars(select(handover.c.state)))
        (kept,) = list(await connection.scalars(select(verified_answer.c.author)))
    assert sorted(states) == ["answered", "answered", "right"]
    assert kept == ADMIN


async def test_an_admin_is_not_refused_because_one_response_was_lost(
    slack: FakeSlack, bot: Bot, database: Database
) -> None:
    await handed_over(database, await asked(database, "right?"))
    await tab(slack, bot, "handovers")
    value = value_of(slack, actions.IS_RIGHT)
    bot.service.workspace.people._known.clear()
    slack.broken["users.info"] = 1
    await clicked(slack, bot, actions.IS_RIGHT, value, response_url="")
    await slack.until(lambda: any("it is right" in one["text"] for one in slack.answers("C1")))


async def test_who_comes_too_late_reads_so_in_home(
    slack: FakeSlack, bot: Bot, database: Database
) -> None:
    await handed_over(database, await asked(database, "right?"))
    await tab(slack, bot, "handovers")
    page = dict(slack.homes[ADMIN])
    await pressed(slack, bot, actions.IS_RIGHT)
    slack.homes[ADMIN] = page
    assert "has settled this already" in await pressed(slack, bot, actions.IS_RIGHT)
    assert slack.answers(f"D{ADMIN}") == []


async def test_stale_verified_answers_are_kept_or_forgotten(
    slack: FakeSlack, bot: Bot, database: Database, encoder: MiniLM
) -> None:
    await document(database, encoder, "leave", "Everybody has 28 days of leave.")
    for question in ("how long is <!here> leave?", "who has leave?"):
        given = NewAnswer(
            TEAM, question, "It is 28 days.", "U2", "Bo", by_admin=False, quoted=False,
            audience=(EVERYONE,), documents=(1,), versions=(1,),
        )  # fmt: skip
        async with database.engine.begin() as connection:
            await add(connection, given, encoder, None)
    assert "Nothing to look at" in await tab(slack, bot, "documents")
    await document(database, encoder, "leave", "Everybody has 30 days.", content_hash="2")
    shown = await opened(slack, bot, ADMIN)
    shown = await tab(slack, bot, "documents")
    assert shown.count("whose document has changed") == 2
    assert "Verified by Bo" in shown
    assert "<!here>" not in shown

    shown = await pressed(slack, bot, actions.STILL_HOLDS)
    assert "I use it again" in shown
    assert shown.count("whose document has changed") == 1
    shown = await pressed(slack, bot, actions.FORGET)
    assert "I do not use it any more" in shown
    assert "Nothing to look at" in shown
    async with database.engine.connect() as connection:
        rows = await connection.execute(
            text("SELECT state, versions, author FROM verified_answer ORDER BY id")
        )
        assert [tuple(row) for row in rows] == [("live", [2], ADMIN), ("withdrawn", [1], "U2")]


async def contradicting(database: Database, *questions: str) -> list[int]:
    numbers = await candidates(database, *questions)
    row = {
        "kind": "contradiction",
        "pairs": numbers,
        "key": review_key("contradiction", questions),
        "why": "the same question",
    }
    async with database.engine.begin() as connection:
        await connection.execute(insert(pair_review).values(row))
    return numbers


@pytest.mark.parametrize(
    ("of_all", "state"), [(actions.PAIR_APPROVE, "approved"), (actions.PAIR_REJECT, "rejected")]
)
async def test_all_pairs_of_an_item_are_kept_or_rejected_at_once(
    slack: FakeSlack, bot: Bot, database: Database, of_all: str, state: str
) -> None:
    await contradicting(database, "one?", "two?")
    (other,) = await candidates(database, "three?")
    shown = await tab(slack, bot, "pairs")
    assert "1 of 2" in shown
    value = [
        one["value"]
        for block in slack.homes[ADMIN]["blocks"]
        for one in block.get("elements", ())
        if one.get("action_id") == of_all and one["value"].endswith(":0")
    ]
    shown = await clicked(slack, bot, of_all, *value)
    assert "*three?*" in shown
    async with database.engine.connect() as connection:
        rows = dict(iter(await connection.execute(select(pair.c.id, pair.c.state))))
    assert rows.pop(other) == "candidate"
    assert set(rows.values()) == {state}


async def test_a_page_is_cut_out_of_both_lists(
    slack: FakeSlack, bot: Bot, database: Database
) -> None:
    await contradicting(database, "one?", "two?")
    await candidates(database, "three?", "four?")
    await contradicting(database, "five?", "six?")
    seen = [await tab(slack, bot, "pairs")]
    for _ in range(3):
        value = value_of(slack, f"{actions.HOME_PAGE}on")
        seen.append(await clicked(slack, bot, f"{actions.HOME_PAGE}on", value))
    expected = ("*one?*", "*five?*", "*three?*", "*four?*")
    for shown, first in zip(seen, expected, strict=True):
        assert [one for one in expected if one in shown] == [first]
    assert "4 of 4" in await clicked(slack, bot, f"{actions.HOME_PAGE}on", "9")


async def test_the_digests_button_is_a_link_and_asks_for_nothing(
    slack: FakeSlack, bot: Bot, database: Database
) -> None:
    assert (await slack.send_http(bot.url, slack.click(actions.OPEN_HOME)))[0] == 200
    assert "What I know" in await opened(slack, bot, "U1")  # which Slack says next
    async with database.engine.connect() as connection:
        assert set(await connection.scalars(select(errand.c.kind))) == {"home"}


async def test_a_pair_that_fits_no_form_is_said_to_be_edited_elsewhere(
    slack: FakeSlack, bot: Bot, database: Database
) -> None:
    (number,) = await candidates(database, "long? " * 600)
    await tab(slack, bot, "pairs")
    assert "too long for a form" in await pressed(slack, bot, actions.PAIR_EDIT)
    said = await clicked(slack, bot, actions.PAIR_EDIT, f"0:{number + 1}")
    assert "nothing to do about it" in said
    assert slack.views == []
