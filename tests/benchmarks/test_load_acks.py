"""The witness of acknowledgements sees one that came before its commit."""

from agent.ledger import Ledger
from agent.mentions import Kind, Mention
from bot.jobs.queue import enqueue_answers, job_app
from knowledge.database import Database
from tests.benchmarks.load_acks import Witness
from tests.faults.crowd import Asked


def asked(kind: str, ts: str) -> Asked:
    return Asked(f"q{ts}", kind, "C1", ts, ts, "U1", 0.0)


def mention(one: Asked) -> Mention:
    command = one.kind == "command"
    ts = None if command else one.ts
    event = f"command:{one.ts}" if command else f"Ev{one.ts}"
    kind: Kind = "command" if command else "mention"
    return Mention(event, kind, "T1", one.channel, ts, ts, one.person, "How many days?")


async def test_only_what_is_not_written_down_is_missing(database: Database) -> None:
    ledger = Ledger(database, enqueue_answers(job_app(database)))
    witness = Witness(database)
    for one in (asked("mention", "1.0"), asked("command", "2.0")):
        await ledger.accept(mention(one))
        await witness(one)
    assert witness.missing == []
    for one in (asked("mention", "3.0"), asked("command", "4.0")):
        await witness(one)
    assert witness.missing == ["q3.0", "q4.0"]
    assert witness.looked == 4


async def test_it_looks_at_every_so_many_th(database: Database) -> None:
    witness = Witness(database, every=3)
    for number in range(7):
        await witness(asked("mention", f"{number}.0"))
    assert witness.missing == ["q2.0", "q5.0"]
