"""Chunks as the database keeps them, written by binary COPY."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pgvector import HalfVector
from psycopg import AsyncCursor

from knowledge.bm25 import MAX_FREQUENCY, impacts

_CHUNK_TYPES = {
    "id": "int8",
    "document_id": "int8",
    "position": "int4",
    "scope_id": "int4",
    "heading": "text[]",
    "text": "text",
    "context": "text",
    "anchor": "text",
    "terms": "int4[]",
    "frequencies": "int2[]",
    "impacts": "int2[]",
    "length": "int4",
}


@dataclass(frozen=True, slots=True)
class HeldTerms:
    """The terms of a chunk by id, each with how often it stands there and what that is worth."""

    terms: Sequence[int]
    frequencies: Sequence[int]
    impacts: Sequence[int]
    length: int

    @classmethod
    def of(cls, counts: Counter[str], ids: Mapping[str, int], average: float) -> "HeldTerms":
        """Of counted terms; ``average`` is the chunk length that impacts are made with."""
        held = sorted((ids[term], min(count, MAX_FREQUENCY)) for term, count in counts.items())
        terms = [term for term, _ in held]
        frequencies = [frequency for _, frequency in held]
        worth = impacts(frequencies, counts.total(), average).tolist()
        return cls(terms, frequencies, worth, counts.total())


@dataclass(frozen=True, slots=True)
class ChunkRow:
    """One row of ``chunk``."""

    id: int
    document_id: int
    position: int
    scope_id: int
    heading: Sequence[str]
    text: str
    context: str
    anchor: str | None
    held: HeldTerms


async def copy_chunks(cursor: AsyncCursor[Any], rows: Iterable[ChunkRow]) -> None:
    """Write chunks without their vectors."""
    columns = ", ".join(_CHUNK_TYPES)
    async with cursor.copy(f"COPY chunk ({columns}) FROM STDIN (FORMAT BINARY)".encode()) as copy:
        copy.set_types(list(_CHUNK_TYPES.values()))
        for row in rows:
            await copy.write_row(
                (
                    row.id,
                    row.document_id,
                    row.position,
                    row.scope_id,
                    list(row.heading),
                    row.text,
                    row.context,
                    row.anchor,
                    row.held.terms,
                    row.held.frequencies,
                    row.held.impacts,
                    row.held.length,
                )
            )


async def copy_embeddings(
    cursor: AsyncCursor[Any],
    encoder: str,
    vectors: Iterable[tuple[int, int, NDArray[np.float32] | None]],
) -> None:
    """Write vectors of ``(chunk id, scope id, unit vector or None)`` in half precision."""
    async with cursor.copy(
        b"COPY embedding (encoder, chunk_id, scope_id, vector) FROM STDIN (FORMAT BINARY)"
    ) as copy:
        copy.set_types(["text", "int8", "int4", "halfvec"])
        for chunk_id, scope_id, vector in vectors:
            half = None if vector is None else HalfVector(vector)
            await copy.write_row((encoder, chunk_id, scope_id, half))
