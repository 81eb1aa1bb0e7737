"""How the two legs of a search become one order, and what they say about themselves: pure."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.bm25 import K1
from knowledge.documents import Query, Signals
from knowledge.terms import query_terms

LEG = 100
"""The best of each leg that are scored on both."""

_LEXICAL_SHARE = 0.5
_EARLIER_TURNS = (0.5, 0.25)
"""Weights of the user turns before the last, latest first. More turns only blur the topic, and
none cost 3 points of nDCG@10 on MTRAG."""

_BEGINNING = 80
"""Characters of an earlier turn that the encoder reads; all of it gains .002 nDCG@10 on MTRAG."""

_GAP_TO = 10


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chunk in reach of the query; ``covered`` sums the weights of the query's terms in it."""

    chunk_id: int
    lexical: float
    covered: float
    dense: float | None


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
    return list({one.chunk_id: one for one in (*lexical[:LEG], *dense[:LEG])}.values())


def blended(candidates: Sequence[Candidate]) -> list[tuple[Candidate, float]]:
    """Candidates with their scores in 0..1, best first; the older chunk wins a tie.

    Scores, not ranks (Bruch et al. 2023): each leg is stretched to 0..1 over the candidates. A
    chunk without a vector gets the dense leg's minimum; without a dense leg the lexical is all.
    """
    dense = [one.dense for one in candidates if one.dense is not None]
    share = _LEXICAL_SHARE if dense else 1.0
    floor = min(dense, default=0.0)
    lexical_parts = stretched([one.lexical for one in candidates])
    dense_parts = stretched([floor if one.dense is None else one.dense for one in candidates])
    scores = [
        share * lexical + (1 - share) * close
        for lexical, close in zip(lexical_parts, dense_parts, strict=True)
    ]
    pairs = zip(candidates, scores, strict=True)
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0].chunk_id))


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


def stretched(scores: Sequence[float]) -> list[float]:
    """Min-max: the lowest becomes 0, the highest 1; all 0 when they do not differ."""
    low, high = min(scores, default=0.0), max(scores, default=0.0)
    return [(score - low) / (high - low) if high > low else 0.0 for score in scores]
