from uuid import uuid4

from sqlalchemy import insert

from agent.citing import cited_documents
from agent.workspace_tables import mention
from knowledge.database import Database


async def test_documents_are_counted_once_an_answer(database: Database) -> None:
    answers = [[7, 7, 8], [7], [7, 9], None]
    rows = [
        {
            "id": uuid4(),
            "event_id": f"E{number}",
            "kind": "command",
            "team": "T1",
            "channel": "C1",
            "lane": "C1",
            "person": "U1",
            "text": "How?",
            "answer": cited and {"citations": [{"document_id": one} for one in cited]},
        }
        for number, cited in enumerate(answers)
    ]
    async with database.engine.begin() as connection:
        for row in rows:
            await connection.execute(insert(mention).values(row))
    assert await cited_documents(database, 1) == {7: 3, 8: 1, 9: 1}
    assert await cited_documents(database, 3) == {7: 3}
