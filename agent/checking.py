"""The last nodes: nothing leaves that breaks a rule, and not knowing is said plainly."""

from collections.abc import Sequence
from dataclasses import replace

from langgraph.runtime import Runtime

from agent import phrases
from agent.answering import EXTRACTIVE, is_answerable, quotation
from agent.answers import Answer, Citation, Route
from agent.deps import Deps
from agent.gate import Gated, gate, neutral
from agent.reading.answerability import THRESHOLD
from agent.reading.languages import language
from agent.replying import OWN_WORDS
from agent.state import Draft, State
from agent.texts import Said, Text, joined
from knowledge.documents import Passage

_NEAR = 0.3
_NEAR_SPELLED = 0.15
"""Cosine, or share of the question's terms by weight, from which a document is worth naming."""

_NAMED = 3

NOTHING = Said()
_HOLD = Text(
    "The passages found hold the answer with {share:.0%} confidence.",
    "找到的段落有 {share:.0%} 的把握包含答案。",
)
_HOLD_NOT = Text(
    "The passages found hold the answer with only {share:.0%} confidence.",
    "找到的段落只有 {share:.0%} 的把握包含答案。",
)
_FOUND_NONE = Text("{model} found no answer in the passages.", "{model} 在这些段落中没有找到答案。")
_UNTRACED = Text(
    "Nothing that could be said could be traced to a passage.", "能说的内容都无法追溯到某个段落。"
)
_READ: frozenset[Route] = frozenset({"knowledge", "none"})


async def check(state: State, runtime: Runtime[Deps]) -> State:
    """Gate the draft; one that cites nothing becomes a quotation, or leaves no answer at all."""
    del runtime
    decision, draft = state["decision"], state.get("draft")
    if draft is not None and decision.route in {"chat", "clarify"}:
        text = neutral(draft.text)
        return State(answer=_answer(state, text, decision.route, draft.model))
    verified = state.get("verified")
    if draft is None or (verified is not None and not draft.text):
        return State() if verified is None else State(answer=_verified(state))
    gated = gate(draft.text, draft.passages)
    note = Said()
    if draft.text and not gated.cited and draft.model != EXTRACTIVE:
        draft = Draft(quotation(state), EXTRACTIVE, state["found"].passages)
        gated = gate(draft.text, draft.passages)
        note = phrases.QUOTED_BECAUSE.filled(why=phrases.CITED_NOTHING.filled())
    if gated.cited:
        return State(answer=_cited(state, draft, gated, note))
    return State() if verified is None else State(answer=_verified(state))


async def abstain(state: State, runtime: Runtime[Deps]) -> State:
    """Say that the answer is not known, and which documents came nearest."""
    del runtime
    found = state["found"]
    dense = found.signals.dense
    near = found.signals.coverage >= _NEAR_SPELLED if dense is None else dense >= _NEAR
    documents = {one.document_id: one for one in reversed(found.passages)} if near else {}
    nearest = _citations([*reversed(documents.values())][:_NAMED])
    question = state["question"]
    spoken = question.language or language(question.text)
    wanted = question.least_confidence if _is_unsure(state) else 0.0
    answer = replace(
        _answer(state, phrases.unknown(spoken, wanted), "none", OWN_WORDS), nearest=nearest
    )
    if why_not := _why_not(state):
        answer = replace(answer, reason=joined(why_not, *state["notes"]))
    return State(answer=answer)


def _citations(passages: Sequence[Passage]) -> tuple[Citation, ...]:
    return tuple(
        Citation(n, p.title or p.uri, p.uri, p.document_id, p.text, p.heading, p.version, p.link)
        for n, p in enumerate(passages, start=1)
    )


def _verified(state: State) -> Answer:
    verified = state["verified"]
    return _answer(state, verified.text, "domain", verified.model)


def _cited(state: State, draft: Draft, gated: Gated, note: Said) -> Answer:
    citations = _citations([draft.passages[number] for number in gated.cited])
    verified = state.get("verified")
    if verified is None:
        return _answer(state, gated.text, "knowledge", draft.model, note=note, citations=citations)
    text = f"{verified.text}\n\n{gated.text}"
    return _answer(
        state, text, "both", f"{verified.model}+{draft.model}", note=note, citations=citations
    )


def _answer(
    state: State,
    text: str,
    route: Route,
    model: str,
    *,
    note: Said = NOTHING,
    citations: tuple[Citation, ...] = (),
) -> Answer:
    decision = state["decision"]
    reason = joined(_decided(state), *state["notes"], note)
    known = 1 - decision.confidence if decision.route == "none" else decision.confidence
    confidence = state["answerable"] if route in _READ and "answerable" in state else known
    costs = state["costs"]
    return Answer(
        text=text,
        route=route,
        confidence=confidence,
        reason=reason,
        abstained=route == "none",
        citations=citations,
        model=model,
        timings_ms={},
        cost_usd=None if None in costs else sum((cost or 0.0 for cost in costs), 0.0),
        question=state["understood"].text,
        prompts=state["prompts"],
    )


def _decided(state: State) -> Said:
    if state["decision"].route == "none" and "answerable" in state:
        return _HOLD.filled(share=state["answerable"])
    return state["decision"].reason


def _is_unsure(state: State) -> bool:
    """Whether it would be answered where less confidence is wanted."""
    return THRESHOLD <= state.get("answerable", 0.0) < state["question"].least_confidence


def _why_not(state: State) -> Said:
    if "answerable" not in state:
        return NOTHING
    if not is_answerable(state):
        return _HOLD_NOT.filled(share=state["answerable"])
    if "draft" in state and not state["draft"].text:
        return _FOUND_NONE.filled(model=state["draft"].model)
    return _UNTRACED.filled()
