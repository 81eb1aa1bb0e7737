"""An answer that one person got alone, and whether a whole channel may read it."""

import re
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, text

from agent.answers import Answer
from agent.ledger_rows import mention_of
from agent.mentions import Mention, answer_from_json
from agent.workspace_tables import mention as table
from knowledge.database import Database
from knowledge.documents import Reader

_VISIBLE = text("""
    SELECT id FROM document
    WHERE id = ANY(:ids) AND audience && CAST(:principals AS text[])
""")

_MODEL = text("""
    SELECT coalesce(dataset.audience, ARRAY['everyone']) && CAST(:principals AS text[])
    FROM domain_model LEFT JOIN dataset ON dataset.version = domain_model.dataset
    WHERE domain_model.version = :version
""")

_SHARED = text("""
    SELECT EXISTS (
        SELECT FROM errand
        WHERE kind = 'share' AND lane = :lane AND progress ? 'sent shared' AND id <> :this
    )
""")

_DOMAIN = re.compile(r"\bdomain:(\d+)")


@dataclass(frozen=True, slots=True)
class Given:
    """An answer in the ledger with its question."""

    mention: Mention
    answer: Answer


@dataclass(frozen=True, slots=True)
class Hidden:
    """What of an answer a reader may not see: the titles of sources, or the domain model."""

    titles: tuple[str, ...] = ()
    model: bool = False

    def __bool__(self) -> bool:
        return self.model or bool(self.titles)


async def given_answer(database: Database, mention: str) -> Given | None:
    """The answer with that id; None where there is none, or it is no id."""
    try:
        wanted = select(table).where(table.c.id == UUID(mention))
    except ValueError:
        return None
    async with database.engine.connect() as connection:
        row = (await connection.execute(wanted)).one_or_none()
    if row is None or row.answer is None:
        return None
    return Given(mention_of(row), answer_from_json(row.answer))


async def hidden_from(database: Database, answer: Answer, reader: Reader) -> Hidden:
    """What the reader may not see today: sources that have gone count as well."""
    principals = list(reader.principals)
    ids = [citation.document_id for citation in answer.citations]
    model = _DOMAIN.search(answer.model)
    async with database.engine.connect() as connection:
        seen = set(await connection.scalars(_VISIBLE, {"ids": ids, "principals": principals}))
        allowed: bool | None = True
        if model is not None:
            asked = {"version": int(model[1]), "principals": principals}
            allowed = await connection.scalar(_MODEL, asked)
    lost = (one.title for one in answer.citations if one.document_id not in seen)
    return Hidden(tuple(dict.fromkeys(lost)), model=not allowed)


async def is_shared(database: Database, lane: str, this: UUID) -> bool:
    """Whether another errand of the lane has posted the answer already."""
    async with database.engine.connect() as connection:
        return bool(await connection.scalar(_SHARED, {"lane": lane, "this": this}))
