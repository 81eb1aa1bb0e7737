"""Questions with known documents, asked one after another: what was found, how well, how fast."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from knowledge.documents import Passage, Query, Reader
from knowledge.evaluation.metrics import mrr_at, ndcg_at, recall_at
from knowledge.retrieval.blending import Kind, script_and_kind
from knowledge.retrieval.scoring import LEG
from knowledge.retrieval.search import Search

_DEEP = 2 * LEG
"""Passages that hold every document a search can reach: recall@100 counts documents."""

_SHOWN = 5

Advance = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class Judged:
    """A question whose relevant documents are known, graded by uri (1 and up: relevant).

    ``excluding`` is the id of the question of the question set that this one is.
    """

    query: Query
    grades: Mapping[str, int]
    collection: str = ""
    excluding: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one question came to; a document ranks by its best chunk.

    ``latency_ms`` is that of a search for ten passages, encoding included; ``first`` are the best
    passages found.
    """

    judged: Judged
    script: str
    kind: Kind
    latency_ms: float
    ndcg_at_10: float
    recall_at_5: float
    recall_at_10: float
    recall_at_100: float
    mrr_at_10: float
    first: tuple[Passage, ...]

    @property
    def expected(self) -> tuple[str, ...]:
        """The uris of the relevant documents."""
        return tuple(uri for uri, grade in self.judged.grades.items() if grade > 0)


def unheard(done: int, total: int | None) -> None:
    """Hear of the progress and do nothing."""


async def ask_all(
    asked: Sequence[Judged], search: Search, reader: Reader, advance: Advance = unheard
) -> tuple[Outcome, ...]:
    """Ask them in order, one at a time, as a single person would wait for each."""
    if asked:  # the first search of a connection plans and loads
        await search.find(asked[0].query, reader)
    outcomes = []
    for done, one in enumerate(asked, start=1):
        outcomes.append(await _outcome(one, search, reader))
        advance(done, len(asked))
    return tuple(outcomes)


async def _outcome(one: Judged, search: Search, reader: Reader) -> Outcome:
    started = time.perf_counter()
    await search.find(one.query, reader, excluding=one.excluding)
    latency = 1000 * (time.perf_counter() - started)
    found = await search.find(one.query, reader, _DEEP, excluding=one.excluding)
    ranked = list(dict.fromkeys(passage.uri for passage in found.passages))
    script, kind = script_and_kind(one.query)
    return Outcome(
        judged=one,
        script=script,
        kind=kind,
        latency_ms=latency,
        ndcg_at_10=ndcg_at(ranked, one.grades, 10),
        recall_at_5=recall_at(ranked, one.grades, 5),
        recall_at_10=recall_at(ranked, one.grades, 10),
        recall_at_100=recall_at(ranked, one.grades, 100),
        mrr_at_10=mrr_at(ranked, one.grades, 10),
        first=found.passages[:_SHOWN],
    )
