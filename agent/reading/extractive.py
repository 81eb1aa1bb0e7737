"""Reading without a model: which sentences of the passages answer the question, and quoting them.

A sentence's score is its closeness to the question (half cosine, half BM25 among the sentences at
hand, each stretched to 0..1), plus its passage's score, plus a little when it names the kind of
thing that is asked for.
"""

import asyncio
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from agent.answer_types import holds_answer_type
from agent.reading.sentences import sentences
from knowledge.documents import Passage, Query
from knowledge.embedding import Encoder
from knowledge.embedding.scripts import is_cjk
from knowledge.retrieval.blending import stretched
from knowledge.terms import index_terms, query_terms

LIMIT = 400
LIMIT_CJK = 200
"""Characters of an answer, citations included."""

_PASSAGES = 5
_ENCODED = 12
"""Sentences worth an embedding: more cost time and did not find more."""

_LEXICAL = 0.5
_PASSAGE = 0.75
_EARLIER = 0.25
"""What all the words of earlier turns weigh together, against all the question's own."""

_ANSWER_TYPE = 0.2
_WORTH_QUOTING = 0.55
"""Share of the best sentence's score below which a sentence only fills space."""

_K1, _B = 1.2, 0.3
_ASKS = ("?", "？")
_REFERENCE = re.compile(r"\s?\[(?:\d+|citation needed|note \d+)\]", re.IGNORECASE)
_SHORTEST_WINDOW = 40


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the ``passage``-th passage found.

    ``coverage`` is the idf-weighted share of the question's own terms that it holds.
    """

    passage: int
    place: int
    text: str
    lexical: float
    coverage: float
    score: float = 0.0
    dense: float | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """The sentences most likely to answer, best first, and what they say of their own worth."""

    sentences: tuple[Sentence, ...]
    dense: float | None
    coverage: float


async def read(
    query: Query, vector: NDArray[np.float32] | None, passages: Sequence[Passage], encoder: Encoder
) -> Reading:
    """Weigh the sentences of the best passages; ``vector`` is the query's embedding, if any."""
    promising = await asyncio.to_thread(_promising, query, passages[:_PASSAGES])
    if vector is not None and promising:
        promising = await _encoded(promising, vector, encoder)
    ranked = sorted(_scored(query, promising, passages), key=lambda one: -one.score)
    return Reading(
        sentences=tuple(ranked),
        dense=max((one.dense for one in ranked if one.dense is not None), default=None),
        coverage=max((one.coverage for one in ranked), default=0.0),
    )


async def _encoded(
    found: Sequence[Sentence], vector: NDArray[np.float32], encoder: Encoder
) -> list[Sentence]:
    readable = [one for one in found if encoder.covers(one.text)]
    vectors = await encoder.encode([one.text for one in readable])
    close = dict(zip(readable, (vectors @ vector).tolist(), strict=True))
    return [replace(one, dense=close.get(one)) for one in found]


def quote(reading: Reading, limit: int) -> str:
    """The best sentences that fit into ``limit`` characters, in reading order, with ``[n]``.

    ``n`` counts the passages found from 1. Empty when there is no sentence at all.
    """
    if not reading.sentences:
        return ""
    best = reading.sentences[0]
    room = limit - len(f" [{best.passage + 1}]")
    chosen = [replace(best, text=_window(best.text, room))]
    for one in reading.sentences[1:]:
        if one.score < _WORTH_QUOTING * best.score:
            break
        if len(_laid_out([*chosen, one])) <= limit:
            chosen.append(one)
    return _laid_out(chosen)


def _promising(query: Query, passages: Sequence[Passage]) -> list[Sentence]:
    """The sentences worth an embedding, by their words."""
    cut = [
        (number, place, text)
        for number, passage in enumerate(passages)
        for place, sentence in enumerate(sentences(passage.text))
        if (text := _REFERENCE.sub("", sentence).strip()) and not text.endswith(_ASKS)
    ]
    counts = [Counter(index_terms(text)) for _, _, text in cut]
    own = _local_weights(query_terms(query.text), counts)
    earlier = _local_weights(query_terms(" ".join(query.turns)), counts)
    weights = {
        term: own.get(term, 0.0) + _EARLIER * earlier.get(term, 0.0) for term in own | earlier
    }
    average = sum(c.total() for c in counts) / max(1, len(counts))
    found = [
        Sentence(
            passage=number,
            place=place,
            text=text,
            lexical=_bm25(weights, count, average),
            coverage=sum(own[term] for term in count if term in own),
        )
        for (number, place, text), count in zip(cut, counts, strict=True)
    ]
    return sorted(_scored(query, found, passages), key=lambda one: -one.score)[:_ENCODED]


def _local_weights(terms: Sequence[str], counts: Sequence[Counter[str]]) -> dict[str, float]:
    """Each term with its idf among these sentences, as shares that sum to 1.

    All of them are about the topic, so a term that sets one apart here matters more than one that
    is rare in the whole library.
    """
    number = len(counts)
    having = {term: sum(term in count for count in counts) for term in terms}
    weights = {
        term: times * math.log(1 + (number - having[term] + 0.5) / (having[term] + 0.5))
        for term, times in Counter(terms).items()
    }
    total = sum(weights.values())
    return {term: weight / total for term, weight in weights.items()} if total else {}


def _bm25(weights: Mapping[str, float], count: Counter[str], average: float) -> float:
    length = 1 - _B + _B * count.total() / average if average else 1.0
    return sum(
        weight * count[term] * (_K1 + 1) / (count[term] + _K1 * length)
        for term, weight in weights.items()
        if term in count
    )


def _scored(query: Query, found: Sequence[Sentence], passages: Sequence[Passage]) -> list[Sentence]:
    close = stretched([one.lexical for one in found])
    if any(one.dense is not None for one in found):
        floor = min(one.dense for one in found if one.dense is not None)
        dense = stretched([floor if one.dense is None else one.dense for one in found])
        close = [
            _LEXICAL * lexical + (1 - _LEXICAL) * cosine
            for lexical, cosine in zip(close, dense, strict=True)
        ]
    return [
        replace(
            one,
            score=closeness
            + _PASSAGE * passages[one.passage].score
            + _ANSWER_TYPE * holds_answer_type(query.text, one.text),
        )
        for one, closeness in zip(found, close, strict=True)
    ]


def _laid_out(chosen: Sequence[Sentence]) -> str:
    """A paragraph a passage, the passage of the best sentence first."""
    lines = []
    for number in dict.fromkeys(one.passage for one in chosen):
        of_passage = sorted((s for s in chosen if s.passage == number), key=lambda s: s.place)
        text = of_passage[0].text
        for one in of_passage[1:]:
            text += one.text if is_cjk(one.text[0]) else f" {one.text}"
        lines.append(f"{text} [{number + 1}]")
    return "\n\n".join(lines)


def _window(text: str, room: int) -> str:
    """At most ``room`` characters from the start, cut where a word ends."""
    if len(text) <= room:
        return text
    cut = text[: room - 1]
    space = cut.rfind(" ")
    return (cut[:space] if space > _SHORTEST_WINDOW else cut).rstrip() + "…"
