"""What counts as a question to us, and how it reads."""

from typing import Any

import pytest

from bot.slack.connection import Identity
from bot.slack.inbound import plain_text, read_command, read_event

ME = Identity(team="T1", user="UBOT", bot="BBOT")


def body(kind: str = "message", **fields: Any) -> dict[str, Any]:
    event = {"type": kind, "channel": "C1", "user": "U1", "ts": "100.1", "text": "hello"}
    return {"event_id": "Ev1", "team_id": "T1", "event": event | fields}


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (body("app_mention", text="<@UBOT> hello"), "mention"),
        (body(text="<@UBOT> hello"), "mention"),
        (body(text="<@UBOT|know> hello", thread_ts="99.1"), "mention"),
        (body(text="<@U2> and <@UBOT>, hello", thread_ts="99.1"), "mention"),
        (body(channel="D1", channel_type="im"), "direct"),
        (body("app_mention", channel="D1", text="<@UBOT> hello"), "direct"),
        (body(channel="D1", channel_type="im", text="<@UBOT>"), "direct"),
        (body(thread_ts="99.1"), "followup"),
        (body(thread_ts="99.1", subtype="thread_broadcast"), "followup"),
        (body(channel="D1", channel_type="im", subtype="file_share"), "direct"),
    ],
)
def test_questions(event: dict[str, Any], kind: str) -> None:
    mention = read_event(event, ME)
    assert mention is not None
    assert mention.kind == kind


@pytest.mark.parametrize(
    "event",
    [
        body(),  # said in a channel, to nobody
        body(thread_ts="100.1"),  # the root of a thread is not in it
        body(thread_ts="99.1", text="<@U2> what do you think?"),
        body(thread_ts="99.1", text="<!subteam^S1|@support> please look"),
        body(thread_ts="99.1", text="<!here> lunch"),
        body(thread_ts="99.1", text="", subtype="file_share"),
        body(channel="D1", channel_type="im", bot_id="B2"),
        body(channel="D1", channel_type="im", bot_profile={"id": "B2"}),
        body(channel="D1", channel_type="im", user="UBOT"),
        body(channel="D1", channel_type="im", user="USLACKBOT"),
        body(channel="D1", channel_type="im", user=None),
        body(channel="D1", channel_type="im", hidden=True),
        body(channel="D1", channel_type="im", ts=None),
        *(
            body(channel="D1", channel_type="im", subtype=subtype)
            for subtype in ("message_changed", "message_deleted", "bot_message", "channel_join")
        ),
        {"event_id": "Ev1", "event": "nonsense"},
        {},
    ],
)
def test_no_questions(event: dict[str, Any]) -> None:
    assert read_event(event, ME) is None


def test_a_message_roots_its_own_thread() -> None:
    rooted, threaded = read_event(body("app_mention"), ME), read_event(body(thread_ts="99.1"), ME)
    assert rooted is not None
    assert threaded is not None
    assert rooted.thread == "T1:C1:100.1"
    assert threaded.thread == "T1:C1:99.1"


def test_people_of_another_organisation_are_noticed() -> None:
    mention = read_event(body("app_mention") | {"is_ext_shared_channel": True}, ME)
    assert mention is not None
    assert mention.outside


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("<@UBOT> how many?", "how many?"),
        ("<@UBOT>: how many?", "how many?"),
        ("Hey <@UBOT|know>, how many?", "Hey, how many?"),
        ("ask <@UBOT> about it", "ask about it"),
        ("<@UBOT>", ""),
        ("is &lt;b&gt; &amp;amp; valid", "is <b> &amp; valid"),
        ("who is <@U123>?", "who is @U123?"),
        ("who is <@U123|ann>?", "who is @ann?"),
        ("see <#C12|general> and <#C34>", "see #general and #C34"),
        ("<!here> and <!subteam^S1|@ops>", "@here and @ops"),
        ("<!date^1700000000^{date}|14 November>", "14 November"),
        ("open <https://a.example/x?a=1&amp;b=2>", "open https://a.example/x?a=1&b=2"),
        ("open <https://a.example|the page>", "open the page (https://a.example)"),
        ("write to <mailto:a@b.example|a@b.example>", "write to a@b.example"),
        ("two\nlines  with   gaps", "two\nlines  with   gaps"),
    ],
)
def test_text_reads_as_its_author_sees_it(raw: str, text: str) -> None:
    assert plain_text(raw, ME) == text


def test_a_command_is_a_question_of_one_person() -> None:
    sent = {
        "trigger_id": "1.2",
        "team_id": "T1",
        "channel_id": "C1",
        "user_id": "U1",
        "text": "how &amp; why",
        "response_url": "https://hooks.example/1",
    }
    mention = read_command(sent, ME)
    assert (mention.kind, mention.text, mention.thread) == ("command", "how & why", None)
    assert mention.response_url == "https://hooks.example/1"
    assert "hooks" not in repr(mention)
    assert read_command(sent, ME).event_id == mention.event_id
