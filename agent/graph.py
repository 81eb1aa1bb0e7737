"""The path of one question, as a graph; the bottom of this file is its diagram."""

from collections.abc import Awaitable
from typing import Literal, Protocol

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph._node import StateNode
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from agent.answering import answer, is_answerable, read
from agent.checking import abstain, check
from agent.consulting import consult
from agent.conversation import remember
from agent.deps import Deps
from agent.errors import ModelUnavailable
from agent.replying import chat, clarify
from agent.retrieving import retrieve
from agent.routing.routing import Decision, Evidence
from agent.routing.second_opinion import in_doubt, second_opinion
from agent.state import State
from agent.understanding import understand
from agent.verifying import verify

AgentGraph = CompiledStateGraph[State, Deps, State, State]


class Node(Protocol):
    """What stands at a place of the diagram."""

    __name__: str

    def __call__(self, state: State, runtime: Runtime[Deps]) -> Awaitable[State]:
        """What changes in the state."""
        ...


async def route(state: State, runtime: Runtime[Deps]) -> State:
    """Decide who answers, from numbers already at hand; in doubt, a model may be asked."""
    evidence = Evidence(
        question=state["understood"].text,
        signals=state["found"].signals,
        estimate=state["estimate"],
        small_talk=state["small_talk"],
        passages=state["found"].passages,
        vector=state.get("vector"),
    )
    decision = runtime.context.router.decide(evidence)
    if state["understood"].lost and decision.route != "chat":
        decision = Decision("clarify", 1.0, "It refers to something said before, and nothing was.")
    judge = runtime.context.router_model
    if judge is None or state.get("outage") or not in_doubt(decision, evidence):
        return State(decision=decision)
    try:
        decision, reply = await second_opinion(decision, evidence, judge)
    except ModelUnavailable:  # the numbers decided already
        return State(decision=decision, costs=(*state["costs"], None))
    return State(decision=decision, costs=(*state["costs"], reply.cost_usd))


def after_verify(state: State) -> Literal["check", "route"]:
    """What a person vouched for needs no decision."""
    return "check" if "verified" in state else "route"


def after_route(state: State) -> Literal["read", "consult", "chat", "clarify", "abstain"]:
    """Documents, the domain model (alone or first), or no lookup at all."""
    match state["decision"].route:
        case "knowledge":
            return "read"
        case "domain" | "both":
            return "consult"
        case "none":
            # Without a domain model the router has nothing to be calibrated on: read, then judge.
            return "read" if state["estimate"] is None and state["found"].passages else "abstain"
        case own_words:
            return own_words


def after_consult(state: State) -> Literal["read", "check"]:
    """The documents as well, when both shall answer; instead, when the model did not."""
    alone = state["decision"].route == "domain" and "verified" in state
    return "check" if alone else "read"


def after_read(state: State) -> Literal["answer", "check", "abstain"]:
    """Answer only when the passages are likely to hold it."""
    if is_answerable(state):
        return "answer"
    return "check" if "verified" in state else "abstain"


def after_check(state: State) -> Literal["remember", "abstain"]:
    """What the check left nothing of is not answered."""
    return "remember" if "answer" in state else "abstain"


def build(checkpointer: BaseCheckpointSaver[str] | None = None) -> AgentGraph:
    """The compiled graph; with a checkpointer, it remembers by ``thread_id``."""
    graph = StateGraph(State, context_schema=Deps)
    for node in (
        understand,
        retrieve,
        verify,
        route,
        consult,
        read,
        answer,
        chat,
        clarify,
        check,
        abstain,
        remember,
    ):
        graph.add_node(node.__name__, _timed(node))

    graph.add_edge(START, "understand")
    graph.add_edge("understand", "retrieve")
    graph.add_edge("retrieve", "verify")
    graph.add_conditional_edges("verify", after_verify)
    graph.add_conditional_edges("route", after_route)
    graph.add_conditional_edges("consult", after_consult)
    graph.add_conditional_edges("read", after_read)
    graph.add_edge("answer", "check")
    graph.add_edge("chat", "check")
    graph.add_edge("clarify", "check")
    graph.add_conditional_edges("check", after_check)
    graph.add_edge("abstain", "remember")
    graph.add_edge("remember", END)
    return graph.compile(checkpointer)


def _timed(node: Node) -> StateNode[State, Deps]:
    """The node, with its milliseconds noted under its name; a part it timed itself stands apart."""

    async def timed(state: State, runtime: Runtime[Deps]) -> State:
        clock = runtime.context.clock
        started = clock()
        update = await node(state, runtime)
        parts = update.get("timings", {})
        own = 1000 * (clock() - started) - sum(parts.values())
        before = state.get("timings", {})
        return {**update, "timings": {**before, **parts, node.__name__: own}}

    return timed
