"""The node that asks the domain model."""

from langgraph.runtime import Runtime

from agent.deps import Deps
from agent.errors import ModelUnavailable
from agent.events import Delta, Step
from agent.gate import neutral, without_mentions
from agent.learned.domain import DomainModel, Estimate
from agent.models import Completion, Message
from agent.paid_replies import digest
from agent.state import State, Verified
from agent.texts import Text

_ASKING = Text("Asking the domain model…", "正在询问领域模型…")
_SILENT = Text(
    "The documents were asked because the domain model did not answer: {why}.",
    "领域模型没有回答，因此改查文档：{why}。",
)


async def consult(state: State, runtime: Runtime[Deps]) -> State:
    """Take the domain model's answer.

    An answer that the model already had at its estimate is the team's own, verified word by word,
    and keeps its links; what a model generates passes the gate like any other generated text. A
    model that does not answer leaves the question to the documents.
    """
    deps, estimate = runtime.context, state["estimate"]
    if deps.domain is None or estimate is None:  # the router never sends anything here then
        raise RuntimeError("consult without a domain model")
    runtime.stream_writer(Step(_ASKING.filled()))
    generated = estimate.answer is None
    # What an endpoint bills for a generated answer, even for a broken one, is not known here.
    costs = (*state["costs"], None) if generated else state["costs"]
    try:
        answer = await _asked(deps, deps.domain, state, estimate)
    except ModelUnavailable as error:
        note = _SILENT.filled(why=error.said)
        return State(notes=(*state["notes"], note), costs=costs)
    text = neutral(answer) if generated else without_mentions(answer).strip()
    runtime.stream_writer(Delta(text))
    return State(verified=Verified(text, deps.domain.name), costs=costs)


async def _asked(deps: Deps, domain: DomainModel, state: State, estimate: Estimate) -> str:
    """What is generated is paid for once, like every model's reply."""
    text, question = state["understood"].text, state["question"].id

    async def ask() -> Completion:
        return Completion(await domain.consult(text, estimate), None)

    if deps.replies is None or question is None or estimate.answer is not None:
        return (await ask()).text
    prompt = digest(domain.name, [Message("user", text)])
    return (await deps.replies.once(question, prompt, ask))[0].text
