"""How documents stand now: one look for all of them."""

from agent.citing import freshness
from knowledge.database import Database
from knowledge.embedding.minilm import MiniLM
from tests.agent.team import team


async def test_documents_there_are_told_and_those_gone_left_out(
    database: Database, encoder: MiniLM
) -> None:
    await team(database, encoder)
    known = await freshness(database, [1, 2, 999_999])
    assert set(known) == {1, 2}
    assert known[1].version == 1
    assert known[1].updated_at.tzinfo is not None
    assert await freshness(database, []) == {}
