"""The blend fitted to the team: weights of search's legs, tried on one half, judged on the other.

Each question of the question set is searched once; all weights are then tried on what the legs
said. New weights are kept only when the half they were not fitted on improves beyond doubt.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import insert, text, update

from knowledge import tables
from knowledge.database import Database
from knowledge.embedding import Encoder
from knowledge.errors import InvalidInput
from knowledge.evaluation.blend_fitting import Searched, by_case, fit
from knowledge.evaluation.intervals import interval
from knowledge.evaluation.outcomes import Advance, unheard
from knowledge.evaluation.own_questions import Own, all_seeing, own_questions
from knowledge.retrieval.blending import Blend
from knowledge.retrieval.search import Search

_FEWEST = 20

_DOCUMENTS_OF = text("SELECT id, document_id FROM chunk WHERE id = ANY(:chunks)")
_IN_USE = text("SELECT blend FROM corpus")


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
        for case, those in sorted(by_case(held, depth=2).items())
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
