"""What a person gives as the right answer becomes a verified answer, a test and a training pair.

All of it in one transaction: at once the next person who asks gets it, the evaluations ask for it,
and the next training may learn it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.feedback import verified
from agent.feedback.consent import consent_of
from agent.feedback.handovers import Handover
from agent.feedback.sameness import plainly
from agent.feedback_tables import handover as handovers
from agent.feedback_tables import verified_answer
from agent.tables import pair
from agent.tuning.pair_files import Lineage, Pair, checked_pair
from agent.tuning.pairs import correct_in
from knowledge.database import Database
from knowledge.embedding import Encoder
from knowledge.questions.question_import import Given, placed
from knowledge.questions.question_set import Place, write_questions

_ORIGIN = "correction"
_PLACES = text("""
    SELECT chunk.id, document_id, chunk.text, title, heading, md5(chunk.text)
    FROM chunk JOIN document ON document.id = document_id
    WHERE document.id = ANY(:documents) AND ('everyone' = ANY(CAST(:audience AS text[]))
        OR document.audience <@ CAST(:audience AS text[]))
    ORDER BY chunk.id
""")


@dataclass(frozen=True, slots=True)
class Correction:
    """The right answer, as a person gives it; ``blames``: the documents say it wrongly."""

    handover: UUID
    question: str = field(repr=False)
    answer: str = field(repr=False)
    author: str
    author_name: str
    by_admin: bool
    blames: bool = False

    def checked(self) -> Pair:
        """As a pair; raises InvalidInput with what is wrong for texts that cannot be one."""
        return checked_pair(self.question, self.answer, None, "the answer")


@dataclass(frozen=True, slots=True)
class Corrected:
    """What came of it; ``approved`` says that it may be trained on at once.

    ``author`` is whose correction counts: another's, where that was there before.
    """

    verified: int
    author: str
    approved: bool
    new: bool = True


async def correct(
    database: Database, encoder: Encoder, given: Correction, handover: Handover
) -> Corrected | None:
    """Settle the hand-over with it; where that is done already, say what came of that.

    None: somebody said meanwhile that nothing has to be corrected. The audience is the hand-over's:
    never more than could see what the answer rests on. Raises InvalidInput for texts that cannot be
    stored.
    """
    checked = given.checked()
    covered = encoder.covers(checked.question)
    vector = (await encoder.encode([checked.question]))[0] if covered else None
    async with database.engine.begin() as connection:
        query = select(handovers.c.state).where(handovers.c.id == handover.id).with_for_update()
        if await connection.scalar(query) == "right":
            return None
        if (earlier := await _earlier(connection, handover.id)) is not None:
            return earlier
        consented = await consent_of(connection, handover.team) is not None
        quoted = plainly(checked.question) == plainly(handover.question)
        approved = consented or (given.by_admin and not quoted)
        new = verified.NewAnswer(
            team=handover.team,
            question=checked.question,
            answer=checked.answer,
            author=given.author,
            author_name=given.author_name,
            by_admin=given.by_admin,
            quoted=quoted,
            audience=handover.audience,
            documents=handover.documents,
            versions=handover.versions,
            blames=given.blames,
            handover=handover.id,
        )
        number = await verified.add(connection, new, encoder, vector)
        taught = replace(checked, lineage=_lineage(handover))
        made = await correct_in(
            connection, taught, given.author, handover.audience, approved=approved
        )
        await connection.execute(
            update(verified_answer).where(verified_answer.c.id == number).values(pair_id=made)
        )
        if not given.blames:
            await _ask_in_tests(connection, new, encoder, vector)
        await connection.execute(
            update(handovers)
            .where(handovers.c.id == handover.id)
            .values(
                state="answered",
                resolution=checked.answer,
                resolved_by=given.author,
                resolved_at=text("now()"),
            )
        )
    return Corrected(number, given.author, approved)


async def _earlier(connection: AsyncConnection, number: UUID) -> Corrected | None:
    query = (
        select(verified_answer.c.id, verified_answer.c.author, pair.c.state)
        .join_from(verified_answer, pair, pair.c.id == verified_answer.c.pair_id, isouter=True)
        .where(verified_answer.c.handover == number)
        .order_by(verified_answer.c.id)
        .limit(1)
    )
    row: Row[int, str, str] | None = (await connection.execute(query)).one_or_none()
    if row is None:
        return None
    return Corrected(row[0], row[1], row[2] == "approved", new=False)


def _lineage(handover: Handover) -> Lineage | None:
    """The one document behind it: when that changes, the pair is stale like the answer."""
    if len(handover.documents) != 1:
        return None
    return Lineage(handover.documents[0], handover.versions[0], handover.audience)


async def _ask_in_tests(
    connection: AsyncConnection,
    new: verified.NewAnswer,
    encoder: Encoder,
    vector: NDArray[np.float32] | None,
) -> None:
    """Put the question to the passage that answers it, for who may see the document may know it."""
    asked = {"documents": list(new.documents), "audience": list(new.audience)}
    rows: Sequence[Row[int, int, str, str, list[str], str]] = (
        await connection.execute(_PLACES, asked)
    ).all()
    if not rows:
        return
    places = [Place(*row[:4], tuple(row[4]), row[5]) for row in rows]
    answered = placed(Given("", new.question, "", (new.answer,)), places)
    vectors = {} if vector is None else {new.question: vector}
    await write_questions(connection, [answered], encoder.name, vectors, _ORIGIN)
