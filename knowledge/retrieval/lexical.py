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
_DENSE_SPAN = 4_000_000
"""A sum for each id between the lowest and the highest, as long as those are no more; ids of
chunks that were replaced are not given again."""


@dataclass(frozen=True, slots=True)
class Tally:
    """The chunks that hold a term of those read, by ascending id.

    ``scores`` are their BM25 scores as far as these terms go, ``covered`` the terms' weights.
    """

    ids: NDArray[np.int64]
    scores: NDArray[np.float64]
    covered: NDArray[np.float64]

    def best(self, count: int) -> NDArray[np.int64]:
        """The ids with the highest scores; of equal ones the oldest."""
        scores = self.scores
        places = np.arange(len(scores))
        if len(scores) > count:
            last = np.partition(scores, len(scores) - count)[len(scores) - count]
            places = np.flatnonzero(scores >= last)
        order = np.argsort(-scores[places], kind="stable")
        return self.ids[places[order[:count]]]

    def of(self, ids: Sequence[int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Score and covered weight of each chunk, 0 where it holds none of the terms."""
        if not len(self.ids):
            return np.zeros(len(ids)), np.zeros(len(ids))
        places = np.searchsorted(self.ids, ids).clip(max=len(self.ids) - 1)
        held = self.ids[places] == ids
        return self.scores[places] * held, self.covered[places] * held


def tallied(terms: Sequence[tuple[bytes, float]]) -> Tally:
    """Add up the entries of `posting_block`, given for each term that has any, with its weight."""
    if not terms:
        return Tally(np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
    entries = np.frombuffer(b"".join(one for one, _ in terms), ">i8").astype(np.int64)
    weights = np.repeat([weight for _, weight in terms], [len(one) // 8 for one, _ in terms])
    worth = (entries & ((1 << _IMPACT_BITS) - 1)) * (weights / SCALE)
    chunks = entries >> _IMPACT_BITS
    first = chunks.min()
    if chunks.max() - first > _DENSE_SPAN:
        ids, places = np.unique(chunks, return_inverse=True)
        return Tally(ids, _sums(places, worth), _sums(places, weights))
    scores = _sums(chunks - first, worth)
    held = np.flatnonzero(scores)
    return Tally(held + first, scores[held], _sums(chunks - first, weights)[held])


def _sums(places: NDArray[np.int64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.bincount(places, values).astype(np.float64, copy=False)
