"""Examples for the router's calibration: held-out questions, each met by the live documents.

See `agent.routing.calibration` for the idea.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select

from agent.learned.domain import Estimate
from agent.learned.head import Floats, Head
from agent.learned.head_model import Part
from agent.learned.words import bag
from agent.routing.framing import framed
from agent.routing.outcomes import Outcome
from agent.routing.routing import Evidence, Scale, log_odds, match
from agent.routing.scales import DOMAIN, KNOWLEDGE, NEITHER, Samples, shared_out
from knowledge.database import Database
from knowledge.documents import Query, Reader
from knowledge.embedding import Encoder
from knowledge.retrieval.search import Search
from knowledge.tables import chunk, document, embedding
from knowledge.terms import index_terms, query_terms

_AT_ONCE = 4
_PASSAGES = 10
_CHUNKS = 300
_WRITTEN = 0.8
"""Cosine of an answer to a passage from which the documents are taken to hold the answer."""
_HEADINGS = 60
_BY_HEADING = 1.0
"""Of what far documents answer, the share that their own headings show, if they have any."""
_QUARTER = 0.25
_ANSWER_LENGTH = 1_500
"""Characters of an answer that are compared: about as many as a passage has."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class World:
    """What the examples are looked up in; ``step`` is called after each search."""

    database: Database
    encoder: Encoder
    search: Search
    step: Callable[[], None]


@dataclass(frozen=True, slots=True)
class _Answers:
    """Per answered example: how its own answer would match it, and whether documents hold it."""

    matches: Numbers
    written: NDArray[np.bool_]


async def encoded_samples(
    part: Part, examples: Mapping[str, Any], world: World
) -> tuple[Samples, float]:
    """Examples of questions that the encoder reads, and how near the documents are to the pairs."""
    known, unknown, other = examples["known"], examples["unknown"], examples["other"]
    headings = await _headings(part.head, world)
    asked = [*known, *unknown, *other, *headings]
    vectors = await world.encoder.encode([one["question"] for one in asked])
    labels = np.array([one["label"] for one in unknown])
    distinct, place = np.unique(labels, return_inverse=True)
    texts = [part.entries[label].answer[:_ANSWER_LENGTH] for label in distinct]
    answers = await world.encoder.encode(texts)
    near = await _nearness(part.head, distinct, answers, world)
    own = slice(len(known), len(known) + len(unknown))
    shared = part.head.shared(vectors)
    shared[own] = part.head.shared(vectors[own], labels)  # as if the topic had never been taught
    matches = await _matches(asked, vectors, world, near, shared)
    held = await _matches([{"question": text} for text in texts], answers, world)
    met = _Answers(
        np.array(
            [
                framed(question, answers[row][None], around, near)[0]
                for question, row, around in zip(vectors[own], place, shared[own], strict=True)
            ]
        ),
        held[place] >= _WRITTEN,
    )
    return _samples((known, unknown, other, headings), matches, met, near), near


async def spelled_samples(
    part: Part, examples: Mapping[str, Any], world: World, near: float
) -> Samples:
    """Examples of questions in other scripts, which match by their terms."""
    known, unknown, other = examples["known"], examples["unknown"], examples["other"]
    asked = [*known, *unknown, *other]
    matches = await _matches(asked, [None] * len(asked), world)
    covered = [_covered(one["question"], part.entries[one["label"]].answer) for one in unknown]
    met = _Answers(np.array(covered), np.zeros(len(unknown), np.bool_))
    return _samples((known, unknown, other, ()), matches, met, near)


async def measured_samples(
    part: Part, measured: Sequence[Outcome], world: World, near: float, prior: Scale
) -> Samples:
    """An evaluation's and the voters' questions, met by the documents as they are now.

    ``near`` is 0 for questions that come without a vector. By the ``prior`` it is shared out who
    would have been right where all that is known is who was wrong.
    """
    asked = [{"question": one.question} for one in measured]
    encoded = bool(measured) and measured[0].covered
    vectors = await world.encoder.encode([one.question for one in measured]) if encoded else None
    shared = None if vectors is None else part.head.shared(vectors)
    _, topic = np.unique([one.cluster for one in measured], return_inverse=True)
    named = np.array([bool(one.cluster) for one in measured])
    samples = Samples(
        odds=np.array([log_odds(one.confidence) for one in measured]),
        match=await _matches(
            asked, [None] * len(asked) if vectors is None else vectors, world, near, shared
        ),
        route=np.array([one.route for one in measured], np.intp),
        topic=np.where(named, -2 - topic.astype(np.intp), -1),  # apart from the answers' labels
        weight=np.array([one.weight for one in measured]),
    )
    against = np.array([one.against for one in measured], np.bool_)
    return shared_out(samples, against, prior) if against.any() else samples


