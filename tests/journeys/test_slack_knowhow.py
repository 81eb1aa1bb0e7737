"""``/knowhow`` and suggested prompts, for members, admins and outsiders."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from bot.slack.actions import DOCUMENTS_PAGE
from knowledge.database import Database
from knowledge.embedding.minilm import MiniLM
from tests.agent.gaps.asked import TEAM, asked
from tests.fakes.running import Bot, running_bot
from tests.fakes.scripted_agent import ScriptedAgent
from tests.fakes.slack_server import FakeSlack
from tests.journeys.places import Json, knowhow, send, store

OUTSIDERS: list[Json] = [{"is_restricted": True}, {"is_stranger": True}, {"team_id": "T9"}]


def paging(message: Json) -> dict[str, str]:
    """The values of a list's buttons, by what is on them."""
    elements = [one for block in message["blocks"] for one in block.get("elements", ())]
    return {one["text"]["text"]: one["value"] for one in elements if one["type"] == "button"}


async def turned(slack: FakeSlack, bot: Bot, message: Json, label: str) -> Json:
    """Somebody turns the page; what the list is replaced with."""
    offset = paging(message)[label]
    before = len(slack.responses)
    await send(slack, bot, slack.click(f"{DOCUMENTS_PAGE}:{offset}", offset))
    await slack.until(lambda: len(slack.responses) > before)
    return slack.responses[-1]


async def test_the_list_of_documents_is_turned_forth_and_back(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    await store(database, encoder, [f"Page <{number:02}>" for number in range(25)])
    await store(database, encoder, ["Board"], "channel:CBOARD")
    async with running_bot(slack, database, None) as bot:
        await send(slack, bot, knowhow(slack, "documents"))
        middle = await turned(slack, bot, {"blocks": [_next("10")]}, "Next")
        assert middle["replace_original"] is True
        assert "Documents 11–20 of 25" in middle["text"]
        assert "Page &lt;10&gt;" in middle["text"]
        last = await turned(slack, bot, middle, "Next")
        assert "Documents 21–25 of 25" in last["text"]
        assert list(paging(last)) == ["Previous"]
        assert "Board" not in str(slack.responses)
        first = await turned(slack, bot, await turned(slack, bot, last, "Previous"), "Previous")
        assert "Documents 1–10 of 25" in first["text"]
        beyond = await turned(slack, bot, {"blocks": [_next("9999")]}, "Next")
        assert "Documents 1–10 of 25" in beyond["text"]


async def test_the_list_over_a_websocket(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    await store(database, encoder, [f"Page {number:02}" for number in range(11)])
    async with running_bot(slack, database, None, socket=True):
        ack = await slack.send_socket(knowhow(slack, "documents"))
    assert paging(ack["payload"]) == {"Next": "10"}


def _next(offset: str) -> Json:
    button = {"type": "button", "text": {"text": "Next"}, "value": offset}
    return {"type": "actions", "elements": [button]}


@pytest.mark.parametrize("who", OUTSIDERS)
async def test_outsiders_see_what_is_public(
    slack: FakeSlack, database: Database, encoder: MiniLM, who: Json
) -> None:
    slack.people["U2"] = who
    slack.memberships["U2"] = {"C1"}
    await store(database, encoder, ["Opening-hours"], "everyone", "public")
    await store(database, encoder, ["Salaries"])
    await store(database, encoder, ["Plans"], "channel:C1")
    async with running_bot(slack, database, None) as bot:
        listed = await send(slack, bot, knowhow(slack, "documents", user="U2"))
        counted = await send(slack, bot, knowhow(slack, "status", user="U2"))
        button = f"{DOCUMENTS_PAGE}:0"
        await send(slack, bot, slack.click(button, "0", user="U2"))
        for seen in (listed, str(slack.responses[-1])):
            assert "Opening-hours" in seen
            assert "Salaries" not in seen
            assert "Plans" not in seen
        assert "1 documents" in counted
        assert "Salaries" in await send(slack, bot, knowhow(slack, "documents"))


@pytest.mark.parametrize("who", [{}, *OUTSIDERS])
async def test_prompts_are_of_documents_that_the_person_may_see(
    slack: FakeSlack, database: Database, encoder: MiniLM, who: Json
) -> None:
    slack.people["U2"] = who
    await store(database, encoder, ["Opening-hours"], "everyone", "public")
    await store(database, encoder, ["Salaries"])
    async with database.engine.begin() as connection:
        await connection.execute(
            text("""
                INSERT INTO question
                    (document_id, chunk_id, passage_digest, text, terms, origin)
                SELECT document_id, chunk.id, '', 'What about ' || title || '?', '{}', 'import'
                FROM chunk JOIN document ON document.id = document_id
            """)
        )
    await asked(database, "Who leads the board here?", "U1", at=datetime.now(UTC))
    event = {"type": "app_home_opened", "user": "U2", "channel": "D2", "tab": "messages"}
    body = {"type": "event_callback", "team_id": TEAM, "event_id": "Ev1", "event": event}
    async with running_bot(slack, database, ScriptedAgent()) as bot:
        await send(slack, bot, body)
        await slack.until(lambda: slack.prompts)
    prompts = str(slack.prompts[0]["prompts"])
    assert "Opening-hours" in prompts
    assert ("Salaries" in prompts) == (not who)
    assert "board" not in prompts


async def test_policy_opens_its_form_for_admins_alone(slack: FakeSlack, database: Database) -> None:
    slack.people["U1"] = {"is_admin": True}
    async with running_bot(slack, database, None) as bot:
        assert not await send(slack, bot, knowhow(slack, "policy"))
        (form,) = slack.views
        assert form["callback_id"]
        refused = await send(slack, bot, knowhow(slack, "policy", user="U2"))
        helped = await send(slack, bot, knowhow(slack, "help", user="U2"))
    assert "is for the workspace's admins" in refused
    assert "/knowhow policy" not in helped
    assert len(slack.views) == 1


async def test_gaps_come_after_the_command_is_acknowledged(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    slack.memberships["U3"] = {"C1"}
    now = datetime.now(UTC)
    await asked(database, "Who plans the summer party?", "U1", at=now)
    await asked(database, "Is the merger with Acme real?", "U2", at=now, kind="direct")
    async with running_bot(slack, database, ScriptedAgent(), encoder=encoder) as bot:
        assert "90 days" in await send(slack, bot, knowhow(slack, "gaps", user="U3"))
        await slack.until(lambda: slack.responses)
    assert "summer party" in slack.responses[0]["text"]
    assert "merger" not in str(slack.responses)


@pytest.mark.parametrize(
    ("method", "words"), [("users.info", "help"), ("users.conversations", "documents")]
)
async def test_a_slow_slack_is_explained_in_time(
    *, slack: FakeSlack, database: Database, encoder: MiniLM, method: str, words: str
) -> None:
    await store(database, encoder, ["Board"], "channel:CBOARD")
    slack.frozen[method] = 1
    async with running_bot(slack, database, None) as bot:
        said: Any = await send(slack, bot, knowhow(slack, words))
        assert "try again in a minute" in said
        slack.thaw.set()
        assert "try again in a minute" not in await send(slack, bot, knowhow(slack, words))
