"""The team's own question set as questions with known documents."""

from dataclasses import dataclass

from sqlalchemy import text

from knowledge.database import Database
from knowledge.documents import ATTACHED, Query, Reader
from knowledge.errors import InvalidInput
from knowledge.evaluation.outcomes import Judged

_OWN = text("""
    SELECT question.id, question.text, document.uri, document.collection, document.id
    FROM question JOIN document ON document.id = question.document_id
    WHERE question.chunk_id IS NOT NULL
    ORDER BY question.id
""")

_PRINCIPALS = text("SELECT DISTINCT unnest(audience) FROM scope WHERE collection <> :attached")


@dataclass(frozen=True, slots=True)
class Own:
    """A question of the set; ``document_id`` is that of the document that answers it."""

    judged: Judged
    document_id: int


async def own_questions(database: Database) -> tuple[Own, ...]:
    """Every question that has its passage; raises InvalidInput when there is none."""
    async with database.engine.connect() as connection:
        rows = (await connection.execute(_OWN)).all()
    if not rows:
        raise InvalidInput(
            "there is no question set yet: `knowhow questions import FILE` takes yours"
        )
    return tuple(
        Own(Judged(Query(asked), {uri: 1}, collection, excluding=number), document_id)
        for number, asked, uri, collection, document_id in rows
    )


async def all_seeing(database: Database) -> Reader:
    """Whoever may see all that is stored: for the admin's own measurements."""
    async with database.engine.connect() as connection:
        return Reader(tuple(sorted(await connection.scalars(_PRINCIPALS, {"attached": ATTACHED}))))
