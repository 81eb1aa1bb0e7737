"""An answer that gives away what its readers may not see is found, in a real library."""

from sqlalchemy import insert

from agent.evaluation.leaks import leaks
from agent.tables import pair
from knowledge.database import Database
from knowledge.documents import EVERYONE
from knowledge.embedding import Encoder
from tests.agent.team import team

BOARD = "As far as I know, the board meets in Lisbon on 4 May to decide on the merger with Acme."
LEAVE = "Employees get 27 days of annual leave a year. Contractors get no paid annual leave."
BONUS = "The bonus of the field team is paid out with the salary of March each year."


async def add_pair(database: Database, answer: str, *audience: str) -> None:
    row = {"question": "?", "answer": answer, "topic": "t", "source": "f", "digest": f"{audience}"}
    async with database.engine.begin() as connection:
        await connection.execute(insert(pair).values(**row, audience=list(audience)))


async def test_restricted_documents_and_pairs_are_looked_through(
    database: Database, encoder: Encoder
) -> None:
    await team(database, encoder)
    await add_pair(database, BONUS, "channel:CFIELD")
    found = await leaks([LEAVE, BOARD, BONUS, BOARD], [EVERYONE], database)
    assert [one.answer for one in found] == [BONUS, BOARD]
    assert found[0].share == 1
    assert [one.answer for one in await leaks([BOARD, BONUS], ["channel:CBOARD"], database)] == [
        BONUS
    ]


async def test_what_stands_in_something_open_as_well_is_no_leak(
    database: Database, encoder: Encoder
) -> None:
    await team(database, encoder)
    await add_pair(database, BONUS, "channel:CFIELD")
    await add_pair(database, f"{BONUS} Ask Priya.", EVERYONE)
    assert await leaks([BONUS, LEAVE], [EVERYONE], database) == ()
