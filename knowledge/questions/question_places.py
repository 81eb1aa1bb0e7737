"""Chunks that questions are to be written for, and questions that are there already."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pgvector import HalfVector
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from knowledge.documents import ATTACHED, Reader
from knowledge.questions.question_set import Place
from knowledge.terms import index_terms

_WITHOUT = text(f"""
    SELECT chunk.id, document_id, chunk.text, title, heading, md5(chunk.text), audience
    FROM chunk JOIN document ON document.id = document_id
    WHERE (CAST(:collection AS text) IS NULL OR collection = :collection)
    AND collection <> '\\{ATTACHED}'
    AND (:again OR (NOT questioned
        AND NOT EXISTS (SELECT FROM question WHERE question.chunk_id = chunk.id)))
    ORDER BY chunk.id LIMIT :limit
""")  # noqa: S608 - a constant
_MARK = text("UPDATE chunk SET questioned = true WHERE id = ANY(:chunks)")
_SAME_TERMS = text("""
    SELECT EXISTS (
        SELECT FROM question
        WHERE terms @> CAST(:terms AS text[]) AND cardinality(terms) = :count
    )
""")
_NEAREST = text("""
    SELECT min(vector <=> CAST(:vector AS halfvec)) FROM question_embedding
    WHERE encoder = :encoder
""")
_ALIKE = 0.95
"""Cosine from which two questions are taken to ask the same."""


@dataclass(frozen=True, slots=True)
class Unasked:
    """A chunk to write questions for, and who may see it: they must be able to find it, too."""

    place: Place
    reader: Reader


async def unasked(
    engine: AsyncEngine, collection: str | None, limit: int | None, *, again: bool
) -> list[Unasked]:
    """Chunks that no question stands at and no model was asked about; with ``again``, all."""
    asked = {"collection": collection, "again": again, "limit": limit}
    async with engine.connect() as connection:
        rows = await connection.execute(_WITHOUT, asked)
        return [
            Unasked(
                Place(number, document, content, title, tuple(heading), digest),
                Reader(tuple(dict.fromkeys((*Reader().principals, *audience)))),
            )
            for number, document, content, title, heading, digest, audience in rows
        ]


async def mark_asked(engine: AsyncEngine, places: Sequence[Place]) -> None:
    """So that a chunk whose questions were all left out is not paid for again."""
    async with engine.begin() as connection:
        await connection.execute(_MARK, {"chunks": [place.chunk_id for place in places]})


async def is_known(
    engine: AsyncEngine, question: str, vector: NDArray[np.float32] | None, encoder: str
) -> bool:
    """Whether the question set has this question in these words, or in nearly the same."""
    terms = sorted(set(index_terms(question)))
    async with engine.connect() as connection:
        if await connection.scalar(_SAME_TERMS, {"terms": terms, "count": len(terms)}):
            return True
        if vector is None:
            return False
        nearest = await connection.scalar(
            _NEAREST, {"encoder": encoder, "vector": HalfVector(vector)}
        )
    return nearest is not None and 1 - float(nearest) >= _ALIKE
