"""How long questions wait and take under load: ``uv run python -m tests.benchmarks.load MODE``.

The processes, the database and the path are the real ones; Slack and the model are fakes that
answer at once, so what is shown is Knowhow's own time. All of it shares the machine's cores.

  acks        8.3 events a second (Slack's ceiling), then 50: acknowledgements, 3 minutes each
  concurrent  1, 10, 50 and 100 questions open at a time, each answered one followed by the next
  flood       one person's 1,000 questions: what they do to everybody else's answers
  rate        500 a minute, whatever happens, over 100 channels, for 10 minutes
  soak        60 a minute for half an hour: memory and connections, second half against first
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tests.benchmarks.load_acks import acks
from tests.benchmarks.load_flood import flood
from tests.benchmarks.load_parts import QUIET, fresh, say_progress
from tests.faults.report import growth, percentiles, stages
from tests.faults.trial import Trial, opened


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


@dataclass(frozen=True)
class Mode:
    """What is measured, and with which options unless others are given."""

    measure: Callable[[Trial, argparse.Namespace], Awaitable[dict[str, object]]]
    usual: Mapping[str, object]


MODES = {
    "acks": Mode(acks, {"events": [8.3, 50.0], "minutes": 3.0}),
    "concurrent": Mode(concurrent, {"questions": 200}),
    "flood": Mode(flood, {"questions": 1000, "per_minute": 120.0, "minutes": 1.0, "rounds": 4}),
    "rate": Mode(rate, {"per_minute": 500.0, "minutes": 10.0}),
    "soak": Mode(soak, {"per_minute": 60.0, "minutes": 30.0}),
}


async def _run(given: argparse.Namespace, home: Path) -> dict[str, object]:
    plan = replace(
        QUIET,
        servers=given.servers,
        workers=given.workers,
        at_a_time=given.at_a_time,
        thinking_s=given.thinking,
    )
    async with opened(plan, home) as trial:
        saying = asyncio.create_task(say_progress(trial))
        try:
            return await MODES[given.mode].measure(trial, given)
        finally:
            saying.cancel()


def _given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.load",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        argument_default=argparse.SUPPRESS,
    )
    parser.add_argument("mode", choices=MODES)
    parser.add_argument("--questions", type=int, help="of a round, or of the flood")
    parser.add_argument("--per-minute", type=float, help="of rate and soak, and beside the flood")
    parser.add_argument("--minutes", type=float, help="of each stream, or of a flood's round")
    parser.add_argument("--events", type=float, nargs="+", help="a second, of acks")
    parser.add_argument("--rounds", type=int, help="of the flood, each without and with it")
    parser.add_argument("--flood-channels", type=int, default=100, help="over which it goes")
    parser.add_argument("--thinking", type=float, default=0.0, help="seconds the model takes")
    parser.add_argument("--servers", type=int, default=1, help="processes that serve")
    parser.add_argument("--workers", type=int, default=2, help="processes that work")
    parser.add_argument("--at-a-time", type=int, default=4, help="questions of each of them")
    parser.add_argument("--out", type=Path, default=None, help="write the JSON there as well")
    given = parser.parse_args()
    return argparse.Namespace(**{**MODES[given.mode].usual, **vars(given)})


def main() -> None:
    """Print one JSON document, and on stderr how far it is."""
    given = _given()
    with tempfile.TemporaryDirectory() as scratch:
        # The embedded server's own user must be able to enter.
        Path(scratch).chmod(0o755)
        found = json.dumps(asyncio.run(_run(given, Path(scratch))), indent=2)
    if given.out is not None:
        given.out.write_text(f"{found}\n")
    print(found)


if __name__ == "__main__":
    main()
