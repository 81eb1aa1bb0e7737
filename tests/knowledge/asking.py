"""A question set put straight into its table: what `knowhow questions` makes of files."""

from collections.abc import Mapping

from pgvector import HalfVector
from sqlalchemy import insert, select

from knowledge import tables
from knowledge.database import Database
from knowledge.embedding import Encoder
from knowledge.terms import index_terms


async def add_questions(
    database: Database, encoder: Encoder, asked: Mapping[str, str]
) -> dict[str, int]:
    """Questions by text, with the title of the document whose first chunk answers; their ids."""
    ids = {}
    async with database.engine.begin() as connection:
        for question, title in asked.items():
            chunk = (
                await connection.execute(
                    select(tables.chunk.c.id, tables.chunk.c.document_id)
                    .join_from(tables.chunk, tables.document)
                    .where(tables.document.c.title == title, tables.chunk.c.position == 0)
                )
            ).one()
            made = insert(tables.question).values(
                document_id=chunk.document_id,
                chunk_id=chunk.id,
                passage_digest="",
                text=question,
                terms=sorted(set(index_terms(question))),
                origin="import",
            )
            ids[question] = await connection.scalar(made.returning(tables.question.c.id))
            if encoder.covers(question):
                vector = HalfVector((await encoder.encode([question]))[0])
                await connection.execute(
                    insert(tables.question_embedding).values(
                        encoder=encoder.name, question_id=ids[question], vector=vector
                    )
                )
    return ids
