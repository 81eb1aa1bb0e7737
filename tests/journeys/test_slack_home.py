"""The Home tab through real Bolt: what each person sees, and every button of the admins'."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert, select

from agent.digests import digest_channel
from agent.learned.registry import Registry
from agent.tables import evaluation, pair, pair_review
from agent.tuning.evaluation import Evaluation
from agent.tuning.pair_queue import review_key
from agent.workspace_tables import errand
from bot.slack import actions
from bot.slack.errands.model import ModelSteps
from knowledge.database import Database
from knowledge.embedding.minilm import MiniLM
from tests.agent.gaps.asked import TEAM, asked
from tests.fakes.running import Bot, running_bot
from tests.fakes.scripted_agent import ScriptedAgent
from tests.fakes.slack_server import FakeSlack
from tests.journeys.homes import ADMIN, candidates, clicked, document, opened, tab, value_of


async def never_evaluates(version: int) -> Evaluation:
    raise AssertionError(version)


async def calibrates(_version: int) -> None:
    pass


STEPS = ModelSteps(never_evaluates, calibrates)


@pytest.fixture
async def bot(slack: FakeSlack, database: Database, encoder: MiniLM) -> AsyncIterator[Bot]:
    slack.people[ADMIN] = {"is_admin": True, "real_name": "Ada"}
    async with running_bot(
        slack, database, ScriptedAgent(), encoder=encoder, steps=STEPS
    ) as running:
        yield running
    assert slack.problems == []


async def test_everybody_sees_what_they_may(
    slack: FakeSlack, bot: Bot, database: Database, encoder: MiniLM
) -> None:
    await document(database, encoder, "leave", "Everybody has 28 days of leave.")
    board = {"collection": "board", "audience": ("channel:CBOARD",)}
    await document(database, encoder, "merger", "The merger is in May.", **board)
    slack.people["UZH"] = {"locale": "zh-CN"}
    slack.people["UGUEST"] = {"is_restricted": True}
    member = await opened(slack, bot, "U1")
    assert "*handbook*" in member
    assert "board" not in member
    assert actions.HOME_TAB not in member
    slack.memberships["U2"] = {"CBOARD"}
    assert "*board*" in await opened(slack, bot, "U2")
    assert "我知道什么" in await opened(slack, bot, "UZH")
    assert "handbook" not in await opened(slack, bot, "UGUEST")


async def test_the_messages_tab_is_left_alone(
    slack: FakeSlack, bot: Bot, database: Database
) -> None:
    await opened(slack, bot, "U1", tab="messages")
    async with database.engine.connect() as connection:
        assert set(await connection.scalars(select(errand.c.kind))) == {"suggest"}


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
async def test_every_tab_is_drawn_for_an_admin_in_both_languages(
    slack: FakeSlack, bot: Bot, database: Database, locale: str
) -> None:
    await asked(database, "Who waters <!channel> the plants?", "U5", at=datetime.now(UTC))
    slack.people[ADMIN] = {"is_admin": True, "locale": locale}
    words = {"en-US": ("Gaps", "Answer rate"), "zh-CN": ("知识缺口", "回答率")}[locale]
    for name in ("pairs", "handovers", "documents", "gaps", "usage", "model", "settings"):
        drawn = await tab(slack, bot, name)
        assert words[0] in drawn
        assert "<!channel>" not in drawn
        assert ("&lt;!channel&gt;" in drawn) == (name == "gaps")
        assert (words[1] in drawn) == (name == "usage")


async def test_a_member_who_forges_a_click_changes_nothing(
    slack: FakeSlack, bot: Bot, database: Database
) -> None:
    await opened(slack, bot, "U1")
    said = await clicked(slack, bot, actions.DIGEST_CHANNEL, "C9", "U1")
    assert "Only admins" in said
    assert await digest_channel(database, TEAM) is None
    assert "Only admins" in await clicked(slack, bot, actions.MODEL_ROLLBACK, "0/0", "U1")
    said = await clicked(slack, bot, f"{actions.HOME_TAB}usage", "usage", "U1")
    assert "What I know" in said


async def pair_of(database: Database, number: int) -> Any:
    async with database.engine.connect() as connection:
        return (await connection.execute(select(pair).where(pair.c.id == number))).one()


async def test_pairs_are_approved_rejected_and_edited(
    slack: FakeSlack, bot: Bot, database: Database
) -> None:
    first, second, third = await candidates(database, "one?", "two?", "three?")
    assert "*one?*" in await tab(slack, bot, "pairs")
    assert "*two?*" in await clicked(slack, bot, f"{actions.HOME_PAGE}on", "1")
    await clicked(slack, bot, f"{actions.HOME_PAGE}back", "0")
    said = await clicked(slack, bot, actions.PAIR_APPROVE, value_of(slack, actions.PAIR_APPROVE))
    assert "Approved" in said
    assert (await pair_of(database, first)).state == "approved"
    await clicked(slack, bot, actions.PAIR_REJECT, value_of(slack, actions.PAIR_REJECT))
    assert (await pair_of(database, second)).state == "rejected"
    edit = slack.click(
        actions.PAIR_EDIT,
        value_of(slack, actions.PAIR_EDIT),
        user=ADMIN,
        view=slack.homes.pop(ADMIN),
    )
    assert (await slack.send_http(bot.url, edit))[0] == 200
    form = slack.views[-1]
    values = {
        "question": {"question": {"value": "what is three?"}},
        "answer": {"answer": {"value": "3"}},
    }
    await slack.send_http(bot.url, slack.submit(form, values, user=ADMIN))
    await slack.until(lambda: ADMIN in slack.homes)
    edited = await pair_of(database, third)
    assert (edited.question, edited.answer, edited.state) == ("what is three?", "3", "approved")
    assert "No pair waits" in str(slack.homes[ADMIN])


async def test_documents_are_settled_or_their_owner_is_asked(
    slack: FakeSlack, bot: Bot, database: Database, encoder: MiniLM
) -> None:
    slack.people["UMARA"] = {"real_name": "Mara"}
    claim = "The office kitchen closes at {} every working day."
    for name, hour in (("kitchen", "17"), ("office", "18")):
        await document(database, encoder, name, claim.format(hour), owner="UMARA")
    assert "contradict each other" in await tab(slack, bot, "documents")
    key = value_of(slack, actions.FINDING_ASK)
    assert "I have asked Mara" in await clicked(slack, bot, actions.FINDING_ASK, key)
    (request,) = slack.answers("DUMARA")
    assert "closes at 17" in request["text"]
    assert "Nothing to look at" in await clicked(slack, bot, actions.FINDING_SETTLE, key)


async def test_consent_and_the_digests_channel_are_switched(
    slack: FakeSlack, bot: Bot, database: Database
) -> None:
    await tab(slack, bot, "settings")
    assert "Ada (UADMIN)" in await clicked(slack, bot, actions.CONSENT, "grant")
    assert "Only what admins write" in await clicked(slack, bot, actions.CONSENT, "withdraw")
    said = await clicked(slack, bot, actions.DIGEST_CHANNEL, selected_conversation="C9")
    assert "<#C9>" in said
    assert await digest_channel(database, TEAM) == "C9"
    assert "goes nowhere" in await clicked(slack, bot, actions.DIGEST_OFF)


async def evaluated(database: Database, version: int, verdict: str, against: int | None) -> None:
    row = {
        "version": version,
        "against": against,
        "source": "a test",
        "report": {"why": "worse on 3 of 4 questions"},
        "verdict": verdict,
    }
    async with database.engine.begin() as connection:
        await connection.execute(insert(evaluation).values(row))


async def test_a_model_is_promoted_on_its_verdict_and_rolled_back_once(
    slack: FakeSlack, bot: Bot, database: Database
) -> None:
    registry = Registry(database)
    for _ in range(2):
        await registry.add("head", "minilm", b"", {"pairs": 5})
    await registry.promote(1, "good")
    await evaluated(database, 2, "reject", against=1)
    await tab(slack, bot, "model")
    await clicked(slack, bot, actions.MODEL_PROMOTE, "2")
    await slack.until(lambda: slack.answers(f"D{ADMIN}"))
    assert "worse on 3 of 4" in slack.answers(f"D{ADMIN}")[0]["text"]
    assert await registry.live_version() == 1
    await evaluated(database, 2, "promote", against=1)
    await clicked(slack, bot, actions.MODEL_PROMOTE, "2")
    await slack.until(lambda: len(slack.answers(f"D{ADMIN}")) == 2)
    assert await registry.live_version() == 2
    assert (await registry.history())[0].grounds.author == "Ada (UADMIN)"
    for _ in range(2):  # the second time on a page that is out of date
        await slack.until(lambda: ADMIN in slack.homes)
        await clicked(slack, bot, actions.MODEL_ROLLBACK, "2/0")
    await slack.until(lambda: len(slack.answers(f"D{ADMIN}")) == 4)
    assert await registry.live_version() == 1
    assert "has changed" in slack.answers(f"D{ADMIN}")[-1]["text"]


async def test_a_contradiction_gets_one_answer(
    slack: FakeSlack, bot: Bot, database: Database
) -> None:
    first, second = await candidates(database, "one?", "two?")
    async with database.engine.begin() as connection:
        kind = "contradiction"
        row = {
            "kind": kind,
            "pairs": [first, second],
            "key": review_key(kind, ["one?", "two?"]),
            "why": "the same question",
        }
        await connection.execute(insert(pair_review).values(row))
    assert "Contradiction" in await tab(slack, bot, "pairs")
    merge = value_of(slack, actions.PAIR_MERGE, 1)
    assert "all have that answer" in await clicked(slack, bot, actions.PAIR_MERGE, merge)
    assert (await pair_of(database, first)).answer == "The answer to two?"
    said = await clicked(slack, bot, actions.PAIR_KEEP, merge)
    assert "settled already by Ada (UADMIN)" in said


async def test_home_over_the_websocket(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    slack.people[ADMIN] = {"is_admin": True}
    async with running_bot(slack, database, ScriptedAgent(), encoder=encoder, socket=True):
        body = slack.event({"ts": slack.ts(), "user": ADMIN}, "D1", "app_home_opened", event_id="E")
        body["event"]["tab"] = "home"
        await slack.send_socket(body)
        await slack.until(lambda: ADMIN in slack.homes)
        view = slack.homes.pop(ADMIN)
        click = slack.click(f"{actions.HOME_TAB}usage", "usage", user=ADMIN, view=view)
        await slack.send_socket(click)
        await slack.until(lambda: ADMIN in slack.homes)
    assert "The last 30 days" in str(slack.homes[ADMIN])
