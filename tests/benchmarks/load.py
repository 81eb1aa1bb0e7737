"""How long questions wait and take under load: ``uv run python -m tests.benchmarks.load MODE``.

The processes, the database and the path are the real ones; Slack and the model are fakes that
answer at once, so what is shown is Knowhow's own time. All of it shares the machine's cores.

  concurrent  1, 10, 50 and 100 questions open at a time, each answered one followed by the next
  rate        so many a minute, whatever happens, over 100 channels
  soak        the same for long: memory and database connections, second half against first
  flood       one person's 1,000 questions: what they do to everybody else's answers
"""

import argparse
import asyncio
import json
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.faults.accounts import rows, settle
from tests.faults.report import growth, percentiles, stages
from tests.faults.trial import Plan, Trial, opened

QUIET = Plan(
    mentions=0,
    lost=0,
    redelivered=0,
    limited=0,
    broken=0,
    stalled=0,
    model_trouble=0,
    lease_s=60,
    patience_s=60,
)
_WARMING = 24
_AT_ONCE = 8


async def concurrent(trial: Trial, given: argparse.Namespace) -> dict[str, object]:
    """Rounds of questions, so many open at a time."""
    found: dict[str, object] = {}
    for at_once in (1, 10, 50, 100):
        await fresh(trial)
        count = max(given.questions, at_once * 4)
        trial.plan = replace(trial.plan, mentions=count, outstanding=at_once)
        started = time.monotonic()
        await trial.ask_all()
        await trial.finished()
        rate = count / (time.monotonic() - started)
        accounts = await trial.accounts()
        found[f"{at_once} at once"] = {
            "a_second": round(rate, 1),
            **stages(trial, accounts),
        }
    return found


async def rate(trial: Trial, given: argparse.Namespace) -> dict[str, object]:
    """A steady stream."""
    await fresh(trial)
    await trial.ask_steadily(given.per_minute / 60, given.minutes * 60)
    await trial.finished()
    accounts = await trial.accounts()
    return {
        "lost": len(accounts.lost),
        "failed_deliveries": trial.crowd.failures,
        **stages(trial, accounts),
    }


async def soak(trial: Trial, given: argparse.Namespace) -> dict[str, object]:
    """A steady stream for long."""
    await fresh(trial)
    trial.memory.clear()
    trial.connections.clear()
    found = await rate(trial, given)
    middle = len(trial.connections) // 2
    halves = trial.connections[:middle], trial.connections[middle:]
    return {
        **found,
        "memory_growth": growth(trial.memory),
        "memory_mb": percentiles([mb for _, _, mb in trial.memory if mb]),
        "connections": [percentiles([float(count) for _, count in half]) for half in halves],
    }


async def flood(trial: Trial, given: argparse.Namespace) -> dict[str, object]:
    """Everybody else at a steady rate, without and with one person's questions waiting."""
    found: dict[str, object] = {}
    # A follow-up waits for its thread's own question, and that may be the flood's.
    trial.crowd.habits = replace(trial.crowd.habits, followups=0)
    for name, questions in (("alone", 0), ("beside the flood", given.questions)):
        await fresh(trial)
        for start in range(0, questions, _AT_ONCE):
            many = range(start, min(start + _AT_ONCE, questions))
            await asyncio.gather(
                *(trial.crowd.ask(person="UFLOOD", channel=f"C{one % 100}") for one in many)
            )
        trial.crowd.acks_ms.clear()
        await trial.ask_steadily(given.per_minute / 60, given.minutes * 60)
        ledger = await rows(trial.database)
        answered = sum(row.person == "UFLOOD" and row.state == "done" for row in ledger)
        # The flood may be open for long yet: only the others are looked at.
        others = [one for one in trial.crowd.asked if one.person != "UFLOOD"]
        while (accounts := settle(others, trial.slack, await rows(trial.database))).lost:
            await asyncio.sleep(1)
        found[name] = {
            "answered_of_the_flood": answered,
            "ack_ms": percentiles(trial.crowd.acks_ms),
            "queue_wait_ms": percentiles(accounts.queue_ms),
            "answer_s": percentiles(accounts.answer_s),
        }
    return found


async def fresh(trial: Trial) -> None:
    """Every process warmed up, and nothing of that in the accounts."""
    if not trial.crowd.asked:
        await asyncio.gather(*(trial.crowd.ask() for _ in range(_WARMING)))
    await trial.finished()
    trial.crowd.asked.clear()
    trial.crowd.acks_ms.clear()
    trial.slack.messages.clear()
    trial.slack.begun.clear()
    trial.slack.responded.clear()


MODES: dict[str, Any] = {"concurrent": concurrent, "rate": rate, "soak": soak, "flood": flood}


async def _run(given: argparse.Namespace, home: Path) -> dict[str, object]:
    plan = replace(
        QUIET,
        servers=given.servers,
        workers=given.workers,
        at_a_time=given.at_a_time,
        thinking_s=given.thinking,
    )
    async with opened(plan, home) as trial:
        found: dict[str, object] = await MODES[given.mode](trial, given)
    return found


def main() -> None:
    """Print one JSON document."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.load",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("mode", choices=MODES)
    parser.add_argument("--questions", type=int, default=200, help="of a round, or of the flood")
    parser.add_argument("--per-minute", type=float, default=500)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--thinking", type=float, default=0.0, help="seconds the model takes")
    parser.add_argument("--servers", type=int, default=1, help="processes that serve")
    parser.add_argument("--workers", type=int, default=2, help="processes that work")
    parser.add_argument("--at-a-time", type=int, default=4, help="questions of each of them")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        # The embedded server's own user must be able to enter.
        Path(scratch).chmod(0o755)
        print(json.dumps(asyncio.run(_run(given, Path(scratch))), indent=2))


if __name__ == "__main__":
    main()
