"""Private answers that become the channel's, and a message that is answered from its menu."""

import re
from uuid import uuid4

import pytest

from agent.answers import Answer, Citation, Question
from agent.policies import Policy
from bot.slack import guests
from knowledge.database import Database
from knowledge.embedding.minilm import MiniLM
from tests.fakes.running import Bot, running_bot
from tests.fakes.scripted_agent import ScriptedAgent, plain_answer
from tests.fakes.slack_server import FakeSlack
from tests.fakes.slack_state import TEAM
from tests.journeys.places import chosen_in_menu, send, store

ASKED = "how many &lt;days&gt;?"


async def citing(database: Database, encoder: MiniLM, *audience: str) -> ScriptedAgent:
    """An agent whose every answer rests on a document for these readers."""
    (number,) = await store(database, encoder, ["Leave"], *audience)
    citation = Citation(1, "Leave", "https://x.example/Leave", number, "All about Leave.")

    async def script(question: Question) -> Answer:
        del question
        return plain_answer("You have 28 days [1].", citations=(citation,))

    return ScriptedAgent(script)


async def answered(slack: FakeSlack, bot: Bot, *, socket: bool = False, user: str = "U1") -> str:
    """Somebody asks with ``/ask``; the id that the answer's button has."""
    before = len(slack.responses)
    await send(slack, bot, slack.command(ASKED, user=user), socket=socket)
    await slack.until(lambda: len(slack.responses) > before)
    found = re.search(r"'action_id': 'share_answer'.*?'value': '([^']+)'", str(slack.responses[-1]))
    assert found is not None
    return found[1]


async def shared(
    slack: FakeSlack, bot: Bot, mention: str, *, socket: bool = False, user: str = "U1"
) -> str:
    """Somebody presses the button; what only they are told of it."""
    before = len(slack.responses)
    await send(slack, bot, slack.click("share_answer", mention, user=user), socket=socket)
    await slack.until(lambda: len(slack.responses) > before)
    return str(slack.responses[-1]["text"])


@pytest.mark.parametrize("socket", [False, True])
async def test_the_channel_sees_who_shares_what_was_asked_and_the_answer_once(
    slack: FakeSlack, database: Database, encoder: MiniLM, *, socket: bool
) -> None:
    slack.people["U1"] = {"real_name": "Ada <!here>"}
    agent = await citing(database, encoder, "channel:C1")
    slack.memberships["U1"] = {"C1"}
    async with running_bot(slack, database, agent, socket=socket) as bot:
        mention = await answered(slack, bot, socket=socket)
        assert slack.answers("C1") == []
        assert await shared(slack, bot, mention, socket=socket) == "Shared with the channel."
        again = await shared(slack, bot, mention, socket=socket)
    assert "in the channel already" in again
    (message,) = slack.answers("C1")
    for shown in (message["text"], str(message["blocks"])):
        assert "Ada &lt;!here&gt; asked me “how many" in shown
        assert "how many &lt;days&gt;?" in shown
        assert "28 days" in shown
        assert "https://x.example/Leave" in shown
    assert "share_answer" not in str(message["blocks"])


async def test_a_lost_response_is_not_taken_for_a_channel_that_we_are_not_in(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    agent = await citing(database, encoder)
    async with running_bot(slack, database, agent) as bot:
        mention = await answered(slack, bot)
        slack.lost["conversations.info"] = 1
        assert await shared(slack, bot, mention) == "Shared with the channel."


async def test_two_lost_responses_are_not_taken_for_guests_who_read_along(
    slack: FakeSlack, database: Database, encoder: MiniLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guests, "_UNTOLD_FOR_S", 1)
    agent = await citing(database, encoder)
    async with running_bot(slack, database, agent) as bot:
        mention = await answered(slack, bot)
        slack.broken["conversations.members"] = 2
        assert await shared(slack, bot, mention) == "Shared with the channel."


async def test_what_the_channel_may_not_see_stays_with_the_asker(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    agent = await citing(database, encoder, "user:U1")
    async with running_bot(slack, database, agent) as bot:
        said = await shared(slack, bot, await answered(slack, bot))
    assert "not everybody in the channel may see “Leave”" in said
    assert slack.answers("C1") == []


@pytest.mark.parametrize("outsider", ["another team", "a guest"])
@pytest.mark.parametrize(
    ("audience", "outcome"), [("everyone", "I did not share it"), ("public", "Shared")]
)
async def test_where_outsiders_read_along_only_what_is_public_is_shared(
    *,
    slack: FakeSlack,
    database: Database,
    encoder: MiniLM,
    audience: str,
    outcome: str,
    outsider: str,
) -> None:
    readers = ("everyone", "public") if audience == "public" else ("everyone",)
    if outsider == "a guest":
        slack.people["U5"] = {"is_restricted": True}
        slack.memberships["U5"] = {"C1"}
    else:
        slack.rooms["C1"] = {"is_ext_shared": True}
    agent = await citing(database, encoder, *readers)
    async with running_bot(slack, database, agent) as bot:
        said = await shared(slack, bot, await answered(slack, bot))
    assert outcome in said
    assert len(slack.answers("C1")) == (outcome == "Shared")


async def test_who_did_not_ask_and_where_we_may_not_write_is_explained(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    agent = await citing(database, encoder)
    async with running_bot(slack, database, agent) as bot:
        mention = await answered(slack, bot)
        assert "Only the person who asked" in await shared(slack, bot, mention, user="U2")
        assert "no answer to share" in await shared(slack, bot, str(uuid4()))
        slack.rooms["C1"] = {"is_member": False}
        assert "invite me" in await shared(slack, bot, mention)
        await bot.service.desk.policies.save(Policy(TEAM, "C1", answers="never"))
        assert "switched off" in await shared(slack, bot, mention)
    assert slack.answers("C1") == []


async def test_a_message_where_we_are_not_is_answered_with_what_to_do(
    slack: FakeSlack, database: Database
) -> None:
    slack.rooms["C1"] = {"is_member": False}
    agent = ScriptedAgent()
    message = slack.say("C1", "how many days?", user="U2")
    slack.refusals["chat.postMessage"] = ["not_in_channel"]
    async with running_bot(slack, database, agent) as bot:
        await send(slack, bot, chosen_in_menu(slack, "answer_this", message))
        await slack.until(lambda: slack.responses or slack.ephemerals or slack.answers("DU1"))
    said = [*slack.responses, *slack.ephemerals, *slack.answers("DU1")]
    assert "/invite" in said[0]["text"]
    assert agent.asked == []


async def test_a_message_without_words_and_a_channel_that_is_off_are_said(
    slack: FakeSlack, database: Database
) -> None:
    agent = ScriptedAgent()
    async with running_bot(slack, database, agent) as bot:
        await send(slack, bot, chosen_in_menu(slack, "answer_this", slack.say("C1", "")))
        await slack.until(lambda: len(slack.responses) == 1)
        await bot.service.desk.policies.save(Policy(TEAM, "C1", answers="never"))
        await send(slack, bot, chosen_in_menu(slack, "answer_this", slack.say("C1", "why?")))
        await slack.until(lambda: len(slack.responses) == 2)
    assert "no text in that message" in slack.responses[0]["text"]
    assert "switched off" in slack.responses[1]["text"]
    assert agent.asked == []
