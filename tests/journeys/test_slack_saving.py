"""“Save to knowledge”: from the message's menu to the stored document, and what is told of it."""

import json
from typing import Any

import pytest

from knowledge.database import Database
from knowledge.embedding.minilm import MiniLM
from knowledge.storage.catalogue import Listed
from knowledge.storage.library import Library
from tests.fakes.running import Bot, running_bot
from tests.fakes.scripted_agent import ScriptedAgent
from tests.fakes.slack_server import FakeSlack
from tests.journeys.places import Json, attach, chosen_in_menu, send

SAVE = "save_to_knowledge"
ADMIN = {"is_admin": True, "real_name": "Ada"}


def filled(readers: str = "everyone", **more: Json) -> Json:
    """What Slack sends of a form: a title, a collection, a choice of readers, and ``more``."""
    return {
        "title": {"words": {"value": "Deploying"}},
        "collection": {"words": {"value": "ops"}},
        "readers": {"choice": {"selected_option": {"value": readers}}},
        **more,
    }


async def opened(slack: FakeSlack, bot: Bot, message: Json, **fields: Any) -> Json:
    """Somebody chooses it in a message's menu; the form, or what is shown instead."""
    socket = fields.pop("socket", False)
    await send(slack, bot, chosen_in_menu(slack, SAVE, message, **fields), socket=socket)
    return slack.views[-1]


async def told(slack: FakeSlack, count: int = 1, person: str = "U1") -> str:
    """What the admin reads once it is done."""

    def done() -> bool:
        said = slack.answers(f"D{person}")
        return len(said) >= count and "…" not in said[count - 1]["text"]

    await slack.until(done)
    return str(slack.answers(f"D{person}")[count - 1]["text"])


async def stored(database: Database, encoder: MiniLM) -> list[Listed]:
    return await Library(database, encoder).documents()


@pytest.mark.parametrize("socket", [False, True])
async def test_a_thread_is_saved_where_and_for_whom_the_form_says(
    slack: FakeSlack, database: Database, encoder: MiniLM, *, socket: bool
) -> None:
    slack.people |= {"U1": ADMIN, "U2": {"real_name": "Bo"}}
    root = slack.say("C1", "How do we deploy?")
    slack.say("C1", "Run `make ship` &amp; wait.", user="U2", thread_ts=root["ts"])
    async with running_bot(slack, database, ScriptedAgent(), encoder=encoder, socket=socket) as bot:
        form = await opened(slack, bot, root, socket=socket)
        assert form["blocks"][0]["element"]["initial_value"] == "How do we deploy?"
        assert not await send(slack, bot, slack.submit(form, filled("here")), socket=socket)
        said = await told(slack)
    (document,) = await stored(database, encoder)
    assert (document.title, document.collection) == ("Deploying", "ops")
    assert document.audience == ("channel:C1",)
    assert document.uri.startswith("https://team.example/archives/C1/p")
    shown = await Library(database, encoder).show(document.id)
    assert shown.text == "**Ada**: How do we deploy?\n\n**Bo**: Run `make ship` & wait."
    assert "ops" in said
    assert f"<{document.uri}|Deploying>" in said
    assert len(slack.answers("DU1")) == 1


@pytest.mark.parametrize(
    ("readers", "more", "audience", "shown"),
    [
        ("everyone", {}, ("everyone",), "Everyone."),
        ("public", {}, ("everyone", "public"), "Everyone, guests included."),
        (
            "channels",
            {"channels": {"channels": {"selected_conversations": ["C7", "C8"]}}},
            ("channel:C7", "channel:C8"),
            "<#C7>, <#C8>.",
        ),
        ("users", {"users": {"users": {"selected_users": ["U2"]}}}, ("user:U2",), "Bo."),
        (
            "groups",
            {"groups": {"groups": {"value": "S1， S2"}}},
            ("group:S1", "group:S2"),
            "S1, S2.",
        ),
    ],
)
async def test_who_may_see_it_is_as_chosen(
    *,
    slack: FakeSlack,
    database: Database,
    encoder: MiniLM,
    readers: str,
    more: Json,
    audience: tuple[str, ...],
    shown: str,
) -> None:
    slack.people |= {"U1": ADMIN, "U2": {"real_name": "Bo"}}
    message = slack.say("C1", "Park in bay seven.")
    async with running_bot(slack, database, ScriptedAgent(), encoder=encoder) as bot:
        form = await opened(slack, bot, message)
        await send(slack, bot, slack.submit(form, filled(readers, **more)))
        assert (await told(slack)).endswith(f"Who may see it: {shown}")
    (document,) = await stored(database, encoder)
    assert document.audience == audience


async def test_readers_that_are_not_named_are_asked_for(
    slack: FakeSlack, database: Database
) -> None:
    slack.people["U1"] = ADMIN | {"locale": "zh-CN"}
    async with running_bot(slack, database, None) as bot:
        form = await opened(slack, bot, slack.say("C1", "Park in bay seven."))
        for readers, more, said in (
            ("channels", {}, "请至少选择一个"),
            ("groups", {"groups": {"groups": {"value": "every one"}}}, "无法使用"),
        ):
            answer = await send(slack, bot, slack.submit(form, filled(readers, **more)))
            assert said in json.loads(answer)["errors"][readers]


