"""The question set: which questions each chunk answers; kept beside the chunks, exported as BEIR.

A question belongs to a document and stands at one of its chunks. When the document is replaced its
questions follow the unchanged chunks; those of chunks that are gone go with them.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pgvector import HalfVector
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge import tables
from knowledge.database import Database
from knowledge.embedding import Encoder
from knowledge.errors import InvalidInput
from knowledge.terms import index_terms

_BATCH = 500

_REATTACH = text("""
    UPDATE question SET chunk_id = chunk.id FROM chunk
    WHERE question.document_id = ANY(:documents) AND chunk.document_id = question.document_id
    AND passage_digest = md5(chunk.text)
""")

_DELETE_LOST = text("DELETE FROM question WHERE document_id = ANY(:documents) AND chunk_id IS NULL")

_KNOWN = text("SELECT chunk_id, text FROM question WHERE chunk_id = ANY(:chunks)")

_LIST = text("""
    SELECT question.id, question.text, question.answer, origin, document.id, title, uri
    FROM question JOIN document ON document.id = question.document_id
    WHERE CAST(:document AS bigint) IS NULL OR document.id = :document
    ORDER BY question.id
""")

_DOCUMENTS = text("""
    SELECT document.uri, document.title, version.text
    FROM document JOIN document_version AS version
        ON version.document_id = document.id AND version.version = document.version
    WHERE EXISTS (SELECT FROM question WHERE question.document_id = document.id)
    ORDER BY document.id
""")


@dataclass(frozen=True, slots=True)
class Place:
    """A chunk that questions are asked of; ``digest`` is that of its text."""

    chunk_id: int
    document_id: int
    text: str
    title: str
    heading: tuple[str, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class Answered:
    """A question with the chunk that answers it; ``answer`` stands there, or is empty."""

    question: str
    answer: str
    place: Place


@dataclass(frozen=True, slots=True)
class Listed:
    """A question as a list shows it."""

    id: int
    question: str
    answer: str
    origin: str
    document_id: int
    title: str
    uri: str


async def add_questions(
    answered: Sequence[Answered], database: Database, encoder: Encoder, origin: str
) -> int:
    """Store those that are new at their chunk, each batch whole; returns how many were."""
    added = 0
    for start in range(0, len(answered), _BATCH):
        batch = answered[start : start + _BATCH]
        async with database.engine.connect() as connection:
            rows = await connection.execute(_KNOWN, {"chunks": [a.place.chunk_id for a in batch]})
            known = {(chunk, asked) for chunk, asked in rows}
        new = list({(a.place.chunk_id, a.question): a for a in batch}.values())
        new = [a for a in new if (a.place.chunk_id, a.question) not in known]
        covered = [a.question for a in new if encoder.covers(a.question)]
        encoded = await encoder.encode(covered) if covered else ()
        vectors = dict(zip(covered, encoded, strict=True))
        if new:
            async with database.engine.begin() as connection:
                await write_questions(connection, new, encoder.name, vectors, origin)
        added += len(new)
    return added


async def write_questions(
    connection: AsyncConnection,
    new: Sequence[Answered],
    encoder: str,
    vectors: Mapping[str, NDArray[np.float32]],
    origin: str,
) -> None:
    """Store them in the caller's transaction; ``vectors``, by question, where it is covered."""
    made = await connection.scalars(
        insert(tables.question).returning(tables.question.c.id, sort_by_parameter_order=True),
        [
            {
                "document_id": one.place.document_id,
                "chunk_id": one.place.chunk_id,
                "passage_digest": one.place.digest,
                "text": one.question,
                "terms": sorted(set(index_terms(one.question))),
                "answer": one.answer,
                "origin": origin,
            }
            for one in new
        ],
    )
    rows = [
        {"encoder": encoder, "question_id": number, "vector": HalfVector(vectors[one.question])}
        for number, one in zip(made, new, strict=True)
        if one.question in vectors
    ]
    if rows:
        await connection.execute(insert(tables.question_embedding), rows)


async def follow_chunks(connection: AsyncConnection, documents: Sequence[int]) -> None:
    """After the documents' chunks were replaced, in the same transaction."""
    await connection.execute(_REATTACH, {"documents": list(documents)})
    await connection.execute(_DELETE_LOST, {"documents": list(documents)})


async def listed(database: Database, document_id: int | None = None) -> list[Listed]:
    """Every question, or a document's, oldest first."""
    async with database.engine.connect() as connection:
        return [Listed(*row) for row in await connection.execute(_LIST, {"document": document_id})]


async def export(directory: Path, database: Database) -> int:
    """Write a BEIR folder of the questions and their documents; returns the questions' number.

    Raises InvalidInput when the folder cannot be written, or there is nothing to write.
    """
    questions = await listed(database)
    if not questions:
        raise InvalidInput(
            "there is no question set yet: `knowhow questions generate`, or `questions import FILE`"
        )
    async with database.engine.connect() as connection:
        documents = (await connection.execute(_DOCUMENTS)).all()
    corpus = [{"_id": uri, "title": title, "text": content} for uri, title, content in documents]
    asked = [
        {"_id": str(one.id), "text": one.question, "answers": [one.answer] if one.answer else []}
        for one in questions
    ]
    judged = [f"{one.id}\t{one.uri}\t1" for one in questions]
    try:
        (directory / "qrels").mkdir(parents=True, exist_ok=True)
        _write_lines(directory / "corpus.jsonl", map(json.dumps, corpus))
        _write_lines(directory / "queries.jsonl", map(json.dumps, asked))
        _write_lines(directory / "qrels" / "test.tsv", ["query-id\tcorpus-id\tscore", *judged])
    except OSError as error:
        raise InvalidInput(f"{directory} cannot be written: {error.strerror}") from error
    return len(questions)


def _write_lines(path: Path, lines: Iterable[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
