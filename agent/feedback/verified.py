"""Verified answers: a person vouches for them, and they are preferred for their very questions.

Of 7,050 held-out questions of a bank's intents and of a FAQ, all 89 that found a verified answer at
these thresholds found their own; at a cosine of .85, 3 of 132 found another's. What this reaches is
the same question worded a little otherwise; what lies further is for the domain model to learn
(``tests/benchmarks/verified.py``).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from pgvector import HalfVector
from sqlalchemy import Row, func, insert, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.feedback.sameness import ask_the_same
from agent.feedback.stale_answers import STALE
from agent.feedback_tables import verified_answer as table
from agent.learned.ngrams import Ngrams
from agent.leasing import storable
from agent.reading.languages import language
from knowledge.database import Database
from knowledge.documents import Reader
from knowledge.embedding import Encoder
from knowledge.terms import index_terms

VERIFIED = "verified:"
"""Before an answer's id, in place of the name of a model."""

LIKE = 0.88
"""Cosine of two questions from which they may be the same."""

LIKE_SPELLED = 0.5
"""The same of character n-grams, where the encoder does not read the script."""

_LOOKED_AT = 20

_NEAR = text(f"""
    SELECT id, question, answer, author_name, created_at, cardinality(documents) > 0 AS rests,
        {STALE} AS stale, likeness
    FROM verified_answer
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN lower(question) = lower(:question) THEN 1
            WHEN encoder = :encoder THEN -(vector <#> CAST(:vector AS halfvec))
        END AS likeness
    ) AS compared
    WHERE team = :team AND state = 'live' AND audience && CAST(:principals AS text[])
        AND likeness >= :least
    ORDER BY likeness DESC, id DESC LIMIT :limit
""")  # noqa: S608 - constants
_SPELLED = text(f"""
    SELECT id, question, answer, author_name, created_at, cardinality(documents) > 0 AS rests,
        {STALE} AS stale
    FROM verified_answer
    CROSS JOIN LATERAL (
        SELECT count(*) AS shared FROM unnest(terms) AS term
        WHERE term = ANY(CAST(:terms AS text[]))
    ) AS counted
    WHERE team = :team AND state = 'live' AND audience && CAST(:principals AS text[])
        AND terms && CAST(:terms AS text[]) AND vector IS NULL
    ORDER BY shared DESC, id DESC LIMIT :limit
""")  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Vouched:
    """A verified answer found for a question; ``likeness`` of the questions is 0..1.

    ``stale``: a document that it rests on has changed or gone since; ``rests`` says that it rests
    on any.
    """

    id: int
    question: str
    answer: str = field(repr=False)
    author_name: str
    created_at: datetime
    likeness: float
    rests: bool
    stale: bool


@dataclass(frozen=True, slots=True)
class NewAnswer:
    """What a person vouches for. ``quoted``: the question is in a Slack message's own words.

    ``documents`` are those that it rests on or, where it ``blames`` them, corrects.
    """

    team: str
    question: str = field(repr=False)
    answer: str = field(repr=False)
    author: str
    author_name: str
    by_admin: bool
    quoted: bool
    audience: tuple[str, ...]
    documents: tuple[int, ...] = ()
    versions: tuple[int, ...] = ()
    blames: bool = False
    handover: UUID | None = None


class VerifiedAnswers:
    """The verified answers of all workspaces; each is found only in its own, by its audience."""

    def __init__(self, database: Database, encoder: Encoder) -> None:
        self._engine = database.autocommit
        self._encoder = encoder.name

    async def find(
        self, team: str, reader: Reader, question: str, vector: NDArray[np.float32] | None
    ) -> Vouched | None:
        """The answer to this very question, one that still holds before one that is stale.

        ``vector`` is the question's, None where the encoder does not cover its script.
        """
        asked = {"team": team, "principals": list(reader.principals), "limit": _LOOKED_AT}
        if vector is None:
            asked["terms"] = sorted(set(index_terms(question)))
            statement = _SPELLED
        else:
            asked |= {"encoder": self._encoder, "vector": HalfVector(vector), "least": LIKE}
            asked["question"] = question
            statement = _NEAR
        async with self._engine.connect() as connection:
            rows = (await connection.execute(statement, asked)).all()
        likely = _spelled(question, rows) if vector is None else [_vouched(row) for row in rows]
        found = [one for one in likely if ask_the_same(question, one.question)]
        return next((one for one in found if not one.stale), found[0] if found else None)


async def add(
    connection: AsyncConnection,
    new: NewAnswer,
    encoder: Encoder,
    vector: NDArray[np.float32] | None,
) -> int:
    """Store it in place of what was verified for the same question and people; returns its id.

    ``vector`` is the question's, None where the encoder does not cover its script.
    """
    row = {name: storable(getattr(new, name)) for name in NewAnswer.__dataclass_fields__}
    lists = ("audience", "documents", "versions")
    row |= {name: list(getattr(new, name)) for name in lists}
    replaced = (
        update(table)
        .where(
            table.c.team == new.team,
            table.c.state == "live",
            table.c.audience == list(new.audience),
            func.lower(table.c.question) == row["question"].lower(),
        )
        .values(state="replaced")
    )
    await connection.execute(replaced)
    row |= {
        "language": language(new.question),
        "encoder": encoder.name,
        "vector": None if vector is None else HalfVector(vector),
        "terms": sorted(set(index_terms(new.question))),
    }
    number = await connection.scalar(insert(table).values(**row).returning(table.c.id))
    return int(number or 0)


def _spelled(question: str, rows: Sequence[Row[tuple[object, ...]]]) -> list[Vouched]:
    """Those like the question by their characters, best first."""
    if not rows:
        return []
    ngrams = Ngrams.fit([row.question for row in rows])
    asked = ngrams.vector(question)
    alike = [float(asked @ ngrams.vector(row.question)) for row in rows]
    found = [_vouched(row, one) for row, one in zip(rows, alike, strict=True)]
    return sorted(
        (one for one in found if one.likeness >= LIKE_SPELLED), key=lambda one: -one.likeness
    )


def _vouched(row: Row[tuple[object, ...]], likeness: float | None = None) -> Vouched:
    return Vouched(
        id=row.id,
        question=row.question,
        answer=row.answer,
        author_name=row.author_name,
        created_at=row.created_at,
        likeness=min(1.0, float(row.likeness) if likeness is None else likeness),
        rests=row.rests,
        stale=row.stale,
    )
