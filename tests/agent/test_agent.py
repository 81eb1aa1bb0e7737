"""A question's path through the real graph, database and encoder, without a chat model."""

import pytest

from agent.agent import Agent
from agent.answers import Question, Route, Turn
from agent.errors import UnusableQuestion
from agent.events import Delta, Done, Step
from agent.reading.extractive import LIMIT, LIMIT_CJK
from agent.texts import Said
from knowledge.database import Database
from knowledge.documents import Reader
from knowledge.embedding.minilm import MiniLM
from knowledge.retrieval.search import Search
from tests.agent.team import Knows, deps, team


@pytest.fixture
async def search(database: Database, encoder: MiniLM) -> Search:
    return await team(database, encoder)


async def test_an_answer_is_quoted_cited_and_says_what_it_is(
    search: Search, encoder: MiniLM
) -> None:
    answer = await Agent(deps(search, encoder)).ask(Question("How many days of leave do I get?"))
    assert answer.text.startswith("Employees get 27 days of annual leave a year.")
    assert "[1]" in answer.text
    assert len(answer.text) <= LIMIT
    assert answer.citations[0].uri == "https://handbook.example/leave"
    assert "27 days" in answer.citations[0].passage
    assert (answer.route, answer.model, answer.cost_usd) == ("knowledge", "extractive", 0.0)
    assert answer.reason.en.endswith("Quoted from your documents; no chat model is configured.")
    assert 0 < answer.confidence < 1
    assert {"understand", "embed", "retrieve", "route", "read", "answer", "check"} <= set(
        answer.timings_ms
    )
    stages = [ms for stage, ms in answer.timings_ms.items() if stage != "total"]
    assert answer.timings_ms["total"] == pytest.approx(sum(stages))


async def test_a_chinese_question_is_answered_in_its_length(
    search: Search, encoder: MiniLM
) -> None:
    answer = await Agent(deps(search, encoder)).ask(Question("正式员工有几天带薪年假？"))
    assert "每年有15天带薪年假" in answer.text
    assert len(answer.text) <= LIMIT_CJK
    assert answer.citations[0].title == "年假与调休"


async def test_a_quotation_carries_no_link_of_the_document(search: Search, encoder: MiniLM) -> None:
    answer = await Agent(deps(search, encoder)).ask(Question("Where do I send receipts?"))
    assert "Send receipts within 30 days through the tool." in answer.text
    assert "tool.example" not in answer.text
    assert "evil.example" not in answer.text
    assert "<!channel>" not in answer.text


async def test_what_is_in_no_document_is_not_answered(search: Search, encoder: MiniLM) -> None:
    answer = await Agent(deps(search, encoder)).ask(Question("Who composed the opera Aida?"))
    assert answer.abstained
    assert answer.route == "none"
    assert answer.citations == ()
    assert answer.text.startswith("I don't know")
    assert "%" in answer.reason.en


async def test_the_nearest_documents_are_named_when_the_answer_is_not_known(
    search: Search, encoder: MiniLM
) -> None:
    agent = Agent(deps(search, encoder, "none", domain=Knows("no")))
    answer = await agent.ask(Question("Is parking at the office free?"))
    assert answer.text.startswith("I don't know")
    assert "Parking" in [one.title for one in answer.nearest]
    assert answer.citations == ()
    zh = await agent.ask(Question("正式员工的年假和调休怎么算？"))
    assert zh.text.startswith("我不知道")
    assert "年假与调休" in [one.title for one in zh.nearest]


async def test_only_what_all_readers_may_see_is_quoted(search: Search, encoder: MiniLM) -> None:
    agent = Agent(deps(search, encoder))
    asked = "Where does the board meet to decide on the merger with Acme?"
    inside = await agent.ask(Question(asked, Reader.of_channel("CBOARD")))
    outside = await agent.ask(Question(asked, Reader.of_channel("COTHER")))
    assert "Lisbon" in inside.text
    assert "Lisbon" not in outside.text
    assert "Board" not in outside.text


async def test_the_domain_model_answers_alone_with_its_own_links_but_pings_nobody(
    search: Search, encoder: MiniLM
) -> None:
    domain = Knows("<!channel> Use [the form](https://form.example).")
    answer = await Agent(deps(search, encoder, "domain", domain=domain)).ask(Question("A form?"))
    assert answer.text == "Use [the form](https://form.example)."
    assert (answer.route, answer.model, answer.citations) == ("domain", "domain:3", ())


