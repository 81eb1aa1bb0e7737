"""Verified answers under another encoder: their questions' vectors are made again."""

from pgvector import HalfVector
from sqlalchemy import bindparam, select, update

from agent.feedback_tables import verified_answer as table
from knowledge.database import Database
from knowledge.embedding import Encoder

_BATCH = 512


async def encode_again(database: Database, encoder: Encoder) -> int:
    """Give every verified answer this encoder's vector; returns how many had another's.

    Until then only the very words find them. It may be stopped at any time and run again.
    """
    done = 0
    others = (
        select(table.c.id, table.c.question)
        .where(table.c.encoder != encoder.name)
        .order_by(table.c.id)
        .limit(_BATCH)
    )
    change = (
        update(table)
        .where(table.c.id == bindparam("number"))
        .values(encoder=encoder.name, vector=bindparam("made"))
    )
    while True:
        async with database.engine.connect() as connection:
            rows = (await connection.execute(others)).all()
        if not rows:
            return done
        covered = [row for row in rows if encoder.covers(row.question)]
        encoded = await encoder.encode([row.question for row in covered]) if covered else ()
        vectors = {row.id: HalfVector(one) for row, one in zip(covered, encoded, strict=True)}
        made = [{"number": row.id, "made": vectors.get(row.id)} for row in rows]
        async with database.engine.begin() as connection:
            await connection.execute(change, made)
        done += len(rows)
