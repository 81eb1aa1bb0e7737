"""An answer that was given, with what it rests on and who answers for that."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from agent.answers import Answer
from agent.feedback.verified import VERIFIED
from agent.feedback_tables import verified_answer
from agent.ledger_rows import mention_of
from agent.mentions import Mention, answer_from_json
from agent.workspace_tables import mention as table
from knowledge.database import Database
from knowledge.documents import EVERYONE, Reader
from knowledge.tables import document

_PRIVATE = frozenset({"direct", "command"})


@dataclass(frozen=True, slots=True)
class Answered:
    """A question of the ledger; ``answer`` is None while there is none."""

    mention: Mention
    answer: Answer | None

    @property
    def private(self) -> bool:
        """Whether only the person who asked sees the answer."""
        return self.mention.kind in _PRIVATE or self.mention.channel.startswith("D")

    def may_rate(self, person: str, channel: str) -> bool:
        """Whether the person, who clicked in that channel, can see the answer."""
        if self.private:
            return person == self.mention.person
        return channel == self.mention.channel


@dataclass(frozen=True, slots=True)
class Resting:
    """What an answer rests on: documents, those who answer for them, and who may see it all.

    ``audience`` is empty where it rests on no document.
    """

    documents: tuple[int, ...] = ()
    owners: tuple[str, ...] = ()
    audience: tuple[str, ...] = ()


async def answered(database: Database, number: UUID) -> Answered | None:
    """The question with that id."""
    async with database.engine.connect() as connection:
        row = (await connection.execute(select(table).where(table.c.id == number))).one_or_none()
    if row is None:
        return None
    return Answered(mention_of(row), answer_from_json(row.answer) if row.answer else None)


async def resting(database: Database, answer: Answer, place: str) -> Resting:
    """What the answer rests on, as it is now; ``place`` is who saw it, where nobody sees it all.

    A verified answer's author answers for it before the owners of its documents.
    """
    async with database.engine.connect() as connection:
        cited = [one.document_id for one in answer.citations]
        authors: list[str] = []
        audiences: list[Sequence[str]] = []
        if answer.model.startswith(VERIFIED):
            number = int(answer.model.removeprefix(VERIFIED))
            query = select(verified_answer).where(verified_answer.c.id == number)
            for row in await connection.execute(query):
                authors.append(row.author)
                audiences.append(row.audience)
                cited += row.documents
        columns = (document.c.id, document.c.owner, document.c.audience)
        query = select(*columns).where(document.c.id.in_(cited)).order_by(document.c.id)
        rows = {row.id: row for row in await connection.execute(query)}
    there = [number for number in dict.fromkeys(cited) if number in rows]
    audiences += [rows[number].audience for number in there]
    owners = [rows[number].owner for number in there if rows[number].owner]
    return Resting(
        tuple(there), tuple(dict.fromkeys((*authors, *owners))), common(audiences, place)
    )


def common(audiences: Sequence[Sequence[str]], place: str) -> tuple[str, ...]:
    """Who may see all of them; ``place`` where no principal may. Empty for none at all."""
    both: tuple[str, ...] = (EVERYONE,) if audiences else ()
    for one in audiences:
        if EVERYONE in both:
            both = tuple(one)
        elif EVERYONE not in one:
            both = tuple(principal for principal in both if principal in one)
    return both or ((place,) if audiences else ())


async def visible(database: Database, documents: Sequence[int], reader: Reader) -> set[int]:
    """Those of the documents that the reader may see."""
    query = select(document.c.id).where(
        document.c.id.in_(documents), document.c.audience.bool_op("&&")(list(reader.principals))
    )
    async with database.engine.connect() as connection:
        return set(await connection.scalars(query))


async def owners_of(database: Database, documents: Sequence[int]) -> dict[str, list[str]]:
    """The titles of those of the documents that somebody answers for, by owner."""
    columns = (document.c.owner, document.c.title)
    query = select(*columns).where(document.c.id.in_(documents), document.c.owner.is_not(None))
    titles: dict[str, list[str]] = {}
    async with database.engine.connect() as connection:
        for owner, title in await connection.execute(query.order_by(document.c.id)):
            titles.setdefault(owner, []).append(title)
    return titles
