"""How the legs of a search become one order: weights that a team may tune, and the sum. Pure.

The weights are chosen by what is asked (its script and kind) and where a chunk stands (its
collection), the most particular that there are.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from knowledge.documents import Query
from knowledge.embedding.scripts import dominant_script
from knowledge.errors import InvalidInput
from knowledge.retrieval.scoring import Candidate

Kind = Literal["question", "keywords", "conversation"]

_ASKS = re.compile(
    r"[?？]|^(?:who|whom|whose|what|when|where|which|why|how|is|are|was|were|do|does|did|can|could|"
    r"should|may|will|would|has|have)\b|什么|怎么|如何|为什么|谁|哪|多少|几|吗|呢|是否",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each leg counts: 0 or more, not all 0; only their proportions matter."""

    lexical: float = 0.5
    dense: float = 0.5
    questions: float = 0.0

    def __post_init__(self) -> None:
        """Raise InvalidInput for weights that no score can be made with."""
        given = (self.lexical, self.dense, self.questions)
        if not all(math.isfinite(one) and one >= 0 for one in given) or not any(given):
            raise InvalidInput(f"weights must be numbers of 0 or more and not all 0: {self}")


@dataclass(frozen=True, slots=True)
class Blend:
    """The weights of every case.

    ``special`` is by ``script``, ``script/kind`` or ``script/kind/collection``; a case in none of
    them gets the built-in weights.
    """

    special: Mapping[str, Weights] = field(default_factory=dict)

    def weights(self, script: str, kind: Kind, collection: str) -> Weights:
        """Of the most particular case that has weights of its own."""
        for case in (f"{script}/{kind}/{collection}", f"{script}/{kind}", script):
            if case in self.special:
                return self.special[case]
        return Weights()

    @property
    def asks_questions(self) -> bool:
        """Whether the question set counts anywhere."""
        return any(weights.questions for weights in self.special.values())

    def as_json(self) -> dict[str, dict[str, float]]:
        """As kept in the database."""
        return {case: asdict(weights) for case, weights in self.special.items()}

    @classmethod
    def from_json(cls, stored: Mapping[str, Mapping[str, Any]] | None) -> "Blend":
        """What `as_json` gave; nothing stored are the built-in weights."""
        return cls({case: Weights(**weights) for case, weights in (stored or {}).items()})


def script_and_kind(query: Query) -> tuple[str, Kind]:
    """What the weights of a query depend on; the script is ``cjk``, ``latin``, ….

    A question has a question mark or a question word; what ends a conversation is of its own kind.
    """
    script = dominant_script(query.text) or "latin"
    if query.turns:
        return script, "conversation"
    return script, "question" if _ASKS.search(query.text.strip()) else "keywords"


def blended(
    candidates: Sequence[Candidate], query: Query, blend: Blend
) -> list[tuple[Candidate, float]]:
    """Candidates with their scores in 0..1, best first; the older chunk wins a tie.

    Scores, not ranks (Bruch et al. 2023): each leg is stretched to 0..1 over the candidates. A
    chunk that a leg knows nothing of gets the leg's minimum; a leg that knows none of them does
    not count.
    """
    lexical, dense, questions = legs(candidates)
    case = script_and_kind(query)
    scored = []
    shares: dict[str, tuple[float, float, float]] = {}
    for index, one in enumerate(candidates):
        if one.collection not in shares:
            weights = blend.weights(*case, one.collection)
            shares[one.collection] = _shares(weights, dense is not None, questions is not None)
        of_lexical, of_dense, of_questions = shares[one.collection]
        score = of_lexical * lexical[index]
        if dense is not None:
            score += of_dense * dense[index]
        if questions is not None:
            score += of_questions * questions[index]
        scored.append((one, score))
    return sorted(scored, key=lambda pair: (-pair[1], pair[0].chunk_id))


def legs(
    candidates: Sequence[Candidate],
) -> tuple[list[float], list[float] | None, list[float] | None]:
    """What each leg says of the candidates, stretched to 0..1; None of a leg that knows none."""
    return (
        stretched([one.lexical for one in candidates]),
        _leg([one.dense for one in candidates]),
        _leg([one.questions for one in candidates]),
    )


def stretched(scores: Sequence[float]) -> list[float]:
    """Min-max: the lowest becomes 0, the highest 1; all 0 when they do not differ."""
    low, high = min(scores, default=0.0), max(scores, default=0.0)
    return [(score - low) / (high - low) if high > low else 0.0 for score in scores]


def _leg(scores: Sequence[float | None]) -> list[float] | None:
    known = [score for score in scores if score is not None]
    if not known:
        return None
    floor = min(known)
    return stretched([floor if score is None else score for score in scores])


def _shares(weights: Weights, dense: bool, questions: bool) -> tuple[float, float, float]:  # noqa: FBT001 - two facts, one caller
    of_dense = weights.dense if dense else 0.0
    of_questions = weights.questions if questions else 0.0
    total = weights.lexical + of_dense + of_questions
    if not total:  # only legs that know nothing were to count
        return 1.0, 0.0, 0.0
    return weights.lexical / total, of_dense / total, of_questions / total
