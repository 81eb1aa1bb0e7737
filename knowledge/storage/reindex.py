"""Another encoder's vectors for every chunk, made beside the ones in use: no downtime.

Until the last chunk has its new vector, searches go on with the old encoder and uploads encode
with it. Then, in one transaction, the new encoder takes over. Processes still configured for the
old one keep searching with its vectors, which stay; they can no longer write. Running the command
again, once they have been restarted, removes the old vectors.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from pgvector import HalfVector
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert as upsert

from knowledge.chunking import searchable
from knowledge.database import Database, raw_connection
from knowledge.documents import Chunk
from knowledge.embedding import Encoder
from knowledge.storage import postings
from knowledge.storage.encoders import complete_encoders
from knowledge.storage.library import Library
from knowledge.storage.rows import copy_embeddings
from knowledge.storage.vector_index import drop_vector_index
from knowledge.tables import question_embedding

_BATCH = 512

_MISSING = text("""
    SELECT chunk.id, title, position, heading, chunk.text, context
    FROM chunk JOIN document ON document.id = document_id
    WHERE NOT EXISTS (
        SELECT FROM embedding WHERE chunk_id = chunk.id AND encoder = :encoder
    )
    ORDER BY chunk.id LIMIT :batch
""")
"""Chunks that the encoder has not seen: the old ones, and those uploaded meanwhile."""

_STILL_MISSING = text("""
    SELECT id, scope_id FROM chunk
    WHERE id = ANY(:ids) AND NOT EXISTS (
        SELECT FROM embedding WHERE chunk_id = chunk.id AND encoder = :encoder
    )
""")
"""A chunk may have been replaced while it was encoded, or another reindex may have been faster."""

_MISSING_QUESTIONS = text("""
    SELECT id, text FROM question
    WHERE id > :after AND NOT EXISTS (
        SELECT FROM question_embedding WHERE question_id = question.id AND encoder = :encoder
    )
    ORDER BY id LIMIT :batch
""")

_TAKE_OVER = text("UPDATE corpus SET encoders = CAST(:encoders AS text[])")

_REMOVE_OTHERS_OF_QUESTIONS = text("DELETE FROM question_embedding WHERE encoder <> :encoder")

_REMOVE_OTHERS = text("DELETE FROM embedding WHERE encoder <> :encoder")


@dataclass(frozen=True, slots=True)
class Reindexed:
    """What a run did; ``removed`` are the encoders whose vectors went."""

    chunks: int
    removed: tuple[str, ...]
    seconds: float


async def reindex(
    database: Database, encoder: Encoder, progress: Callable[[int], None] | None = None
) -> Reindexed:
    """Give every chunk a vector of ``encoder`` and let it take over; ``progress`` hears a count.

    It may be stopped at any time and run again: what is done stays done. When the encoder was in
    charge already, the vectors of all others are removed.
    """
    started = time.monotonic()
    async with database.engine.connect() as connection:
        in_charge = (await complete_encoders(connection))[-1:] == [encoder.name]
    if in_charge:
        removed = await _remove_others(database, encoder)
        return Reindexed(0, removed, round(time.monotonic() - started, 3))
    done = 0
    while batch := await _encode_batch(database, encoder):
        done += batch
        if progress is not None:
            progress(done)
    await _encode_questions(database, encoder)
    await Library(database, encoder).settle()
    while not await _taken_over(database, encoder):
        done += await _encode_batch(database, encoder)
    return Reindexed(done, (), round(time.monotonic() - started, 3))


async def _encode_batch(database: Database, encoder: Encoder) -> int:
    asked = {"encoder": encoder.name, "batch": _BATCH}
    async with database.engine.connect() as connection:
        rows = (await connection.execute(_MISSING, asked)).all()
    texts = {
        number: searchable(title, Chunk(position, tuple(heading), content, context))
        for number, title, position, heading, content, context in rows
    }
    covered = [number for number, content in texts.items() if encoder.covers(content)]
    encoded = await encoder.encode([texts[number] for number in covered]) if covered else ()
    vectors = dict(zip(covered, encoded, strict=True))
    async with database.engine.begin() as connection:
        await postings.lock_writers(connection)
        which = {"ids": list(texts), "encoder": encoder.name}
        missing = (await connection.execute(_STILL_MISSING, which)).all()
        async with (await raw_connection(connection)).cursor() as cursor:
            made = ((number, scope, vectors.get(number)) for number, scope in missing)
            await copy_embeddings(cursor, encoder.name, made)
    return len(missing)


async def _encode_questions(database: Database, encoder: Encoder) -> None:
    """The question set, too, is found by meaning."""
    after = 0
    while True:
        async with database.engine.connect() as connection:
            asked = {"encoder": encoder.name, "batch": _BATCH, "after": after}
            rows = (await connection.execute(_MISSING_QUESTIONS, asked)).all()
        if not rows:
            return
        after = rows[-1].id
        texts = {row.id: row.text for row in rows if encoder.covers(row.text)}
        if not texts:
            continue
        vectors = await encoder.encode(list(texts.values()))
        made = [
            {"encoder": encoder.name, "question_id": number, "vector": HalfVector(vector)}
            for number, vector in zip(texts, vectors, strict=True)
        ]
        async with database.engine.begin() as connection:
            await connection.execute(upsert(question_embedding).on_conflict_do_nothing(), made)


async def _taken_over(database: Database, encoder: Encoder) -> bool:
    """Let the encoder take over, unless a chunk has come that it has not seen."""
    async with database.engine.begin() as connection:
        await postings.lock_writers(connection)
        asked = {"encoder": encoder.name, "batch": 1}
        if (await connection.execute(_MISSING, asked)).first() is not None:
            return False
        others = [name for name in await complete_encoders(connection) if name != encoder.name]
        await connection.execute(_TAKE_OVER, {"encoders": [*others, encoder.name]})
        return True


async def _remove_others(database: Database, encoder: Encoder) -> tuple[str, ...]:
    async with database.engine.begin() as connection:
        await postings.lock_writers(connection)
        others = [name for name in await complete_encoders(connection) if name != encoder.name]
        await connection.execute(_REMOVE_OTHERS, {"encoder": encoder.name})
        await connection.execute(_REMOVE_OTHERS_OF_QUESTIONS, {"encoder": encoder.name})
        await connection.execute(_TAKE_OVER, {"encoders": [encoder.name]})
        for other in others:
            await drop_vector_index(connection, other)
    return tuple(others)