async def _matches(
    asked: Sequence[Mapping[str, Any]],
    vectors: Sequence[Floats | None] | Floats,
    world: World,
    near: float = 0.0,
    shared: Floats | None = None,
) -> Numbers:
    """How well the live documents match each question, as everyone may see them.

    ``shared`` is what each question shares with the trained ones; None: plain cosines.
    """
    slots = asyncio.Semaphore(_AT_ONCE)

    async def one(question: str, vector: Floats | None, around: Floats | None) -> float:
        async with slots:
            found = await world.search.find(Query(question), Reader(), _PASSAGES, vector)
        world.step()
        estimate = Estimate(1.0, 0.0, "", None, shared=around)
        evidence = Evidence(question, found.signals, estimate, 0.0, found.passages, vector)
        return match(evidence, near)

    around = [None] * len(asked) if shared is None else shared
    rows = zip(asked, vectors, around, strict=True)
    return np.array(await asyncio.gather(*(one(a["question"], v, s) for a, v, s in rows)))


async def _headings(head: Head, world: World) -> list[dict[str, Any]]:
    """Titles and headings of the documents, as questions that the documents answer."""
    query = (
        select(document.c.title, chunk.c.heading)
        .join_from(chunk, document)
        .order_by(func.hashint8(chunk.c.id))
        .limit(_HEADINGS)
    )
    async with world.database.engine.connect() as connection:
        rows = await connection.execute(query)
    texts = dict.fromkeys(" ".join([title, *heading[-1:]]) for title, heading in rows)
    asked = [text for text in texts if len(query_terms(text)) > 1 and world.encoder.covers(text)]
    if not asked:
        return []
    judged = head.judge(await world.encoder.encode(asked), [bag(text) for text in asked])
    odds = judged.features() @ head.curve
    return [
        {"question": text, "label": -1, "odds": float(value)}
        for text, value in zip(asked, odds, strict=True)
    ]


def _covered(question: str, answer: str) -> float:
    """The share of the question's terms that its answer holds."""
    asked, held = set(query_terms(question)), set(index_terms(answer))
    return len(asked & held) / len(asked) if asked else 0.0


async def _nearness(head: Head, labels: NDArray[np.intp], answers: Floats, world: World) -> float:
    """The share of the documents that lie as near to the trained questions as these to each other.

    At 1 documents and pairs are about the same things, and a question that neither answers will
    be near both; at 0 they are worlds apart, and so is such a question.
    """
    query = (
        select(embedding.c.vector)
        .where(embedding.c.encoder == world.encoder.name, embedding.c.vector.is_not(None))
        .order_by(func.hashint8(embedding.c.chunk_id))
        .limit(_CHUNKS)
    )
    async with world.database.engine.connect() as connection:
        rows = [row[0] for row in await connection.execute(query)]
    if not rows:
        return 1.0
    background = len(head.bias) - 1
    own = head.labels < background
    to_pairs = np.array(rows, np.float32) @ head.vectors[own].T
    to_others = answers @ head.vectors[own].T
    to_others[labels[:, None] == head.labels[own]] = -1
    usual = np.quantile(to_others.max(axis=1), _QUARTER)
    share = float((to_pairs.max(axis=1) >= usual).mean()) / (1 - _QUARTER)
    return min(share, 1.0)


def _samples(
    kinds: tuple[Sequence[Mapping[str, Any]], ...], matches: Numbers, met: _Answers, near: float
) -> Samples:
    """The three ways to look at a question, near ones and far ones in their shares.

    What far documents answer is shown by their headings, and by the answers' match joined to a
    background question's odds.
    """
    at_known, at_unknown, at_other, at_headings = np.split(
        matches, np.cumsum([len(kind) for kind in kinds[:-1]])
    )
    odds = [np.array([one["odds"] for one in kind]) for kind in kinds]
    label = [np.array([one["label"] for one in kind], np.intp) for kind in kinds]
    answered = np.maximum(at_unknown, met.matches)
    far = np.resize(odds[2], len(at_unknown))
    by_heading = _BY_HEADING * (1 - near) * bool(len(at_headings))
    open_ = ~met.written  # what the documents answer is no example of what nobody answers
    blocks = [
        (odds[0], at_known, DOMAIN, label[0], 1.0),
        (odds[1], answered, KNOWLEDGE, label[1], near),
        (far, answered, KNOWLEDGE, label[1], 1 - near - by_heading),
        (odds[3], at_headings, KNOWLEDGE, label[3], by_heading),
        (odds[1][open_], at_unknown[open_], NEITHER, label[1][open_], near),
        (odds[2], at_other, NEITHER, label[2], (1 - near) / 2),
        (far[open_], at_unknown[open_], NEITHER, label[1][open_], (1 - near) / 2),
    ]
    sizes = [len(block[0]) for block in blocks]
    return Samples(
        odds=np.concatenate([block[0] for block in blocks]),
        match=np.concatenate([block[1] for block in blocks]),
        route=np.repeat([block[2] for block in blocks], sizes),
        topic=np.concatenate([block[3] for block in blocks]),
        weight=np.repeat([block[4] / max(1, len(block[0])) for block in blocks], sizes),
    )
