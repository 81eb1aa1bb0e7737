"""The lexical leg's sum over postings, in memory: pure.

A query reads some hundred thousand postings. Numpy adds them up in a hundredth of the time that
SQL takes to group as many rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.bm25 import SCALE

_IMPACT_BITS = 16
_DENSE = 4_000_000, 16
"""There is a sum for each id between the lowest and the highest, used or not, as long as those are
no more than the first number, or so many times the postings; else for each id there is."""


@dataclass(frozen=True, slots=True)
class Postings:
    """A term's weight and, side by side, the chunks that hold it and what it is worth in each.

    A chunk is given by its place among the chunks of a `Tally`; it comes once.
    """

    places: NDArray[np.int64]
    worth: NDArray[np.floating]
    weight: float


@dataclass(frozen=True, slots=True)
class Tally:
    """The postings that a query has read, and the BM25 score of each place as far as they go.

    A place stands for the id ``first`` higher, or where there are ``ids`` for the one there.
    """

    terms: Sequence[Postings]
    scores: NDArray[np.float32]
    first: int
    ids: NDArray[np.int64] | None

    def best(self, count: int) -> list[int]:
        """The ids with the highest scores; of equal ones the oldest."""
        # That many chunks of one term already score so much: few others come into question.
        bounds = (_highest(self.scores[term.places], count) for term in self.terms)
        least = max(bounds, default=0.0)
        places = np.flatnonzero(self.scores >= least if least else self.scores)
        places = places[self.scores[places] >= _highest(self.scores[places], count)]
        order = np.argsort(-self.scores[places], kind="stable")
        places = places[order[:count]]
        ids: list[int] = (places + self.first if self.ids is None else self.ids[places]).tolist()
        return ids

    def of(self, ids: Sequence[int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Each chunk's score and the weight of the terms in it, 0 where it holds none of them."""
        scores, covered = np.zeros(len(ids)), np.zeros(len(ids))
        if not self.terms:
            return scores, covered
        asked = np.asarray(ids, np.int64)
        if self.ids is None:
            places = asked - self.first
        else:
            places = np.searchsorted(self.ids, asked).clip(max=len(self.ids) - 1)
            places[self.ids[places] != asked] = -1
        known = np.flatnonzero((places >= 0) & (places < len(self.scores)))
        position = np.full(len(self.scores), -1, np.int32)
        position[places[known]] = known
        for term in self.terms:
            found = position[term.places]
            held = found >= 0
            scores[found[held]] += term.worth[held]
            covered[found[held]] += term.weight
        return scores, covered


def tallied(terms: Sequence[tuple[bytes, float]]) -> Tally:
    """Add up the entries of `posting_block`, given for each term that has any, with its weight."""
    read = [np.frombuffer(entries, ">i8").astype(np.int64) for entries, _ in terms]
    chunks = [entries >> _IMPACT_BITS for entries in read]
    first = min((int(one.min()) for one in chunks), default=0)
    span = max((int(one.max()) for one in chunks), default=-1) - first + 1
    ids = None
    if span > max(_DENSE[0], _DENSE[1] * sum(map(len, read))):
        ids = np.unique(np.concatenate(chunks))
        span = len(ids)
    scores = np.zeros(span, np.float32)
    postings = []
    for (_, weight), entries, one in zip(terms, read, chunks, strict=True):
        places = one - first if ids is None else np.searchsorted(ids, one)
        worth = (entries & ((1 << _IMPACT_BITS) - 1)) * (weight / SCALE)
        scores[places] += worth.astype(np.float32)
        postings.append(Postings(places, worth, weight))
    return Tally(postings, scores, first, ids)


def _highest(scores: NDArray[np.float32], count: int) -> float:
    """The score that so many reach; 0 where there are fewer."""
    if len(scores) < count:
        return 0.0
    return float(np.partition(scores, len(scores) - count)[len(scores) - count])
