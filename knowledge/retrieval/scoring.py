"""What a search asks for, the chunks in its reach, and what they say of themselves: pure."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.bm25 import K1
from knowledge.documents import Query, Signals
from knowledge.terms import query_terms

LEG = 100
"""The best of each leg that are scored on both."""

_EARLIER_TURNS = (0.5, 0.25)
"""Weights of the user turns before the last, latest first. More turns only blur the topic, and
none cost 3 points of nDCG@10 on MTRAG."""

_BEGINNING = 80
"""Characters of an earlier turn that the encoder reads; all of it gains .002 nDCG@10 on MTRAG."""

_GAP_TO = 10


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chunk in reach of the query; ``covered`` sums the weights of the query's terms in it.

    ``questions`` is the similarity of the query to the closest question that the chunk answers,
    None where it has none or the question set is not used.
    """

    chunk_id: int
    lexical: float
    covered: float
    dense: float | None
    questions: float | None = None
    collection: str = ""


def query_text(query: Query) -> str:
    """The query as the encoder reads it: the question, then how the turns before it began.

    The latest first. Encoding takes time by the token, and a turn's beginning says its topic.
    """
    earlier = query.turns[: -len(_EARLIER_TURNS) - 1 : -1]
    return "\n".join((query.text, *(turn[:_BEGINNING] for turn in earlier)))


def query_weights(query: Query) -> dict[str, float]:
    """How often each term is asked for; earlier turns count for less."""
    weights: defaultdict[str, float] = defaultdict(float)
    turns = (query.text, *reversed(query.turns))
    for turn, weight in zip(turns, (1.0, *_EARLIER_TURNS), strict=False):
        for term in query_terms(turn):
            weights[term] += weight
    return dict(weights)


def pooled(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The best hundred of each leg, in no particular order."""
    lexical = sorted(
        (one for one in candidates if one.lexical > 0), key=lambda one: (-one.lexical, one.chunk_id)
    )
    dense = sorted(
        (one for one in candidates if one.dense is not None),
        key=lambda one: (-(one.dense or 0), one.chunk_id),
    )
    asked = sorted(
        (one for one in candidates if one.questions is not None),
        key=lambda one: (-(one.questions or 0), one.chunk_id),
    )
    legs = (*lexical[:LEG], *dense[:LEG], *asked[:LEG])
    return list({one.chunk_id: one for one in legs}.values())


def signals(candidates: Sequence[Candidate], asked: float) -> Signals:
    """What the router needs; ``asked`` is the sum of the weights of all terms of the query."""
    dense = sorted((one.dense for one in candidates if one.dense is not None), reverse=True)
    best = max((one.lexical for one in candidates), default=0.0)
    covered = max((one.covered for one in candidates), default=0.0)
    return Signals(
        dense=dense[0] if dense else None,
        dense_gap=dense[0] - dense[:_GAP_TO][-1] if dense else None,
        lexical=best / (asked * (K1 + 1)) if asked else 0.0,
        coverage=min(covered / asked, 1.0) if asked else 0.0,
    )
