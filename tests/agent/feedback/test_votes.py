from agent.feedback.votes import Tally, Vote, cast, criticism, tallies
from knowledge.database import Database
from tests.agent.feedback.given import TEAM, asked


async def test_a_person_has_one_vote_and_may_change_it(database: Database) -> None:
    mention = await asked(database)
    votes = [
        Vote(mention.id, TEAM, "U1", good=True),
        Vote(mention.id, TEAM, "U2", good=False, fault="wrong", said="None, they invoice."),
        Vote(mention.id, TEAM, "U1", good=False, fault="outdated"),
    ]
    for vote in votes:
        async with database.engine.begin() as connection:
            await cast(connection, vote)
    assert await tallies(database, [mention.id]) == {
        mention.id: Tally(0, 2, {"wrong": 1, "outdated": 1})
    }
    assert {one.said for one in await criticism(database, mention.id)} == {
        "None, they invoice.",
        "",
    }


async def test_clicking_again_keeps_what_was_said_of_the_fault(database: Database) -> None:
    mention = await asked(database)
    said = Vote(mention.id, TEAM, "U1", good=False, fault="wrong", said="It is none.")
    for vote in (said, Vote(mention.id, TEAM, "U1", good=False)):
        async with database.engine.begin() as connection:
            await cast(connection, vote)
    assert await criticism(database, mention.id) == (said,)
    async with database.engine.begin() as connection:
        await cast(connection, Vote(mention.id, TEAM, "U1", good=True))
    assert await criticism(database, mention.id) == ()