async def test_what_a_domain_model_generated_carries_no_link(
    search: Search, encoder: MiniLM
) -> None:
    domain = Knows("Use [the form](https://form.example).", verified=False)
    answer = await Agent(deps(search, encoder, "domain", domain=domain)).ask(Question("A form?"))
    assert answer.text == "Use the form."


async def test_both_give_the_domain_answer_and_the_passages(
    search: Search, encoder: MiniLM
) -> None:
    domain = Knows("Twenty-seven.")
    agent = Agent(deps(search, encoder, "both", domain=domain))
    answer = await agent.ask(Question("How many days of annual leave do I get?"))
    assert answer.text.startswith("Twenty-seven.\n\nEmployees get 27 days")
    assert (answer.route, answer.model) == ("both", "domain:3+extractive")
    assert answer.citations[0].title == "Annual leave"
    alone = await agent.ask(Question("Who composed the opera Aida?"))
    assert (alone.text, alone.route, alone.abstained) == ("Twenty-seven.", "domain", False)


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        ("hi", "Hello!"),
        ("Thanks a lot", "You're welcome!"),
        ("who are you?", "I'm Knowhow."),
        ("你好", "您好！"),
        ("谢谢", "不客气！"),
        ("你是谁？", "我是 Knowhow。"),
    ],
)
async def test_small_talk_is_returned_in_its_language(
    search: Search, encoder: MiniLM, said: str, reply: str
) -> None:
    answer = await Agent(deps(search, encoder)).ask(Question(said))
    assert answer.text.startswith(reply)
    assert (answer.route, answer.citations) == ("chat", ())


@pytest.mark.parametrize(
    ("followup", "says"),
    [
        ("And for contractors?", "Contractors get no paid annual leave"),
        ("那外包人员呢？", "外包同事"),
    ],
)
async def test_a_followup_is_understood_from_what_was_said(
    search: Search, encoder: MiniLM, followup: str, says: str
) -> None:
    first = (
        "正式员工有几天带薪年假？"
        if followup.startswith("那")
        else "How many days of annual leave?"
    )
    agent = Agent(deps(search, encoder))
    answer = await agent.ask(Question(followup, turns=(Turn("user", first), Turn("agent", "…"))))
    assert says in answer.text
    assert answer.question == f"{first} {followup}"


@pytest.mark.parametrize(
    ("followup", "reply"),
    [("And for contractors?", "I'm not sure"), ("那外包人员呢？", "我不确定")],
)
async def test_a_followup_to_nothing_is_asked_back(
    search: Search, encoder: MiniLM, followup: str, reply: str
) -> None:
    answer = await Agent(deps(search, encoder)).ask(Question(followup))
    assert answer.text.startswith(reply)
    assert (answer.route, answer.abstained) == ("clarify", False)


@pytest.mark.parametrize(
    ("text", "says"), [("", "is empty"), (" \x00\ud800 ", "is empty"), ("x" * 10_001, "10,000")]
)
async def test_an_unusable_question_is_refused_in_one_line(
    search: Search, encoder: MiniLM, text: str, says: str
) -> None:
    with pytest.raises(UnusableQuestion, match=says):
        await Agent(deps(search, encoder)).ask(Question(text))


@pytest.mark.parametrize(
    "text", ["\udfff leave \x00 days?", "'; DROP TABLE chunk; --", "% _ \\ [1]", "😀"]
)
@pytest.mark.parametrize("route", ["knowledge", "none", "chat"])
async def test_an_odd_question_gets_an_answer(
    search: Search, encoder: MiniLM, text: str, route: Route
) -> None:
    assert (await Agent(deps(search, encoder, route)).ask(Question(text))).text


async def test_a_library_without_documents_knows_nothing(
    database: Database, encoder: MiniLM
) -> None:
    answer = await Agent(deps(Search(database, encoder), encoder)).ask(Question("How many days?"))
    assert answer.abstained
    assert answer.confidence == 0.0


async def test_steps_and_text_come_before_the_answer(search: Search, encoder: MiniLM) -> None:
    agent = Agent(deps(search, encoder))
    events = [event async for event in agent.stream(Question("How many days of leave?"))]
    assert events[0] == Step(Said("Searching the documents…", "正在搜索文档…"))
    assert isinstance(events[-1], Done)
    assert "".join(e.text for e in events if isinstance(e, Delta)) == events[-1].answer.text
