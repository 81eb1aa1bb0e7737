"""The agent: a question in, an answer out."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import cast

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver

from agent.answers import Answer, Question
from agent.deps import Deps
from agent.events import Delta, Done, Event, Step
from agent.graph import build
from agent.state import State
from agent.understanding import usable


class Agent:
    """Answers through the graph. It is cheap to make: after a promotion, make a new one.

    ``memory`` (see `open_memory`) keeps the conversations of questions that name a thread; without
    it, or without a thread, nothing is remembered.
    """

    def __init__(self, deps: Deps, memory: BaseCheckpointSaver[str] | None = None) -> None:
        self._deps = deps
        self._alone = build()
        self._remembering = build(memory) if memory is not None else self._alone

    async def ask(self, question: Question) -> Answer:
        """The answer alone. Raises UnusableQuestion, and what the database raises."""
        answer: Answer | None = None
        async for event in self.stream(question):
            if isinstance(event, Done):
                answer = event.answer
        if answer is None:
            raise RuntimeError("the graph ended without an answer")  # its last nodes all write one
        return answer

    async def stream(self, question: Question) -> AsyncIterator[Event]:
        """Steps and pieces of text as they come, and at the end the answer as `Done`."""
        question = replace(question, text=usable(question.text))
        graph = self._alone if question.thread is None else self._remembering
        remembers = graph is not self._alone
        config = RunnableConfig(configurable={"thread_id": question.thread}) if remembers else None
        state: State = {}
        async for mode, event in graph.astream(
            State(question=question),
            config,
            context=self._deps_for(question),
            stream_mode=["custom", "values"],
            durability="exit" if remembers else None,
        ):
            if mode == "values":
                state = cast("State", event)
            elif isinstance(event, Step | Delta):
                yield event
        yield Done(_with_timings(state))

    def _deps_for(self, question: Question) -> Deps:
        """Models that are asked once, for a question that can come again after a crash."""
        deps = self._deps
        if deps.replies is None or question.id is None:
            return deps
        chat, judge = (
            model and deps.replies.of(question.id, model)
            for model in (deps.chat, deps.router_model)
        )
        return replace(deps, chat=chat, router_model=judge)


def _with_timings(state: State) -> Answer:
    stages = state["timings"]
    return replace(state["answer"], timings_ms={**stages, "total": sum(stages.values())})
