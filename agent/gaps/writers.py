"""Who might write what is missing: those who already answer for what lies nearest."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pgvector import HalfVector
from sqlalchemy import text

from agent.gaps.gaps import Gap
from agent.policies import Policies
from knowledge.database import Database
from knowledge.documents import Query, Reader
from knowledge.embedding import Encoder
from knowledge.retrieval.search import Search
from knowledge.terms import index_terms

_NEAREST = 5
_MOST = 3

_OWNERS = text("SELECT id, owner FROM document WHERE id = ANY(:ids) AND owner <> ''")

_ANSWERERS = text("""
    SELECT author FROM verified_answer
    CROSS JOIN LATERAL (
        SELECT count(*) AS shared FROM unnest(terms) AS term
        WHERE term = ANY(CAST(:terms AS text[]))
    ) AS counted
    WHERE team = :team AND state = 'live' AND audience && CAST(:principals AS text[])
    AND CASE WHEN CAST(:vector AS halfvec) IS NULL THEN shared >= :shared
        ELSE encoder = :encoder AND -(vector <#> CAST(:vector AS halfvec)) >= :alike END
    ORDER BY vector <#> CAST(:vector AS halfvec), shared DESC, id DESC LIMIT :most
""")
_ALIKE, _SHARED = 0.5, 3
"""As near as questions of one gap lie to each other; in Chinese, three pairs of characters."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where to look: one team's knowledge, as far as a reader may see it."""

    database: Database
    encoder: Encoder
    team: str
    reader: Reader


async def writers(where: Whereabouts, gaps: Sequence[Gap]) -> tuple[tuple[str, ...], ...]:
    """For each gap up to three people, groups or addresses, as documents and policies name them.

    Owners of the nearest documents, then whoever answered the like, then the experts of the
    channels where it was asked. A search for each gap: ask for those that are shown.
    """
    near = await asyncio.gather(*(_documents(where, gap) for gap in gaps))
    answered = await asyncio.gather(*(_answerers(where, gap) for gap in gaps))
    async with where.database.engine.connect() as connection:
        ids = sorted({number for one in near for number in one})
        owner: Mapping[int, str] = dict(iter(await connection.execute(_OWNERS, {"ids": ids})))
    policies = await Policies(where.database).all(where.team)
    expert = {one.channel: one.expert for one in policies if one.expert}
    named = (
        [*(owner.get(one) for one in ids), *people, *(expert.get(one) for one in gap.channels)]
        for gap, ids, people in zip(gaps, near, answered, strict=True)
    )
    return tuple(tuple(dict.fromkeys(one for one in few if one))[:_MOST] for few in named)


async def _documents(where: Whereabouts, gap: Gap) -> list[int]:
    search = Search(where.database, where.encoder)
    found = await search.find(Query(gap.questions[0].question), where.reader, _NEAREST)
    return list(dict.fromkeys(one.document_id for one in found.passages))


async def _answerers(where: Whereabouts, gap: Gap) -> list[str]:
    question = gap.questions[0].question
    covered = where.encoder.covers(question)
    vector = (await where.encoder.encode([question]))[0] if covered else None
    asked = {
        "team": where.team,
        "principals": list(where.reader.principals),
        "terms": sorted(set(index_terms(question))),
        "vector": None if vector is None else HalfVector(vector),
        "encoder": where.encoder.name,
        "alike": _ALIKE,
        "shared": _SHARED,
        "most": _MOST,
    }
    async with where.database.engine.connect() as connection:
        return list(await connection.scalars(_ANSWERERS, asked))
