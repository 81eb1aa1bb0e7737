"""The nodes that answer without looking anything up."""

from langgraph.runtime import Runtime

from agent import phrases
from agent.deps import Deps
from agent.errors import ModelUnavailable
from agent.prompting.prompt_texts import CHATTING
from agent.prompting.prompts import chatting
from agent.reading.languages import language
from agent.state import Draft, State

OWN_WORDS = "phrase"
"""The model's name of what Knowhow says in words of its own."""


async def chat(state: State, runtime: Runtime[Deps]) -> State:
    """Small talk; written by the chat model if there is one."""
    text = state["question"].text
    spoken = state["question"].language or language(text)
    model = runtime.context.chat
    if model is not None and not state.get("outage"):
        prompt = runtime.context.prompts.of(CHATTING, state["question"].workspace)
        try:
            completion = await model.complete(chatting(prompt, text, state["question"].language))
        except ModelUnavailable as error:
            return State(
                draft=Draft(phrases.small_talk(text, spoken), OWN_WORDS),
                notes=(*state["notes"], phrases.SET_PHRASE.filled(why=error.said)),
                costs=(*state["costs"], None),
            )
        return State(
            draft=Draft(completion.text, model.name),
            prompts=(*state["prompts"], prompt.label),
            costs=(*state["costs"], completion.cost_usd),
            timings={"model": completion.took_ms},
        )
    return State(draft=Draft(phrases.small_talk(text, spoken), OWN_WORDS))


async def clarify(state: State, runtime: Runtime[Deps]) -> State:
    """Ask back what the question refers to."""
    del runtime
    spoken = state["question"].language or language(state["question"].text)
    return State(draft=Draft(phrases.clarify(spoken), OWN_WORDS))
