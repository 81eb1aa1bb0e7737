"""What waits to be looked at in the library, page by page, on a real database."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from agent.feedback.stale_answers import StaleAnswer
from agent.feedback.verified import NewAnswer, add
from agent.findings import Finding, Findings, settle_finding
from knowledge.database import Database
from knowledge.documents import EVERYONE, Document
from knowledge.storage.ingest import Draft, ingest
from knowledge.storage.library import Library
from tests.agent.feedback.given import asked
from tests.fakes.letters import Letters
from tests.fakes.scripted_agent import plain_answer

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
LETTERS = Letters()
TEAM = "T0TEAM"


async def put(database: Database, name: str, said: str, **fields: object) -> None:
    given = {"collection": "c", "audience": (EVERYONE,), "content_hash": "", **fields}
    one = Document(name, f"https://x.example/{name}", name, said)
    await ingest([Draft(one, **given)], Library(database, LETTERS), LETTERS)  # type: ignore[arg-type]  # its fields


async def full(database: Database) -> None:
    """Ids 1 and 2 contradict each other, 3 to 5 are past their date, an answer rests on 1."""
    for name, hour in (("a", 17), ("b", 18)):
        await put(database, name, f"The kitchen of the office closes at {hour} every working day.")
    for days, name in ((3, "c"), (9, "d"), (5, "e")):
        await put(database, name, name, expires_at=NOW - timedelta(days=days))
    await put(database, "f", "f", expires_at=NOW + timedelta(days=1))
    new = NewAnswer(
        TEAM, "when?", "at 17", "U2", "Ada", by_admin=False, quoted=False,
        audience=(EVERYONE,), documents=(1,), versions=(7,),
    )  # fmt: skip
    async with database.engine.begin() as connection:
        await add(connection, new, LETTERS, None)


def shown(items: tuple[Finding | StaleAnswer, ...]) -> list[object]:
    return [
        one.question if isinstance(one, StaleAnswer) else (one.kind, one.document.title)
        for one in items
    ]


async def test_pages_go_through_all_lists_in_their_order(database: Database) -> None:
    await full(database)
    findings = Findings(database)
    whole = await findings.page(TEAM, NOW, 0, 10)
    everything = [
        ("conflict", "a"), "when?", ("expired", "d"), ("expired", "e"), ("expired", "c"),
    ]  # fmt: skip
    assert shown(whole.items) == everything
    assert (whole.count, whole.compared) == (5, True)
    for size in (1, 2, 3):
        seen: list[object] = []
        for at in range(0, 5, size):
            page = await findings.page(TEAM, NOW, at, size)
            assert (page.at, page.count) == (at, 5)
            seen += shown(page.items)
        assert seen == everything
    beyond = await findings.page(TEAM, NOW, 99, 2)
    assert (beyond.at, shown(beyond.items)) == (4, everything[4:])
    other = await findings.page("T0OTHER", NOW, 0, 10)
    assert "when?" not in shown(other.items)


async def test_what_is_settled_is_left_out_until_it_changes(database: Database) -> None:
    await full(database)
    findings = Findings(database)
    page = await findings.page(TEAM, NOW, 0, 10)
    keys = [one.key for one in page.items if isinstance(one, Finding)]
    for key in keys:
        assert (await findings.of_key(key, NOW)) is not None
        await settle_finding(database, key, "mara")
        assert await findings.of_key(key, NOW) is None
    assert shown((await findings.page(TEAM, NOW, 0, 10)).items) == ["when?"]
    await put(database, "d", "d", expires_at=NOW - timedelta(days=1))
    assert ("expired", "d") in shown((await findings.page(TEAM, NOW, 0, 10)).items)


async def test_old_documents_that_are_often_cited_come_last(database: Database) -> None:
    await put(database, "a", "everybody has 28 days")
    await put(database, "b", "old", expires_at=NOW - timedelta(days=1))
    await put(database, "c", "young")
    async with database.engine.begin() as connection:
        await connection.execute(
            text("UPDATE document SET source_updated_at = '2024-01-01Z' WHERE title <> 'c'")
        )
    for n in range(3):
        (cited,) = plain_answer("x").citations
        several = tuple(type(cited)(i, "t", "u", i, "p", ()) for i in (1, 3))
        await asked(database, ts=f"170000000{n}.000100", citations=several)
    page = await Findings(database).page(TEAM, NOW, 0, 10)
    assert shown(page.items) == [("expired", "b"), ("unchanged", "a")]
    last = page.items[-1]
    assert isinstance(last, Finding)
    assert (last.cited, last.since) == (3, datetime(2024, 1, 1, tzinfo=UTC))
