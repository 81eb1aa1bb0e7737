"""The second node: everything that is known about the question, gathered at once."""

import asyncio
from collections.abc import Sequence

import numpy as np
from langgraph.runtime import Runtime
from numpy.typing import NDArray

from agent.deps import Deps
from agent.events import Step
from agent.learned.domain import Estimate
from agent.state import State
from knowledge.embedding import Encoder
from knowledge.retrieval.scoring import query_text

PASSAGES = 10


async def retrieve(state: State, runtime: Runtime[Deps]) -> State:
    """Search, and ask the domain model and the small talk how close they are."""
    deps = runtime.context
    runtime.stream_writer(Step("Searching…"))
    question, understood = state["question"], state["understood"]
    started = deps.clock()
    texts = (query_text(understood.query), understood.text, question.text)
    vector, standalone, said = await _embedded(texts, deps.encoder)
    embedded = deps.clock()
    found, estimate, small_talk = await asyncio.gather(
        deps.search.find(understood.query, question.reader, PASSAGES, vector),
        _estimate(deps, understood.text, standalone),
        deps.small_talk.closeness(question.text, said),
    )
    return State(
        vector=vector,
        standalone=standalone,
        found=found,
        estimate=estimate,
        small_talk=small_talk,
        timings={"embed": 1000 * (embedded - started)},
    )


async def _embedded(texts: Sequence[str], encoder: Encoder) -> list[NDArray[np.float32] | None]:
    """A vector for each text whose script the encoder covers; equal texts are encoded once."""
    covered = [text for text in dict.fromkeys(texts) if encoder.covers(text)]
    vectors = dict(zip(covered, await encoder.encode(covered), strict=True)) if covered else {}
    return [vectors.get(text) for text in texts]


async def _estimate(
    deps: Deps, question: str, vector: NDArray[np.float32] | None
) -> Estimate | None:
    return None if deps.domain is None else await deps.domain.estimate(question, vector)
