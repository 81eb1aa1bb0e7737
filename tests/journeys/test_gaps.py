"""`knowhow gaps` and `knowhow digest` in a shell."""

from datetime import UTC, datetime

from knowledge.database import Database
from tests.agent.gaps.asked import asked
from tests.journeys.terminal import Terminal


async def test_gaps_and_where_the_digest_goes(database: Database, terminal: Terminal) -> None:
    for person in ("U1", "U2"):
        await asked(database, "Do I need a visa for Brazil?", person, at=datetime.now(UTC))
    found = (await terminal.run("gaps", "--json")).json
    assert found["team"] == "T0TEAM"
    (gap,) = found["gaps"]
    assert (gap["people"], gap["examples"]) == (2, ["Do I need a visa for Brazil?"])
    assert (await terminal.run("digest", "--channel", "C9", "--json")).json["channel"] == "C9"
    assert (await terminal.run("digest", "--off", "--json")).json["channel"] is None
