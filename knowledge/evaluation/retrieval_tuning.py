"""The blend fitted to the team: weights of search's legs, tried on one half, judged on the other.

Each question of the question set is searched once; all weights are then tried on what the legs
said. New weights are kept only when the half they were not fitted on improves beyond doubt.
"""

import hashlib
import itertools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import insert, text, update

from knowledge import tables
from knowledge.database import Database
from knowledge.embedding import Encoder
from knowledge.errors import InvalidInput
from knowledge.evaluation.intervals import interval
from knowledge.evaluation.metrics import ndcg_at
from knowledge.evaluation.outcomes import Advance, unheard
from knowledge.evaluation.own_questions import Own, all_seeing, own_questions
from knowledge.retrieval.blending import Blend, Weights, blended, legs, script_and_kind
from knowledge.retrieval.scoring import Candidate
from knowledge.retrieval.search import Search

_STEPS = 10
"""Weights are tried in tenths."""

_ENOUGH = 30
"""Questions that a case needs on the fitting half to get weights of its own."""

_PULL = 30
"""How many questions' worth a case is drawn to the weights of the case above it."""

_FIRST = 10
_FEWEST = 20

_DOCUMENTS_OF = text("SELECT id, document_id FROM chunk WHERE id = ANY(:chunks)")
_IN_USE = text("SELECT blend FROM corpus")


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


@dataclass(frozen=True, slots=True)
class CaseReport:
    """One case on the half that was not fitted on; ``difference`` is the mean's 95 % interval."""

    case: str
    questions: int
    before: float
    after: float
    difference: tuple[float, float]


@dataclass(frozen=True, slots=True)
class TuningReport:
    """What was tried; ``overall`` decided it. ``kept``: the new weights are in use."""

    blend: Blend
    overall: CaseReport
    cases: tuple[CaseReport, ...]
    fitted_on: int
    kept: bool

    def as_json(self) -> dict[str, object]:
        """For ``knowhow tune retrieval --json`` and as the evidence in the database."""
        rows = [
            {
                "case": one.case,
                "questions": one.questions,
                "ndcg@10_before": one.before,
                "ndcg@10_after": one.after,
                "difference": list(one.difference),
            }
            for one in (self.overall, *self.cases)
        ]
        return {
            "kept": self.kept,
            "fitted_on": self.fitted_on,
            "weights": self.blend.as_json(),
            "held_out": rows,
        }


async def tune_retrieval(
    database: Database, encoder: Encoder, advance: Advance = unheard
) -> TuningReport:
    """Fit on half of the team's question set; keep what the other half proves better.

    Halves are of documents, so that no document is on both sides; a question never finds itself
    in the question set. Raises InvalidInput with fewer than 20 questions on either side.
    """
    own = await own_questions(database)
    fitting = [one for one in own if _half(one.document_id)]
    if min(len(fitting), len(own) - len(fitting)) < _FEWEST:
        raise InvalidInput(
            f"{len(own)} questions are too few to tune on: each half needs {_FEWEST}; "
            "`knowhow questions import FILE` adds some"
        )
    searched = await _search_all(own, database, encoder, advance)
    async with database.engine.connect() as connection:
        in_use = Blend.from_json(await connection.scalar(_IN_USE))
    blend = fit([one for one in searched if _half(one.own.document_id)])
    held = [one for one in searched if not _half(one.own.document_id)]
    overall = _compare("all", held, in_use, blend)
    cases = tuple(
        _compare(case, those, in_use, blend)
        for case, those in sorted(_cases(held, depth=2).items())
    )
    report = TuningReport(blend, overall, cases, len(fitting), overall.difference[0] > 0)
    if report.kept:
        await use(database, blend, report.as_json())
    return report


async def use(database: Database, blend: Blend, evidence: Mapping[str, object]) -> None:
    """Search with these weights from now on; `Blend()` are the built-in ones."""
    async with database.engine.begin() as connection:
        await connection.execute(
            insert(tables.blend).values(parameters=blend.as_json(), evidence=dict(evidence))
        )
        await connection.execute(
            update(tables.corpus).values(
                blend=blend.as_json() or None, questions_used=blend.asks_questions
            )
        )


def fit(searched: Sequence[Searched]) -> Blend:
    """The best weights of each case with enough questions, drawn to those of the case above."""
    special: dict[str, Weights] = {}
    for depth in (1, 2, 3):
        above = dict(special)
        for case, those in sorted(_cases(searched, depth).items()):
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


def _cases(searched: Sequence[Searched], depth: int) -> dict[str, list[Searched]]:
    """By ``script``, ``script/kind`` or ``script/kind/collection``."""
    cases: defaultdict[str, list[Searched]] = defaultdict(list)
    for one in searched:
        script, kind = script_and_kind(one.own.judged.query)
        path = (script, kind, one.own.judged.collection)
        cases["/".join(path[:depth])].append(one)
    return cases


def _compare(case: str, held: Sequence[Searched], before: Blend, after: Blend) -> CaseReport:
    then, now = [one.gain(before) for one in held], [one.gain(after) for one in held]
    gained = [new - old for new, old in zip(now, then, strict=True)]
    low, high = interval(gained, [one.own.document_id for one in held])
    count = max(len(held), 1)
    return CaseReport(case, len(held), sum(then) / count, sum(now) / count, (low, high))


def _half(document_id: int) -> bool:
    return bool(hashlib.sha256(str(document_id).encode()).digest()[0] & 1)


async def _search_all(
    own: Sequence[Own], database: Database, encoder: Encoder, advance: Advance
) -> list[Searched]:
    search, reader = Search(database, encoder), await all_seeing(database)
    found = []
    for done, one in enumerate(own, start=1):
        judged = one.judged
        found.append(await search.candidates(judged.query, reader, judged.excluding))
        advance(done, len(own))
    chunks = {candidate.chunk_id for candidates in found for candidate in candidates}
    async with database.engine.connect() as connection:
        rows = await connection.execute(_DOCUMENTS_OF, {"chunks": sorted(chunks)})
        documents = {row.id: row.document_id for row in rows}
    return [
        Searched(one, tuple(c for c in candidates if c.chunk_id in documents), documents)
        for one, candidates in zip(own, found, strict=True)
    ]
