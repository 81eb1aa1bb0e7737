"""The node that knows what a person vouched for: it goes before every other way to answer."""

from langgraph.runtime import Runtime

from agent.deps import Deps
from agent.events import Delta
from agent.feedback.verified import Vouched
from agent.gate import neutral, without_mentions
from agent.reading.languages import language
from agent.routing.routing import Decision
from agent.routing.rules import ruled
from agent.state import State, Verified
from agent.texts import Text
from knowledge.documents import Passage

VERIFIED = "verified:"
"""Before the answer's id: what stands for the model."""

_BY = Text(en="Verified by {author} on {date:%Y-%m-%d}.", zh="由{author}于{date:%Y-%m-%d}核实。")
_STALE = Text(
    en="An answer that {author} verified is not used: a document it rests on has changed since.",
    zh="{author}核实过的答案未被采用：它所依据的文档此后有改动。",
)


async def verify(state: State, runtime: Runtime[Deps]) -> State:
    """Take the verified answer to this very question, if there is one that still holds.

    Only a question for sources or a named document goes on to the documents all the same, and one
    for what holds now where no document would tell that the answer is out of date.
    """
    deps, question, understood = runtime.context, state["question"], state["understood"]
    if deps.verified is None or understood.lost:
        return State()
    found = await deps.verified.find(
        question.workspace, question.reader, understood.text, state["standalone"]
    )
    if found is None or _is_for_documents(understood.text, state["found"].passages, found):
        return State()
    spoken, author = language(question.text), neutral(found.author_name)
    if found.stale:
        return State(notes=(*state["notes"], _STALE.to(spoken, author=author)))
    text = without_mentions(found.answer).strip()
    runtime.stream_writer(Delta(text))
    reason = _BY.to(spoken, author=author, date=found.created_at)
    return State(
        verified=Verified(text, f"{VERIFIED}{found.id}"),
        decision=Decision("domain", found.likeness, reason, found.likeness),
    )


def _is_for_documents(question: str, passages: tuple[Passage, ...], found: Vouched) -> bool:
    rule = ruled(question, passages)
    if rule is not None and rule.always:
        return True
    # Without passages the only rule left is that of questions for what holds now.
    return not found.rests and ruled(question, ()) is not None
