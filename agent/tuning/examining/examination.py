"""Everything that can be said of pairs by looking: the detectors, in a fixed order."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import and_, select

from agent.tables import pair
from agent.tuning.examining import (
    contradictions,
    duplicates,
    grounding,
    label_errors,
    languages,
    leaks,
    lengths,
    personal_data,
    quality,
    refusals,
    secrets,
)
from agent.tuning.examining.compared import compare
from agent.tuning.examining.findings import Examined, Finding, World
from knowledge.database import Database
from knowledge.embedding import Encoder
from knowledge.tables import document, document_version

Step = Callable[[str, int, int], None]
"""Takes what is being done, how many steps of it are done, and how many there are."""

_BATCH = 128


def _silent(_: str, __: int, ___: int) -> None: ...


_EACH: tuple[tuple[str, Callable[[Sequence[Examined], World], list[Finding]]], ...] = (
    ("secrets", secrets.find),
    ("personal data", personal_data.find),
    ("leaks", leaks.find),
    ("refusals", refusals.find),
    ("quality", quality.find),
    ("lengths", lengths.find),
    ("languages", languages.find),
    ("grounding", grounding.find),
)


def examine(pairs: Sequence[Examined], world: World, step: Step = _silent) -> list[Finding]:
    """All findings, kind by kind; CPU-bound, seconds for thousands of pairs.

    The same pairs and world give the same findings in the same order.
    """
    found: list[Finding] = []
    total = len(_EACH) + 4
    for done, (name, find) in enumerate(_EACH):
        step(name, done, total)
        found += find(pairs, world)
    step("comparing", len(_EACH), total)
    compared = compare(pairs, world)
    step("duplicates", len(_EACH) + 1, total)
    found += duplicates.find(compared)
    step("contradictions", len(_EACH) + 2, total)
    found += contradictions.find(compared)
    step("label errors", len(_EACH) + 3, total)
    found += label_errors.find(compared, world)
    step("examined", total, total)
    return found


async def world_of(
    encoder: Encoder,
    pairs: Sequence[Examined],
    held_out: Sequence[str],
    step: Step = _silent,
) -> World:
    """Encode the questions that the encoder reads, in batches; EncoderError if it cannot."""
    asked = {one.id: one.question for one in pairs if encoder.covers(one.question)}
    held = {place: one for place, one in enumerate(held_out) if encoder.covers(one)}
    texts = list(dict.fromkeys([*asked.values(), *held.values()]))
    vectors: dict[str, NDArray[np.float32]] = {}
    for start in range(0, len(texts), _BATCH):
        step("encoding", start, len(texts))
        batch = texts[start : start + _BATCH]
        vectors.update(zip(batch, await encoder.encode(batch), strict=True))
    step("encoding", len(texts), len(texts))
    return World(
        {own: vectors[text] for own, text in asked.items()},
        tuple(held_out),
        {place: vectors[text] for place, text in held.items()},
    )


async def examined(database: Database, ids: Sequence[int] | None = None) -> list[Examined]:
    """The stored candidates and approved pairs by id; None: all of them."""
    newest = and_(
        document_version.c.document_id == document.c.id,
        document_version.c.version == document.c.version,
    )
    query = (
        select(pair, document_version.c.text.label("passage"))
        .select_from(
            pair.outerjoin(document, document.c.id == pair.c.document_id).outerjoin(
                document_version, newest
            )
        )
        .where(pair.c.state.in_(("candidate", "approved")))
        .order_by(pair.c.id)
    )
    if ids is not None:
        query = query.where(pair.c.id.in_(ids))
    async with database.engine.connect() as connection:
        rows = (await connection.execute(query)).all()
    return [_examined(row) for row in rows]


def _examined(row: Any) -> Examined:
    return Examined(
        id=row.id,
        question=row.question,
        answer=row.answer,
        topic=row.topic,
        source=row.source,
        language=row.language,
        audience=tuple(row.audience),
        passage=row.passage,
        state=row.state,
    )
