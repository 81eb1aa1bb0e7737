"""“Ask an expert” and the way back: through real Bolt and a real worker."""

import asyncio

import pytest
from sqlalchemy import text

from agent.answers import Citation
from agent.errands import Errand
from agent.feedback.cases import cases
from agent.tuning.stored_pairs import listed_pairs
from bot.slack import actions
from knowledge.database import Database
from knowledge.embedding.minilm import MiniLM
from tests.agent.feedback.given import TEAM, asked
from tests.agent.team import team
from tests.fakes.slack_server import FakeSlack
from tests.fakes.slack_state import BOT_USER
from tests.journeys.feedback import at_work, buttons, chosen, states, typed

SAID = "Parking is free after six; see <!channel> the *front desk*."
UNKNOWN = "I don't know: I found nothing that answers this."
QUESTION = "When is parking free?"


@pytest.mark.parametrize("socket", [False, True])
async def test_an_expert_answers_in_a_form_and_is_remembered(
    slack: FakeSlack, database: Database, encoder: MiniLM, *, socket: bool
) -> None:
    mention = await asked(database, QUESTION, said=UNKNOWN, route="none")
    async with at_work(slack, database, encoder, socket=socket) as people:
        for _ in range(2):
            await people.click(actions.ASK_EXPERT, str(mention.id))
        passed = await people.message("C1", has="passed this on to Ada")
        assert passed["thread_ts"] == mention.thread_ts
        await people.told("passed this on already, to Ada")
        task = await people.message("DU2")
        assert len(slack.answers("DU2")) == 1
        assert "Uma asks what I could not answer" in task["text"]
        assert "archives/C1" in task["text"]

        await people.open(task, actions.ANSWER, "U2")
        assert "passed on" in await people.submit("U2", answer=typed(SAID))
        told = await people.message("C1", has="Ada answers")
        assert told["thread_ts"] == mention.thread_ts
        assert "<!channel>" not in told["text"]
        await slack.until(lambda: actions.REMEMBER in buttons(slack.answers("DU2")[0]))

        await people.open(slack.answers("DU2")[0], actions.REMEMBER, "U2")
        form = {one.get("block_id"): one.get("element") for one in slack.views[-1]["blocks"]}
        assert form["answer"]["initial_value"] == SAID
        assert "audience" not in form  # it was asked in public
        await people.submit("U2", question=typed("Is parking free?"), answer=typed("After six."))
        await slack.until(lambda: "Kept in Ada" in slack.answers("DU2")[0]["text"])
    assert slack.problems == []
    assert len(slack.answers("C1")) == 2
    assert await states(database) == [("question", "answered", "U2")]
    assert await cases(database) == [("Is parking free?", "After six.")]


