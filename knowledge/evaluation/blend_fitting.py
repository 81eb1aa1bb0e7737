"""Weights of search's legs fitted to questions that were searched once: pure."""

import itertools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.evaluation.metrics import ndcg_at
from knowledge.evaluation.own_questions import Own
from knowledge.retrieval.blending import Blend, Weights, blended, legs, script_and_kind
from knowledge.retrieval.scoring import Candidate

_STEPS = 10
"""Weights are tried in tenths."""

_ENOUGH = 30
"""Questions that a case needs on the fitting half to get weights of its own."""

_PULL = 30
"""How many questions' worth a case is drawn to the weights of the case above it."""

_FIRST = 10


@dataclass(frozen=True, slots=True)
class Searched:
    """A question with its candidates and the document of each."""

    own: Own
    candidates: tuple[Candidate, ...]
    documents: Mapping[int, int]

    def gain(self, blend: Blend) -> float:
        """nDCG@10 under these weights: one relevant document, ranked by its best chunk."""
        ranked = blended(self.candidates, self.own.judged.query, blend)
        places = list(dict.fromkeys(self.documents[one.chunk_id] for one, _ in ranked))
        return ndcg_at(list(map(str, places)), {str(self.own.document_id): 1}, _FIRST)

    def gains(self, grid: Sequence[Weights]) -> NDArray[np.float64]:
        """`gain` under each of the weights, all at once; a tie counts against the document."""
        ids = np.array([self.documents[one.chunk_id] for one in self.candidates], np.int64)
        mine = ids == self.own.document_id
        if not mine.any():
            return np.zeros(len(grid))
        known = [leg or [0.0] * len(ids) for leg in legs(self.candidates)]
        scores = np.array(known).T @ self._shares(grid).T
        others, place = np.unique(ids, return_inverse=True)
        best = np.full((len(others), len(grid)), -1.0)
        np.maximum.at(best, place, scores)
        own = scores[mine].max(axis=0)
        rank = (best >= own).sum(axis=0)
        return np.where(rank <= _FIRST, 1 / np.log2(rank + 1.0), 0.0)

    def _shares(self, grid: Sequence[Weights]) -> NDArray[np.float64]:
        """Of shape (weights, 3), as `blended` shares them among the legs that know anything."""
        knows = np.array([leg is not None for leg in legs(self.candidates)])
        shares = np.array([(one.lexical, one.dense, one.questions) for one in grid]) * knows
        shares[shares.sum(axis=1) == 0, 0] = 1.0
        made: NDArray[np.float64] = shares / shares.sum(axis=1, keepdims=True)
        return made


def fit(searched: Sequence[Searched]) -> Blend:
    """The best weights of each case with enough questions, drawn to those of the case above."""
    special: dict[str, Weights] = {}
    for depth in (1, 2, 3):
        above = dict(special)
        for case, those in sorted(by_case(searched, depth).items()):
            if len(those) >= _ENOUGH:
                parent = _above(case, above)
                best = _best(those, parent)
                if best != parent:
                    special[case] = best
    return Blend(special)


def _best(searched: Sequence[Searched], parent: Weights) -> Weights:
    """By total gain, less a pull that grows with the distance from the parent's weights."""
    grid = _grid(searched)
    gained = sum((one.gains(grid) for one in searched), np.zeros(len(grid)))
    pull = np.array([_PULL * _distance(weights, parent) ** 2 / _STEPS for weights in grid])
    return grid[int(np.argmax(gained - pull))]


def _grid(searched: Sequence[Searched]) -> list[Weights]:
    """All proportions in tenths of the legs that know anything of these questions."""
    dense = any(one.dense is not None for each in searched for one in each.candidates)
    questions = any(one.questions is not None for each in searched for one in each.candidates)
    shares = range(_STEPS + 1)
    return [
        Weights(
            (_STEPS - of_dense - of_questions) / _STEPS, of_dense / _STEPS, of_questions / _STEPS
        )
        for of_dense, of_questions in itertools.product(
            shares if dense else (0,), shares if questions else (0,)
        )
        if of_dense + of_questions <= _STEPS
    ]


def _distance(one: Weights, other: Weights) -> float:
    """Of the proportions, 0 to 2."""
    shares = [
        [part / (w.lexical + w.dense + w.questions) for part in (w.lexical, w.dense, w.questions)]
        for w in (one, other)
    ]
    return float(sum(abs(a - b) for a, b in zip(*shares, strict=True)))


def _above(case: str, special: Mapping[str, Weights]) -> Weights:
    while "/" in case:
        case = case.rpartition("/")[0]
        if case in special:
            return special[case]
    return Weights()


def by_case(searched: Sequence[Searched], depth: int) -> dict[str, list[Searched]]:
    """By ``script``, ``script/kind`` or ``script/kind/collection``."""
    cases: defaultdict[str, list[Searched]] = defaultdict(list)
    for one in searched:
        script, kind = script_and_kind(one.own.judged.query)
        path = (script, kind, one.own.judged.collection)
        cases["/".join(path[:depth])].append(one)
    return cases
