"""An answer as a message: what is said, where it comes from, within Slack's sizes."""

import pytest

from agent.answers import Citation
from bot.slack.blocks import answer_messages
from bot.slack.frame import Frame
from tests.fakes.scripted_agent import plain_answer


def test_answer_sources_and_origin_in_this_order() -> None:
    (message,) = answer_messages(plain_answer("You have **28** days [1]"))
    section, sources, origin = message.blocks
    assert section["text"]["text"] == "You have *28* days <https://handbook.example/leave|[1]>"
    assert sources["elements"][0]["text"] == (
        "[1] <https://handbook.example/leave|Leave › Carry-over>"
    )
    assert origin["elements"][0]["text"] == (
        "Quoted from the documents · 83% sure · The handbook covers it"
    )
    assert all(part in message.text for part in ("*28* days", "Carry-over", "83% sure"))


def test_nothing_is_interpreted_that_is_not_a_link_of_ours() -> None:
    citation = Citation(1, "<!here> & co", "/srv/secret/leave.md", 1, "", ("a|b",))
    answer = plain_answer("<!channel>", citations=(citation,), reason="<@U1> said so")
    for message in answer_messages(answer, Frame(asked="<!everyone>")):
        assert "<" not in message.text
        assert "/srv/secret" not in message.text
        assert "leave.md" in message.text
        texts = [b.get("text") or b["elements"][0] for b in message.blocks]
        assert all(text["verbatim"] for text in texts)


@pytest.mark.parametrize("route", ["chat", "clarify"])
def test_small_talk_has_no_footer(route: str) -> None:
    (message,) = answer_messages(plain_answer("Hello!", route=route, citations=()))
    assert message.text == "Hello!"


def test_an_abstention_says_why_and_claims_no_confidence() -> None:
    answer = plain_answer("Nothing found.", route="none", abstained=True, citations=())
    (message,) = answer_messages(answer)
    assert message.text == "Nothing found.\n\nThe handbook covers it"


def test_a_long_answer_is_several_messages_and_complete() -> None:
    paragraphs = [f"Paragraph {n}: " + "word " * 150 for n in range(60)]
    messages = answer_messages(plain_answer("\n\n".join(paragraphs)))
    assert len(messages) > 1
    for message in messages:
        assert len(message.blocks) <= 50
        assert all(len(b["text"]["text"]) <= 3000 for b in message.blocks if "text" in b)
    everything = " ".join(message.text for message in messages).split()
    assert everything.count("word") == 60 * 150
    assert ["83%" in message.text for message in messages] == [False] * (len(messages) - 1) + [True]


def test_an_empty_answer_is_still_a_message() -> None:
    (message,) = answer_messages(plain_answer("", route="chat", citations=()))
    assert message.text
