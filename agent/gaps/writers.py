"""Who might write what is missing: those who already answer for what lies nearest."""

import asyncio
from collections.abc import Mapping, Sequence

from sqlalchemy import text

from agent.gaps.gaps import Gap
from agent.policies import Policies
from knowledge.database import Database
from knowledge.documents import Query, Reader
from knowledge.retrieval.search import Search

_NEAREST = 5
_MOST = 3

_OWNERS = text("SELECT id, owner FROM document WHERE id = ANY(:ids) AND owner <> ''")


async def writers(
    database: Database, search: Search, reader: Reader, team: str, gaps: Sequence[Gap]
) -> tuple[tuple[str, ...], ...]:
    """For each gap up to three: owners of the nearest documents, then the channels' experts.

    As documents and policies name them: a Slack user's or group's ID, or an address. Only
    documents that the reader may see count. A search for each gap: ask for those that are shown.
    """
    nearest = await asyncio.gather(*(_nearest(search, reader, gap) for gap in gaps))
    async with database.engine.connect() as connection:
        ids = sorted({number for near in nearest for number in near})
        owner: Mapping[int, str] = dict(iter(await connection.execute(_OWNERS, {"ids": ids})))
    expert = {one.channel: one.expert for one in await Policies(database).all(team) if one.expert}
    return tuple(
        _few(
            [*(owner.get(one) for one in near), *(expert.get(place) for place in gap.channels)],
        )
        for gap, near in zip(gaps, nearest, strict=True)
    )


async def _nearest(search: Search, reader: Reader, gap: Gap) -> list[int]:
    found = await search.find(Query(gap.questions[0].question), reader, _NEAREST)
    return list(dict.fromkeys(one.document_id for one in found.passages))


def _few(named: Sequence[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for one in named if one))[:_MOST]
