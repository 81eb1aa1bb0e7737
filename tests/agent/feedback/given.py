"""A question in the ledger with its answer, and a hand-over of it, as Slack makes them."""

from agent.answers import Answer, Citation
from agent.feedback.handovers import Handover, Kind, hand_over
from agent.ledger import Ledger
from agent.mentions import Mention
from agent.texts import Said
from knowledge.database import Database
from knowledge.documents import EVERYONE

TEAM = "T0TEAM"


async def asked(
    database: Database,
    text: str = "How many days of leave do contractors get?",
    *,
    said: str = "Contractors get 27 days.",
    kind: str = "mention",
    channel: str = "C1",
    route: str = "knowledge",
    model: str = "extractive",
    citations: tuple[Citation, ...] = (),
    nearest: tuple[Citation, ...] = (),
    ts: str = "1700000000.000100",
) -> Mention:
    """Accepted, answered and posted."""

    async def enqueue(*_: object, **__: object) -> None:
        return

    ledger = Ledger(database, enqueue)
    message = None if kind == "command" else ts
    mention = Mention(f"Ev{ts}", kind, TEAM, channel, message, message, "U1", text)  # type: ignore[arg-type]  # one of the kinds
    assert await ledger.accept(mention)
    claim = await ledger.claim(mention.lane)
    assert claim is not None
    answer = Answer(
        text=said,
        route=route,  # type: ignore[arg-type]  # one of the routes
        confidence=0.9,
        reason=Said(),
        abstained=route == "none",
        citations=citations,
        model=model,
        timings_ms={},
        cost_usd=0.0,
        question=text,
        nearest=nearest,
    )
    await ledger.decide(claim, answer)
    await ledger.finish(claim, f"{ts}9")
    return mention


async def handed_over(
    database: Database, mention: Mention, kind: Kind = "correction", **more: object
) -> Handover:
    """The answer to it, to be corrected (or given) by U2, else by U3."""
    given: dict[str, object] = {
        "answer": "Contractors get 27 days.",
        "audience": (EVERYONE,),
        "chain": ("U2", "U3"),
    }
    one = Handover(
        f"{kind}:{mention.id}",
        kind,
        TEAM,
        mention.channel,
        mention.ts,
        mention.thread_ts,
        mention.person,
        mention.id,
        mention.text,
        **(given | more),  # type: ignore[arg-type]  # fields of it
    )
    async with database.engine.begin() as connection:
        stored, _ = await hand_over(connection, one)
    return stored
