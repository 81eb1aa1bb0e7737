"""👍, 👎 and what comes of them: through real Bolt and a real worker, over HTTP and a websocket."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from agent.agent import Agent
from agent.answers import Citation, Question
from agent.feedback.blaming import blamed_documents
from agent.feedback.cases import cases
from agent.feedback.consent import grant
from agent.feedback.verified import VerifiedAnswers
from agent.feedback.votes import Tally, tallies
from agent.tuning.stored_pairs import listed_pairs
from bot.slack import actions
from bot.slack.errands.stale import flag_stale
from knowledge.database import Database
from knowledge.embedding.minilm import MiniLM
from knowledge.reviewing.review import review
from tests.agent.feedback.given import TEAM, asked
from tests.agent.team import deps, team
from tests.fakes.slack_server import FakeSlack
from tests.journeys.feedback import at_work, chosen, states, ticked, typed

RIGHT = "Contractors get none; they invoice the days they work."
QUESTION = "Do contractors get paid leave?"


async def _leave(database: Database, owner: str | None = "ada@team.example") -> Citation:
    query = "UPDATE document SET owner = :owner WHERE source = 'leave' RETURNING id, uri, title"
    async with database.engine.begin() as connection:
        number, uri, title = (await connection.execute(text(query), {"owner": owner})).one()
    return Citation(1, title, uri, number, "Employees get 27 days of annual leave a year.")


@pytest.mark.parametrize("socket", [False, True])
async def test_a_wrong_answer_is_corrected_by_its_documents_owner(
    slack: FakeSlack, database: Database, encoder: MiniLM, *, socket: bool
) -> None:
    search = await team(database, encoder)
    mention = await asked(database, citations=(await _leave(database),))
    slack.people["U3"] = {"real_name": "Bo", "profile": {"email": "ada@team.example"}}
    async with at_work(slack, database, encoder, socket=socket) as people:
        await people.doubt(mention.id)
        assert slack.views[-1]["title"]["text"] == "What is wrong?"
        thanks = await people.submit("U1", fault=chosen("wrong"), said=typed(RIGHT))
        assert "is asked now" in thanks

        task = await people.message("DU3")
        for shown in ("Uma doubts", mention.text, "27 days", "Annual leave", "It is wrong", RIGHT):
            assert shown in task["text"]
        await people.open(task, actions.CORRECT, "U3")
        form = slack.views[-1]
        given = {one.get("block_id"): one.get("element", {}) for one in form["blocks"]}
        assert "initial_value" not in given["question"]  # a Slack message, and no consent
        assert mention.text in form["blocks"][0]["text"]["text"]
        assert given["answer"]["initial_value"] == RIGHT
        await people.submit("U3", question=typed(QUESTION), answer=typed(RIGHT), blame=ticked())

        told = await people.message("C1", has="Bo corrected")
        assert (told["thread_ts"], RIGHT in told["text"]) == (mention.thread_ts, True)
        await slack.until(lambda: "Kept in Bo" in slack.answers("DU3")[0]["text"])
        assert "an admin has to approve it" in slack.answers("DU3")[0]["text"]
    assert slack.problems == []
    assert await states(database) == [("correction", "answered", "U3")]
    assert await cases(database) == [(QUESTION, RIGHT)]
    async with database.engine.connect() as connection:
        (pair,) = await listed_pairs(connection)
    assert (pair.question, pair.answer, pair.state) == (QUESTION, RIGHT, "candidate")
    agent = Agent(replace(deps(search, encoder), verified=VerifiedAnswers(database, encoder)))
    answer = await agent.ask(Question(QUESTION, workspace=TEAM))
    assert (answer.text, answer.route) == (RIGHT, "domain")
    assert answer.reason.en.startswith("Verified by Bo on 20")


async def test_with_consent_the_question_is_filled_in_and_the_pair_approved(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    await team(database, encoder)
    await grant(database, TEAM, "U9")
    mention = await asked(database, citations=(await _leave(database, "U3"),))
    async with at_work(slack, database, encoder) as people:
        await people.doubt(mention.id)
        await people.submit("U1", fault=chosen("outdated"), said=typed(""))
        await people.open(await people.message("DU3"), actions.CORRECT, "U3")
        form = {one.get("block_id"): one.get("element") for one in slack.views[-1]["blocks"]}
        assert form["question"]["initial_value"] == mention.text
        await people.submit("U3", question=typed(mention.text), answer=typed(RIGHT))
        await slack.until(lambda: "training may learn" in slack.answers("DU3")[0]["text"])
    async with database.engine.connect() as connection:
        (pair,) = await listed_pairs(connection)
    assert (pair.state, pair.audience) == ("approved", ("everyone",))


async def test_a_document_to_blame_is_told_to_its_owner_and_listed(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    await team(database, encoder)
    mention = await asked(database, citations=(await _leave(database, "U3"),))
    async with at_work(slack, database, encoder) as people:
        await people.doubt(mention.id)
        await people.submit("U1", fault=chosen("wrong"), said=typed(""))
        task = await people.message("DU3")
        await people.press(task, actions.NOT_MINE, "U3")
        await people.open(await people.message("DU2"), actions.CORRECT, "U2")
        await people.submit(
            "U2", question=typed(QUESTION), answer=typed(RIGHT), blame=ticked("blame")
        )
        notice = await people.message("DU3", has="something wrongly")
        assert "Annual leave" in notice["text"]
        assert RIGHT in notice["text"]
        await slack.until(lambda: "Ada" in slack.answers("DU3")[0]["text"])
    found = await blamed_documents(database)
    assert list(found.values()) == [[RIGHT]]
    findings = await review(database.engine, {}, datetime.now(UTC), blamed=found)
    assert [(one.document.owner, one.right) for one in findings.blamed] == [("U3", RIGHT)]


async def test_an_owner_who_has_left_keeps_nobody_else_from_being_told(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    await team(database, encoder)
    mention = await asked(database, citations=(await _leave(database, "U3"),))
    slack.people["U3"] = {"deleted": True}
    async with at_work(slack, database, encoder) as people:
        await people.doubt(mention.id)
        await people.submit("U1", fault=chosen("wrong"), said=typed(""))
        await people.open(await people.message("DU2"), actions.CORRECT, "U2")
        slack.refusals["conversations.open"].append("user_disabled")
        await people.submit(
            "U2", question=typed(QUESTION), answer=typed(RIGHT), blame=ticked("blame")
        )
        await slack.until(lambda: "Kept in Ada" in slack.answers("DU2")[0]["text"])
        await people.message("C1", has="Ada corrected")
    assert len(slack.answers("DU2")) == 1


async def test_an_answer_that_is_right_is_said_to_be(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    mention = await asked(database)
    async with at_work(slack, database, encoder) as people:
        await people.doubt(mention.id, "U3")
        await people.submit("U3", fault=chosen("unclear"), said=typed(""))
        task = await people.message("DU2")
        for _ in range(2):
            await people.press(task, actions.IS_RIGHT, "U2")
        told = await people.message("C1", has="it is right")
        assert told["thread_ts"] == mention.thread_ts
        await people.told("Ada has settled this already.")
        assert len(slack.answers("C1")) == 1
    assert await states(database) == [("correction", "right", "U2")]


async def test_a_group_is_asked_and_the_first_of_it_counts(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    mention = await asked(database)
    slack.usergroups["S1"] = {"U2", "U3"}
    async with at_work(slack, database, encoder, expert="S1") as people:
        await people.doubt(mention.id)
        await people.submit("U1", fault=chosen("wrong"), said=typed(""))
        one, other = await people.message("DU2"), await people.message("DU3")
        await people.open(one, actions.CORRECT, "U2")
        await people.submit("U2", question=typed(QUESTION), answer=typed(RIGHT))
        await people.message("C1", has="Ada corrected")
        await people.press(other, actions.IS_RIGHT, "U3")
        await people.told("Ada has settled this already.")
        await slack.until(lambda: "Kept in Ada" in slack.answers("DU3")[0]["text"])
    assert len(slack.answers("C1")) == 1


async def test_good_votes_are_counted_and_only_of_those_who_can_see_the_answer(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    public = await asked(database)
    private = await asked(database, kind="direct", channel="DU1", ts="1700000001.1")
    async with at_work(slack, database, encoder) as people:
        for user in ("U1", "U3"):
            await people.click(actions.FEEDBACK, f"good:{public.id}", user)
        await people.click(actions.FEEDBACK, f"good:{public.id}", "U2", channel="C2")
        await people.click(actions.FEEDBACK, f"good:{private.id}", "U3", channel="DU1")
        await people.click(actions.FEEDBACK, f"good:{private.id}", "U1", channel="DU1")
        await slack.until(lambda: len(slack.responses) == 5)
    said = [one["text"] for one in slack.responses]
    assert sorted(said)[:2] == ["Only people who can see that answer can do this."] * 2
    assert await tallies(database, [public.id, private.id]) == {
        public.id: Tally(good=2),
        private.id: Tally(good=1),
    }


async def test_a_form_that_slack_does_not_open_is_said_to_be_pressed_again(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    mention = await asked(database)
    async with at_work(slack, database, encoder) as people:
        slack.refusals["views.open"].append("expired_trigger_id")
        await people.click(actions.FEEDBACK, f"bad:{mention.id}")
        await people.told("please press again")
        async with asyncio.timeout(20):  # the vote is an errand of its own
            while await tallies(database, [mention.id]) != {mention.id: Tally(bad=1)}:
                await asyncio.sleep(0.05)


async def test_a_secret_in_a_correction_is_refused_in_the_form(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    mention = await asked(database)
    async with at_work(slack, database, encoder) as people:
        await people.doubt(mention.id)
        await people.submit("U1", fault=chosen("wrong"), said=typed(""))
        await people.open(await people.message("DU2"), actions.CORRECT, "U2")
        key = "AKIA" + "IOSFODNN7EXAMPLX"
        refused = await people.submit("U2", question=typed(QUESTION), answer=typed(f"Use {key}"))
        assert '"errors"' in refused
        assert "take it out" in refused
    assert await states(database) == [("correction", "open", None)]


async def test_nobody_to_ask_is_said(slack: FakeSlack, database: Database, encoder: MiniLM) -> None:
    mention = await asked(database)
    async with at_work(slack, database, encoder, expert="") as people:
        await people.doubt(mention.id, "U3")
        await people.submit("U3", fault=chosen("wrong"), said=typed(""))
        await people.message("DU3", has="Nobody could be asked")
    assert await states(database) == [("correction", "open", None)]


async def test_texts_are_in_the_readers_language(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    mention = await asked(database, "外包同事有几天年假？")
    for user, name in (("U1", "小王"), ("U2", "小林")):
        slack.people[user] = {"locale": "zh-CN", "real_name": name}
    async with at_work(slack, database, encoder) as people:
        await people.doubt(mention.id)
        assert slack.views[-1]["title"]["text"] == "哪里有问题？"
        await people.submit("U1", fault=chosen("wrong"), said=typed("没有。"))
        task = await people.message("DU2", has="小王对我的一个回答有疑问")
        await people.open(task, actions.CORRECT, "U2")
        await people.submit("U2", question=typed("外包有年假吗？"), answer=typed("没有。"))
        await people.message("C1", has="小林更正了我的回答")


async def test_the_author_of_an_answer_that_its_document_left_behind_is_asked_once(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    search = await team(database, encoder)
    mention = await asked(database, citations=(await _leave(database, "U3"),))
    agent = Agent(replace(deps(search, encoder), verified=VerifiedAnswers(database, encoder)))
    async with at_work(slack, database, encoder) as people:
        await people.doubt(mention.id)
        await people.submit("U1", fault=chosen("wrong"), said=typed(""))
        await people.open(await people.message("DU3"), actions.CORRECT, "U3")
        await people.submit("U3", question=typed(QUESTION), answer=typed(RIGHT))
        await people.message("C1", has="Bo corrected")
        desk = people.bot.service.desk
        assert await flag_stale(desk) == 0
        async with database.engine.begin() as connection:
            await connection.execute(text("UPDATE document SET version = 2 WHERE source = 'leave'"))
        assert [await flag_stale(desk) for _ in range(2)] == [1, 0]
        notice = await people.message("DU3", has="has changed")
        assert (await agent.ask(Question(QUESTION, workspace=TEAM))).text != RIGHT
        await people.press(notice, actions.STILL_HOLDS, "U1")
        await people.told("This is for those who were asked, and for admins.")
        await people.press(notice, actions.STILL_HOLDS, "U3")
        await people.told("I use it again")
        assert (await agent.ask(Question(QUESTION, workspace=TEAM))).text == RIGHT
        await people.press(notice, actions.FORGET, "U3")
        await people.told("I do not use it any more")
        assert (await agent.ask(Question(QUESTION, workspace=TEAM))).text != RIGHT
    assert slack.problems == []
