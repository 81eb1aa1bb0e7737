"""Which curated pairs no longer hold, derived from the documents whenever somebody asks.

Nothing has to be notified of a change: a pair made from a document is as good as that document is
at the moment of reading.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from agent.tables import pair
from knowledge.database import Database
from knowledge.storage.scopes import covers
from knowledge.tables import document, document_version


@dataclass(frozen=True, slots=True)
class Resting:
    """What rests on some documents: pairs, and topics that only they give an answer to."""

    pairs: int
    topics: tuple[str, ...]


def is_stale() -> ColumnElement[bool]:
    """Of a row of ``pair``: its document has gone, says it no longer, or is for fewer people.

    A new version that still holds the answer word for word leaves the pair as it was.
    """
    newest = and_(
        document_version.c.document_id == document.c.id,
        document_version.c.version == document.c.version,
    )
    holds = (
        exists()
        .select_from(document.join(document_version, newest))
        .where(
            document.c.id == pair.c.document_id,
            or_(
                document.c.version == pair.c.document_version,
                func.strpos(document_version.c.text, pair.c.answer) > 0,
            ),
            covers(document.c.audience, pair.c.audience),
        )
        .correlate(pair)
    )
    return and_(pair.c.document_id.is_not(None), ~holds)


def is_current() -> ColumnElement[bool]:
    """Of a row of ``pair``: approved, and its document still says so."""
    return and_(pair.c.state == "approved", ~is_stale())


async def resting_on(database: Database, documents: Sequence[int]) -> Resting:
    """The current pairs made from the documents, and the topics that go stale without these."""
    theirs = pair.c.document_id.in_(documents)
    answers = select(pair.c.answer).where(theirs, is_current())
    topics = (
        select(func.min(pair.c.topic))
        .where(pair.c.answer.in_(answers), is_current())
        .group_by(pair.c.answer)
        .having(func.bool_and(func.coalesce(theirs, False)))
    )
    async with database.engine.connect() as connection:
        count = await connection.scalar(
            select(func.count()).select_from(pair).where(theirs, is_current())
        )
        lost = sorted(set(await connection.scalars(topics)))
    return Resting(count or 0, tuple(lost))
