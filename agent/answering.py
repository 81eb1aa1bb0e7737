"""The nodes that read the passages and answer from them."""

from langgraph.runtime import Runtime

from agent.deps import Deps
from agent.errors import ModelUnavailable
from agent.events import Delta, Step
from agent.gate import gate
from agent.paid_replies import Completes
from agent.phrases import QUOTED
from agent.prompting.prompt_texts import ANSWERING
from agent.prompting.prompts import UNKNOWN, answering
from agent.reading.answerability import THRESHOLD, answerability
from agent.reading.extractive import LIMIT, LIMIT_CJK, quote
from agent.reading.extractive import read as read_sentences
from agent.reading.languages import language
from agent.state import Draft, State
from agent.streaming import Gatekeeper

EXTRACTIVE = "extractive"

_GIVEN_TO_MODEL = 6


async def read(state: State, runtime: Runtime[Deps]) -> State:
    """Find the sentences that answer, and how likely they do."""
    found = state["found"]
    reading = await read_sentences(
        state["understood"].query, state.get("vector"), found.passages, runtime.context.encoder
    )
    return State(reading=reading, answerable=answerability(found.signals, reading))


async def answer(state: State, runtime: Runtime[Deps]) -> State:
    """Write the answer with the chat model; without one, quote."""
    chat = runtime.context.chat
    if chat is None:
        return _quoted(state, runtime, QUOTED)
    if outage := state.get("outage"):
        return _quoted(state, runtime, f"Quoted from your documents, because {outage}.")
    runtime.stream_writer(Step("Writing…"))
    try:
        return await _written(state, runtime, chat)
    except ModelUnavailable as error:
        update = _quoted(state, runtime, f"Quoted from your documents, because {error}.")
        # A reply that broke off or came too late may be billed all the same.
        return {**update, "costs": (*state["costs"], None)}


async def _written(state: State, runtime: Runtime[Deps], chat: Completes) -> State:
    keeper = Gatekeeper(lambda text: runtime.stream_writer(Delta(text)))
    best = state["found"].passages[:_GIVEN_TO_MODEL]
    passages = await runtime.context.search.widen(best, state["question"].reader)
    workspace, collection = state["question"].workspace, best[0].collection if best else ""
    prompt = runtime.context.prompts.of(ANSWERING, workspace, collection)
    messages = answering(prompt, state["understood"].text, passages)
    completion = await chat.complete(messages, keeper.hear)
    keeper.close()
    text = "" if completion.text.strip(" .") == UNKNOWN else completion.text
    return State(
        draft=Draft(text, chat.name, passages),
        prompts=(*state["prompts"], prompt.label),
        costs=(*state["costs"], completion.cost_usd),
    )


def _quoted(state: State, runtime: Runtime[Deps], note: str) -> State:
    passages = state["found"].passages
    text = quotation(state)
    runtime.stream_writer(Delta(gate(text, passages).text))
    return State(draft=Draft(text, EXTRACTIVE, passages), notes=(*state["notes"], note))


def quotation(state: State) -> str:
    """The extractive answer, as long as the question's language allows."""
    spoken = language(state["question"].text)
    return quote(state["reading"], LIMIT_CJK if spoken == "zh" else LIMIT)


def is_answerable(state: State) -> bool:
    """Whether the passages are likely enough to hold the answer."""
    return state["answerable"] >= THRESHOLD
