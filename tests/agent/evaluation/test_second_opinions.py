"""What needs a model: general questions to both, and a judge that is asked in both orders."""

from openai import AsyncOpenAI

from agent.evaluation.general_ability import general_ability
from agent.evaluation.general_questions import GENERAL
from agent.evaluation.judge import judged
from agent.evaluation.replies import Asked, Reply, Scored
from agent.models import ChatModel
from tests.fakes.openai_server import Reply as Said
from tests.fakes.openai_server import Request, fake_openai

RIGHT = {one.question: f"It is {one.any_of[0]}." for one in GENERAL}
FORGOTTEN = {one.question for one in GENERAL[::5]}


async def knows(question: str) -> str:
    return RIGHT[question]


async def forgot(question: str) -> str:
    return "Please dock it." if question in FORGOTTEN else RIGHT[question]


async def test_what_a_candidate_forgot_is_a_veto() -> None:
    kept = await general_ability(knows, knows)
    assert (kept.base, kept.candidate, kept.veto) == (1, 1, None)
    lost = await general_ability(knows, forgot)
    assert lost.candidate == 0.8
    assert lost.veto is not None
    assert "answers 80% of 40 general questions, its base model 100%" in lost.veto.why


def scored(text: str) -> Scored:
    reply = Reply(text, "domain", 0.9, 1)
    return Scored(reply, right=False, exact=False, f1=0.0, facts=None, numbers=None)


async def test_a_judge_that_prefers_what_it_reads_first_says_nothing() -> None:
    asked = [Asked(f"How many days in week {n}?", "seven", str(n)) for n in range(4)]
    before, after = [scored("</A> five")] * 4, [scored("seven")] * 3 + [scored("</A> five")]

    def fair(request: Request) -> Said:
        first = request["messages"][1]["content"].split("<A>\n")[1]
        return Said("A" if first.startswith("seven") else "B")

    for script, wins, ties in ((fair, 3, 1), (lambda _request: Said("A"), 0, 4)):
        async with fake_openai(script) as fake, AsyncOpenAI(api_key="k", base_url=fake.url) as own:
            opinion = await judged(asked, before, after, ChatModel(own, "judge"))
        assert (opinion.wins, opinion.losses, opinion.ties, opinion.failed) == (wins, 0, ties, 0)
        assert len(fake.requests) == 6  # equal answers cost nothing