async def test_a_reply_below_the_task_is_sent_when_the_expert_says_so(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    mention = await asked(database, QUESTION, said=UNKNOWN, route="none")
    async with at_work(slack, database, encoder) as people:
        await people.click(actions.ASK_EXPERT, str(mention.id))
        task = await people.message("DU2")
        for text in ("Which site?", "Free &amp; open after <#C9|six>."):
            reply = slack.say("DU2", text, user="U2", thread_ts=task["ts"])
            await people.send(slack.event(reply, "DU2"))
        offer = await people.message("DU2", has="open after #six")
        assert offer["thread_ts"] == task["ts"]
        await people.press(offer, actions.SEND_REPLY, "U2")
        told = await people.message("C1", has="Ada answers")
        assert "Free &amp; open after #six." in told["text"]

        late = slack.say("DU2", "Oh, and on Sundays.", user="U2", thread_ts=task["ts"])
        await people.send(slack.event(late, "DU2"))
        await people.message("DU2", has="has settled this already")
        # Another thread of the same direct messages is a question as ever.
        question = slack.say("DU2", "How many days of leave?", user="U2")
        await people.send(slack.event(question, "DU2"))
        await people.message("DU2", has="28 days")
    assert len([one for one in slack.answers("C1") if "answers" in one["text"]]) == 1


async def test_a_reply_below_a_task_that_was_missed_in_an_outage_is_read_up_once(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    mention = await asked(database, QUESTION, said=UNKNOWN, route="none")
    async with at_work(slack, database, encoder) as people:
        await people.click(actions.ASK_EXPERT, str(mention.id))
        task = await people.message("DU2")
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE heard SET until = now() - interval '1 h'"))
    said = {"user": "U2", "thread_ts": task["ts"], "parent_user_id": BOT_USER}
    heard = slack.say("DU2", "Which site?", **said)
    slack.say("DU2", "After six.", **said)
    async with at_work(slack, database, encoder) as people:
        await people.send(slack.event(heard, "DU2"))
        await people.message("DU2", has="After six.")
        await people.message("DU2", has="Which site?")
    _, *offers = slack.answers("DU2")
    assert [actions.SEND_REPLY in buttons(one) for one in offers] == [True, True]


async def test_an_expert_may_answer_before_it_is_noted_that_they_were_asked(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    mention = await asked(database, QUESTION, said=UNKNOWN, route="none")
    async with at_work(slack, database, encoder) as people:
        slack.unheard["chat.postMessage"] = 1
        await people.click(actions.ASK_EXPERT, str(mention.id))
        await slack.until(lambda: slack.hanging)
        (task,) = slack.answers("DU2")
        question = slack.say("DU2", "How many days of leave?", user="U2")
        within = slack.say("DU2", "And for us?", user="U2", thread_ts=question["ts"])
        reply = slack.say("DU2", "After six.", user="U2", thread_ts=task["ts"])
        for message in (question, within, reply):
            await people.send(slack.event(message, "DU2"))
        await people.open(task, actions.ANSWER, "U2")
        slack.thaw.set()
        offer = await people.message("DU2", has="After six.")
        assert offer["thread_ts"] == task["ts"]
        # What was no reply to a task is a question after all.
        await slack.until(
            lambda: sum(m.get("thread_ts") == question["ts"] for m in slack.answers("DU2")) == 2
        )
    assert not any("those who were asked" in str(one) for one in slack.responses)


async def test_a_task_that_is_noted_after_it_was_settled_has_no_buttons_left(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    mention = await asked(database, QUESTION, said=UNKNOWN, route="none")
    async with at_work(slack, database, encoder) as people:
        slack.unheard["chat.postMessage"] = 1
        await people.click(actions.ASK_EXPERT, str(mention.id))
        await slack.until(lambda: slack.hanging)
        await people.open(slack.answers("DU2")[0], actions.ANSWER, "U2")
        await people.submit("U2", answer=typed(SAID))
        await people.message("C1", has="Ada answers")
        slack.thaw.set()
        await slack.until(lambda: "settled this already" in slack.answers("DU2")[0]["text"])
    assert not buttons(slack.answers("DU2")[0])


async def test_an_expert_is_not_passed_over_because_one_response_was_lost(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    mention = await asked(database, QUESTION, said=UNKNOWN, route="none")
    async with at_work(slack, database, encoder, admins=frozenset({"U9"})) as people:
        slack.lost["users.info"] = 1
        await people.click(actions.ASK_EXPERT, str(mention.id))
        await people.message("C1", has="passed this on to Ada")
    assert len(slack.answers("DU2")) == 1
    assert slack.answers("DU9") == []


async def test_of_two_experts_who_answer_at_once_one_is_told(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    mention = await asked(database, QUESTION, said=UNKNOWN, route="none")
    slack.usergroups["S1"] = {"U1", "U2", "U3"}
    async with at_work(slack, database, encoder, expert="S1") as people:
        await people.click(actions.ASK_EXPERT, str(mention.id))
        tasks = {user: await people.message(f"D{user}") for user in ("U2", "U3")}
        assert slack.answers("DU1") == []  # who asks is no expert for it
        for user, task in tasks.items():
            await people.open(task, actions.ANSWER, user)
        await asyncio.gather(*(people.submit(user, answer=typed(f"By {user}.")) for user in tasks))
        await people.message("C1", has="answers:")
        late = "DU2" if (await states(database))[0][2] == "U3" else "DU3"
        await people.message(late, has="has settled this already")
    assert len([one for one in slack.answers("C1") if "answers:" in one["text"]]) == 1


async def test_a_private_question_is_answered_in_private(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    mention = await asked(database, QUESTION, said=UNKNOWN, route="none", kind="command")
    async with at_work(slack, database, encoder) as people:
        await people.click(actions.ASK_EXPERT, str(mention.id), user="U3")
        await people.told("Only people who can see that answer")
        await people.click(actions.ASK_EXPERT, str(mention.id))
        task = await people.message("DU2")
        assert "asked privately" in task["text"]
        await people.open(task, actions.ANSWER, "U2")
        await people.submit("U2", answer=typed(SAID))
        await people.message("DU1", has="Ada answers")
        await slack.until(lambda: actions.REMEMBER in buttons(slack.answers("DU2")[0]))
        await people.open(slack.answers("DU2")[0], actions.REMEMBER, "U2")
        form = {one.get("block_id"): one.get("element") for one in slack.views[-1]["blocks"]}
        assert form["audience"]["initial_option"]["value"] == "same"
        await people.submit(
            "U2", question=typed(QUESTION), answer=typed(SAID), audience=chosen("everyone")
        )
        await slack.until(lambda: "Kept in Ada" in slack.answers("DU2")[0]["text"])
    assert slack.answers("C1") == []
    async with database.engine.connect() as connection:
        (pair,) = await listed_pairs(connection)
    assert pair.audience == ("everyone",)


async def test_without_an_expert_it_is_said_how_to_set_one(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    mention = await asked(database, QUESTION, said=UNKNOWN, route="none")
    async with at_work(slack, database, encoder, expert="") as people:
        await people.click(actions.ASK_EXPERT, str(mention.id))
        await people.told("An admin sets one with `/knowhow policy`")
    assert await states(database) == []


async def test_an_expert_who_left_leaves_it_to_the_admins(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    mention = await asked(database, QUESTION, said=UNKNOWN, route="none")
    slack.people["U2"] = {"deleted": True}
    async with at_work(slack, database, encoder, admins=frozenset({"U9"})) as people:
        await people.click(actions.ASK_EXPERT, str(mention.id))
        await people.message("C1", has="passed this on to Root")
        task = await people.message("DU9")
        await people.press(task, actions.NOT_MINE, "U9")
        await people.message("C1", has="Nobody could be asked")
    assert await states(database) == [("question", "open", None)]


async def test_a_message_is_handed_over_by_its_shortcut_once(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    message = slack.say("C1", "Does anybody know about parking?", user="U3")
    async with at_work(slack, database, encoder) as people:
        for key in ("one", "two"):
            payload = {"channel": "C1", "ts": message["ts"], "text": message["text"]}
            errand = Errand("ask_expert", key, TEAM, "U1", payload)
            await people.bot.service.desk.errands.accept(errand)
        await people.message("DU1", has="passed this on already, to Ada")
        await people.open(await people.message("DU2"), actions.ANSWER, "U2")
        await people.submit("U2", answer=typed(SAID))
        told = await people.message("C1", has="Ada answers")
    assert told["thread_ts"] == message["ts"]
    assert len(slack.answers("DU2")) == 1


async def test_an_abstention_that_is_found_bad_goes_to_the_expert(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    mention = await asked(database, QUESTION, said=UNKNOWN, route="none")
    async with at_work(slack, database, encoder) as people:
        await people.doubt(mention.id)
        await people.submit("U1", fault=chosen("missing"), said=typed(""))
        await people.message("DU2", has="asks what I could not answer")
    assert await states(database) == [("question", "open", None)]


async def test_the_nearest_documents_are_named_to_who_may_see_them(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    await team(database, encoder)
    query = text("SELECT id FROM document WHERE source = ANY('{parking,board}') ORDER BY source")
    async with database.engine.connect() as connection:
        board, parking = await connection.scalars(query)
    near = (
        Citation(1, "Parking", "https://handbook.example/parking", parking, ""),
        Citation(2, "Board", "https://handbook.example/board", board, ""),
    )
    mention = await asked(database, QUESTION, said=UNKNOWN, route="none", nearest=near)
    async with at_work(slack, database, encoder) as people:
        await people.click(actions.ASK_EXPERT, str(mention.id))
        task = await people.message("DU2")
    assert "handbook.example/parking" in task["text"]
    assert "Board" not in task["text"]


async def test_only_those_who_were_asked_and_admins_may_answer(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    mention = await asked(database, QUESTION, said=UNKNOWN, route="none")
    slack.people["U9"] = {"is_admin": True}
    async with at_work(slack, database, encoder) as people:
        await people.click(actions.ASK_EXPERT, str(mention.id))
        task = await people.message("DU2")
        await people.press(task, actions.ANSWER, "U3")
        await people.told("This is for those who were asked, and for admins.")
        assert slack.views == []
        await people.open(task, actions.ANSWER, "U9")
        await people.submit("U9", answer=typed(SAID))
        await people.message("C1", has="Root answers")


async def test_anybody_in_a_channel_that_was_asked_may_answer_in_a_form(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    mention = await asked(database, QUESTION, said=UNKNOWN, route="none")
    async with at_work(slack, database, encoder, expert="C7") as people:
        await people.click(actions.ASK_EXPERT, str(mention.id))
        await people.open(await people.message("C7"), actions.ANSWER, "U3", "C7")
        await people.submit("U3", answer=typed(SAID))
        await people.message("C1", has="Bo answers")


async def test_whoever_asks_again_when_nobody_could_be_asked_is_told_so(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    mention = await asked(database, QUESTION, said=UNKNOWN, route="none")
    slack.people["U2"] = {"deleted": True}
    async with at_work(slack, database, encoder) as people:
        for _ in range(2):
            await people.click(actions.ASK_EXPERT, str(mention.id))
        await slack.until(lambda: len(slack.responses) == 2)
    assert all("Nobody could be asked" in one["text"] for one in slack.responses)


async def test_what_was_told_directly_is_not_told_in_a_thread_that_opened_meanwhile(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    mention = await asked(database, QUESTION, said=UNKNOWN, route="none")
    async with at_work(slack, database, encoder) as people:
        await people.click(actions.ASK_EXPERT, str(mention.id))
        await people.message("C1", has="passed this on")
        await people.open(await people.message("DU2"), actions.ANSWER, "U2")
        slack.refusals["chat.postMessage"].append("is_archived")
        slack.rate_limits["conversations.open"] = 1  # so that the errand is run again
        await people.submit("U2", answer=typed(SAID))
        await people.message("DU1", has="Ada answers")
        await slack.until(lambda: actions.REMEMBER in buttons(slack.answers("DU2")[0]))
    assert not any("Ada answers" in one["text"] for one in slack.answers("C1"))


async def test_an_answer_whose_post_was_lost_arrives_once(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    mention = await asked(database, QUESTION, said=UNKNOWN, route="none")
    async with at_work(slack, database, encoder) as people:
        await people.click(actions.ASK_EXPERT, str(mention.id))
        await people.open(await people.message("DU2"), actions.ANSWER, "U2")
        slack.lost["chat.postMessage"] = 1
        slack.broken["chat.update"] = 1
        await people.submit("U2", answer=typed(SAID))
        await slack.until(lambda: actions.REMEMBER in buttons(slack.answers("DU2")[0]))
    assert len([one for one in slack.answers("C1") if "answers:" in one["text"]]) == 1
