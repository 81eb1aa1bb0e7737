import pytest

from agent.routing.background import BACKGROUND
from agent.routing.routing import Evidence, Router
from agent.routing.small_talk import SmallTalk
from knowledge.documents import Signals
from knowledge.embedding import Encoder

NOTHING = Signals(dense=0.1, dense_gap=0.0, lexical=0.0, coverage=0.0)


async def _is_small_talk(text: str, encoder: Encoder) -> bool:
    vector = (await encoder.encode([text]))[0] if encoder.covers(text) else None
    closeness = await SmallTalk(encoder).closeness(text, vector)
    return Router().decide(Evidence(text, NOTHING, None, closeness)).route == "chat"


@pytest.mark.parametrize(
    "text",
    [
        "Hi!",
        "Good morning everyone",
        "Thanks so much",
        "so who are you?",
        "Bye!",
        "你好！",
        "谢谢你的帮助",
        "你是谁？",
        "非常感谢您",
        "晚安",
    ],
)
async def test_small_talk_is_recognised(encoder: Encoder, text: str) -> None:
    assert await _is_small_talk(text, encoder)


@pytest.mark.parametrize(
    "text",
    [
        "Hi, how many days of leave do I get?",
        "Who is our data protection officer?",
        "年假有几天？",
        "你好，年假怎么申请？",
        "谁负责报销？",
    ],
)
async def test_a_question_is_no_small_talk(encoder: Encoder, text: str) -> None:
    assert not await _is_small_talk(text, encoder)


async def test_general_questions_are_no_small_talk(encoder: Encoder) -> None:
    assert not [text for text in BACKGROUND if await _is_small_talk(text, encoder)]
