"""The passages behind ranked chunks, as they stand in the database now."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from pgvector import HalfVector
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge.documents import Passage
from knowledge.retrieval import search_sql as sql
from knowledge.retrieval.scoring import Candidate


async def passages_of(
    connection: AsyncConnection,
    ranked: Sequence[tuple[Candidate, float]],
    given: Mapping[str, object],
) -> tuple[Passage, ...]:
    """Those that the reader (in ``given``, with the encoder) may still see, in their order."""
    if not ranked:
        return ()
    ids = [candidate.chunk_id for candidate, _ in ranked]
    rows = await connection.execute(sql.PASSAGES, {**given, "ids": ids})
    found = {row.id: row for row in rows}
    return tuple(
        Passage(
            chunk_id=row.id,
            document_id=row.document_id,
            version=row.version,
            position=row.position,
            uri=row.uri,
            title=row.title,
            heading=tuple(row.heading),
            text=row.text,
            score=score,
            lexical=candidate.lexical,
            dense=candidate.dense,
            anchor=row.anchor,
            collection=row.collection,
            restricted=row.restricted,
            vector=None if row.vector is None else _floats(row.vector),
        )
        for candidate, score in ranked
        if (row := found.get(candidate.chunk_id)) is not None
    )


def _floats(vector: HalfVector) -> NDArray[np.float32]:
    floats: NDArray[np.float32] = vector.to_numpy().astype(np.float32)
    return floats
