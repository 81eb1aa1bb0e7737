"""What a question's terms (collections, least confidence, language) make of its answer."""

import pytest

from agent.agent import Agent
from agent.answers import Question
from agent.prompting.prompt_texts import ANSWERING
from agent.prompting.prompts import answering, built_in
from knowledge.database import Database
from knowledge.embedding.minilm import MiniLM
from tests.agent.team import Knows, deps, team

LEAVE = "How many days of leave do I get?"


async def test_terms(database: Database, encoder: MiniLM) -> None:
    search = await team(database, encoder)
    agent = Agent(deps(search, encoder))
    assert (await agent.ask(Question(LEAVE, collections=("t",)))).citations
    assert (await agent.ask(Question(LEAVE, collections=("other",)))).abstained
    unsure = await agent.ask(Question(LEAVE, least_confidence=1.0))
    assert unsure.abstained
    assert unsure.text.startswith("I am not sure enough to answer")
    assert (
        "把握不足" in (await agent.ask(Question(LEAVE, least_confidence=1.0, language="zh"))).text
    )
    model = Agent(deps(search, encoder, "domain", domain=Knows("27 days.")))
    assert (await model.ask(Question(LEAVE, least_confidence=0.9))).route == "domain"
    assert (await model.ask(Question(LEAVE, least_confidence=1.0))).abstained


@pytest.mark.parametrize(("language", "said"), [("zh", "Simplified Chinese"), ("en", "English")])
def test_the_model_is_told_the_language(language: str, said: str) -> None:
    told = answering(built_in(ANSWERING), "?", (), language)[0].content  # type: ignore[arg-type]
    assert f"Answer in {said}" in told