async def test_nobody_but_admins_saves(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    slack.people |= {"U1": ADMIN, "U3": ADMIN | {"is_restricted": True}}
    message = slack.say("C1", "Park in bay seven.")
    async with running_bot(slack, database, ScriptedAgent(), encoder=encoder) as bot:
        form = await opened(slack, bot, message)
        for user in ("U2", "U3"):
            instead = await opened(slack, bot, message, user=user)
            assert "Only admins" in str(instead["blocks"])
            assert "submit" not in instead
            refused = await send(slack, bot, slack.submit(form, filled(), user=user))
            assert "Only admins" in json.loads(refused)["errors"]["title"]
    assert await stored(database, encoder) == []


async def test_attached_files_are_stored_and_what_cannot_be_read_is_said(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    slack.people["U1"] = ADMIN
    files = [
        attach(slack, "parking.md", b"# Parking\n\nBay seven is for visitors."),
        attach(slack, "photo.heic", b"\x00\x01", "F2"),
    ]
    root = slack.say("C1", "see below")
    message = slack.say("C1", "the rules", thread_ts=root["ts"], files=files)
    async with running_bot(slack, database, ScriptedAgent(), encoder=encoder) as bot:
        form = await opened(slack, bot, message)
        what = {"choice": {"selected_option": {"value": "files"}}}
        await send(slack, bot, slack.submit(form, filled(what=what)))
        said = await told(slack)
    (document,) = await stored(database, encoder)
    assert (document.title, document.uri) == ("parking.md", "https://team.example/files/F1")
    assert "bay seven" in (await Library(database, encoder).show(document.id)).text.lower()
    assert "I could not read photo.heic: I do not know its format" in said


async def test_the_same_content_stays_one_version_however_often_it_is_tried(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    slack.people["U1"] = ADMIN
    root = slack.say("C1", "How do we deploy?")
    reply = slack.say("C1", "Run make ship.", user="U2", thread_ts=root["ts"])
    async with running_bot(slack, database, ScriptedAgent(), encoder=encoder) as bot:
        form = await opened(slack, bot, root)
        slack.broken["chat.update"] = 1
        await send(slack, bot, slack.submit(form, filled()))
        assert "Saved" in await told(slack)
        assert slack.calls.count("conversations.replies") == 1
        # Again, from another message of the thread, and Slack says less than before.
        form = await opened(slack, bot, reply)
        slack.refusals["chat.getPermalink"] = ["internal_error"]
        await send(slack, bot, slack.submit(form, filled()))
        await told(slack, count=2)
        (document,) = await stored(database, encoder)
        assert document.version == 1
        slack.say("C1", "And tell the team.", user="U2", thread_ts=root["ts"])
        form = await opened(slack, bot, root)
        await send(slack, bot, slack.submit(form, filled()))
        await told(slack, count=3)
    (document,) = await stored(database, encoder)
    assert document.version == 2


async def test_a_long_thread_is_read_page_by_page_and_what_is_left_out_is_said(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    slack.people["U1"] = ADMIN
    root = slack.say("C1", "line 0")
    for number in range(1, 1002):
        slack.say("C1", f"line {number}", thread_ts=root["ts"])
    async with running_bot(slack, database, ScriptedAgent(), encoder=encoder) as bot:
        form = await opened(slack, bot, root)
        slack.rate_limits["conversations.replies"] = 1
        await send(slack, bot, slack.submit(form, filled()))
        said = await told(slack)
    (document,) = await stored(database, encoder)
    text = (await Library(database, encoder).show(document.id)).text
    assert text.endswith("line 999")
    assert text.count("line ") == 1000
    assert "first 1,000 messages" in said


async def test_a_thread_that_cannot_be_read_is_said(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    slack.people["U1"] = ADMIN
    message = slack.say("C1", "Park in bay seven.")
    async with running_bot(slack, database, ScriptedAgent(), encoder=encoder) as bot:
        form = await opened(slack, bot, message)
        slack.refusals["conversations.replies"] = ["not_in_channel"]
        await send(slack, bot, slack.submit(form, filled()))
        said = await told(slack)
    assert "invite me" in said
    assert await stored(database, encoder) == []


async def test_while_slack_is_slow_it_is_said_in_time(slack: FakeSlack, database: Database) -> None:
    slack.people["U1"] = ADMIN
    async with running_bot(slack, database, None) as bot:
        form = await opened(slack, bot, slack.say("C1", "Park in bay seven."))
        slack.frozen["users.info"] = 1
        answer = await send(slack, bot, slack.submit(form, filled(), user="U9"))
        assert "try again" in json.loads(answer)["errors"]["title"]
        slack.frozen["views.open"] = 1
        shortcut = chosen_in_menu(slack, SAVE, slack.say("C1", "And bay eight."))
        assert (await slack.send_http(bot.url, shortcut))[0] == 500  # Slack says that it failed
        assert "try again" in slack.responses[0]["text"]
        slack.thaw.set()
