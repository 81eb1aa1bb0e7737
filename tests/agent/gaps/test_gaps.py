"""Gaps over real rows and the real encoder: what belongs together, and who may see it."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from agent.feedback.handovers import Handover, hand_over, settle
from agent.feedback.verified import NewAnswer, add
from agent.feedback.votes import Vote, cast
from agent.gaps.gaps import find_gaps
from agent.gaps.unmet import Period, Sight, teams
from agent.gaps.writers import Whereabouts, writers
from agent.policies import Policies, Policy
from knowledge.database import Database
from knowledge.documents import EVERYONE, Document, Reader
from knowledge.embedding.minilm import MiniLM
from knowledge.storage.ingest import Draft, ingest
from knowledge.storage.library import Library
from tests.agent.gaps.asked import TEAM, asked

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
PERIOD = Period(NOW - timedelta(days=90), NOW + timedelta(days=1))
ALL = Sight(everything=True)
VISA = [
    ("Do I need a visa for a business trip to Brazil?", "U1"),
    ("business trip to Brazil: is a visa needed?", "U2"),
    ("Is a visa needed for a Brazil business trip?", "U3"),
]
DESK = [
    ("Can I get a standing desk?", "U4"),
    ("How do I order a standing desk?", "U4"),
    ("standing desk order", "U4"),
    ("Where do I order a standing desk?", "U4"),
]
ZH = [("出差保险怎么报销？", "U5"), ("出差保险的报销怎么办理？", "U6")]


async def test_gaps_are_sorted_by_how_many_people_asked(
    database: Database, encoder: MiniLM
) -> None:
    for question, person in [*DESK, *VISA, *ZH]:
        await asked(database, question, person)
    await asked(database, "How many days of leave do I have?", "U9", abstained=False)
    gaps = await find_gaps(database, encoder, TEAM, ALL, PERIOD)
    assert [(gap.people, len(gap.questions)) for gap in gaps] == [(3, 3), (2, 2), (1, 4)]
    visa, zh, desk = gaps
    assert {one.question for one in visa.questions} == {question for question, _ in VISA}
    assert "visa" in visa.terms
    assert zh.examples(1)[0] in {question for question, _ in ZH}
    assert len(desk.examples(3)) == 3
    again = await find_gaps(database, encoder, TEAM, ALL, PERIOD)
    assert again == gaps


async def test_a_private_question_is_seen_by_its_author_and_by_who_sees_everything(
    database: Database, encoder: MiniLM
) -> None:
    await asked(database, "Will the merger with Acme cost me my job?", "U1", kind="direct")
    await asked(database, "When is the merger announced?", "U1", kind="command", channel="C1")
    await asked(database, "Who plans the summer party?", "U2", channel="C1")
    await asked(database, "What does the board think?", "U2", channel="CBOARD")

    async def seen(sight: Sight) -> set[str]:
        gaps = await find_gaps(database, encoder, TEAM, sight, PERIOD)
        return {one.question.split()[0] for gap in gaps for one in gap.questions}

    assert await seen(ALL) == {"Will", "When", "Who", "What"}
    assert await seen(Sight(person="U1", channels=("C1",))) == {"Will", "When", "Who"}
    assert await seen(Sight(person="U3", channels=("C1",))) == {"Who"}
    assert await seen(Sight(channels=())) == set()


async def test_other_teams_and_other_times_are_left_out(
    database: Database, encoder: MiniLM
) -> None:
    await asked(database, "Who waters the plants?", "U1", at=NOW - timedelta(days=91))
    await asked(database, "Who feeds the fish?", "U1", team="T2")
    assert await find_gaps(database, encoder, TEAM, ALL, PERIOD) == ()
    assert await teams(database) == (TEAM, "T2")


async def test_a_secret_in_a_question_is_not_shown(database: Database, encoder: MiniLM) -> None:
    await asked(database, "Does AKIAABCDEFGHIJKLMNOP still work?", "U1")
    (gap,) = await find_gaps(database, encoder, TEAM, ALL, PERIOD)
    assert "AKIA" not in gap.examples(1)[0]


async def test_who_might_write_it(database: Database, encoder: MiniLM) -> None:
    await asked(database, VISA[0][0], "U1", channel="CTRAVEL")
    text = "Business trips abroad need the approval of your lead. Book flights with the tool."
    for name, owner, audience in (
        ("travel", "UMARA", EVERYONE),
        ("visas", "USECRET", "channel:CBOARD"),
    ):
        document = Document(name, f"https://x.example/{name}", "Travel", text)
        draft = Draft(document, "t", (audience,), "", owner=owner)
        await ingest([draft], Library(database, encoder), encoder)
    new = NewAnswer(
        TEAM,
        "Is a visa for Brazil needed?",
        "No.",
        "UTEL",
        "Tel",
        by_admin=True,
        quoted=False,
        audience=(EVERYONE,),
    )
    async with database.engine.begin() as connection:
        await add(connection, new, encoder, (await encoder.encode([new.question]))[0])
    policies = Policies(database)
    await policies.save(Policy(TEAM, "CTRAVEL", expert="SDESK"))
    gaps = await find_gaps(database, encoder, TEAM, ALL, PERIOD)
    assert await writers(Whereabouts(database, encoder, TEAM, Reader()), gaps) == (
        ("UMARA", "UTEL", "SDESK"),
    )


async def test_what_people_found_bad_is_a_gap_until_somebody_answers_it(
    database: Database, encoder: MiniLM
) -> None:
    bad = await asked(database, "How do I book a flight?", "U1", abstained=False)
    mixed = await asked(database, "How many days of leave?", "U1", abstained=False)
    async with database.engine.begin() as connection:
        for mention, person, good in (
            (bad, "U1", False),
            (bad, "U2", False),
            (bad, "U3", True),
            (mixed, "U1", False),
            (mixed, "U2", True),
        ):
            await cast(connection, Vote(mention, TEAM, person, good))
    (gap,) = await find_gaps(database, encoder, TEAM, ALL, PERIOD)
    assert (gap.examples(1), gap.rated) == (("How do I book a flight?",), 1)
    one = Handover("k", "correction", TEAM, "C1", None, None, "U1", bad, "How?", "", (EVERYONE,))
    async with database.engine.begin() as connection:
        await hand_over(connection, one)
        assert await settle(
            connection, one.id, "U9", "answered", errand=uuid4(), resolution="With the tool."
        )
    assert await find_gaps(database, encoder, TEAM, ALL, PERIOD) == ()
