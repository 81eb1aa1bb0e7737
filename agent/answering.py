"""The nodes that read the passages and answer from them."""

from langgraph.runtime import Runtime

from agent.deps import Deps
from agent.errors import ModelUnavailable
from agent.events import Delta, Step
from agent.gate import gate
from agent.paid_replies import Completes
from agent.phrases import QUOTED, QUOTED_BECAUSE, WRITTEN_INSTEAD
from agent.prompting.prompt_texts import ANSWERING
from agent.prompting.prompts import UNKNOWN, answering
from agent.reading.answerability import THRESHOLD, answerability
from agent.reading.extractive import LIMIT, LIMIT_CJK, quote
from agent.reading.extractive import read as read_sentences
from agent.reading.languages import language
from agent.state import Draft, State
from agent.streaming import Gatekeeper
from agent.texts import Said, Text

EXTRACTIVE = "extractive"

_GIVEN_TO_MODEL = 6
_READING = Text("Reading {count} passages…", "正在阅读 {count} 段内容…")
_WRITING = Text("Writing the answer…", "正在撰写回答…")


async def read(state: State, runtime: Runtime[Deps]) -> State:
    """Find the sentences that answer, and how likely they do."""
    found = state["found"]
    runtime.stream_writer(Step(_READING.filled(count=len(found.passages))))
    reading = await read_sentences(
        state["understood"].query, state.get("vector"), found.passages, runtime.context.encoder
    )
    return State(reading=reading, answerable=answerability(found.signals, reading))


async def answer(state: State, runtime: Runtime[Deps]) -> State:
    """Write the answer with the chat model; without one, quote."""
    chat = runtime.context.chat
    if chat is None:
        return _quoted(state, runtime, QUOTED.filled())
    if outage := state.get("outage"):
        return _quoted(state, runtime, QUOTED_BECAUSE.filled(why=outage))
    runtime.stream_writer(Step(_WRITING.filled()))
    try:
        return await _written(state, runtime, chat)
    except ModelUnavailable as error:
        update = _quoted(state, runtime, QUOTED_BECAUSE.filled(why=error.said))
        # A reply that broke off or came too late may be billed all the same.
        return {**update, "costs": (*state["costs"], None)}


async def _written(state: State, runtime: Runtime[Deps], chat: Completes) -> State:
    keeper = Gatekeeper(lambda text: runtime.stream_writer(Delta(text)))
    best = state["found"].passages[:_GIVEN_TO_MODEL]
    passages = await runtime.context.search.widen(best, state["question"].reader)
    workspace, collection = state["question"].workspace, best[0].collection if best else ""
    prompt = runtime.context.prompts.of(ANSWERING, workspace, collection)
    question = state["question"]
    messages = answering(prompt, state["understood"].text, passages, question.language)
    completion = await chat.complete(messages, keeper.hear)
    keeper.close()
    text = "" if completion.text.strip(" .") == UNKNOWN else completion.text
    notes = state["notes"]
    if completion.instead is not None:
        told = WRITTEN_INSTEAD.filled(model=completion.model, why=completion.instead)
        notes = (*notes, told)
    return State(
        draft=Draft(text, completion.model, passages),
        notes=notes,
        prompts=(*state["prompts"], prompt.label),
        costs=(*state["costs"], completion.cost_usd),
        timings={"model": completion.took_ms},
    )


def _quoted(state: State, runtime: Runtime[Deps], note: Said) -> State:
    passages = state["found"].passages
    text = quotation(state)
    runtime.stream_writer(Delta(gate(text, passages).text))
    return State(draft=Draft(text, EXTRACTIVE, passages), notes=(*state["notes"], note))


def quotation(state: State) -> str:
    """The extractive answer, as long as the question's language allows."""
    spoken = language(state["question"].text)
    return quote(state["reading"], LIMIT_CJK if spoken == "zh" else LIMIT)


def is_answerable(state: State) -> bool:
    """Whether the passages are likely enough to hold the answer, for whoever asks."""
    return state["answerable"] >= max(THRESHOLD, state["question"].least_confidence)
