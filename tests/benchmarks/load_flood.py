"""What one person's thousand questions do to everybody else's answers.

Rounds without and with the flood take turns, so that a machine that grows slower in between slows
both; the others ask the same questions in both.
"""

import asyncio
from argparse import Namespace
from dataclasses import dataclass, field, replace

from tests.benchmarks.load_parts import fresh
from tests.faults.accounts import open_rows, rows, settle
from tests.faults.report import percentiles
from tests.faults.trial import Trial

_AT_ONCE = 8
_FLOODS = "UFLOOD"
_COMPARED = ("p50", "p95", "p99")


@dataclass
class _Heard:
    """The others' questions of all rounds of one kind."""

    acks_ms: list[float] = field(default_factory=list)
    queue_ms: list[float] = field(default_factory=list)
    answer_s: list[float] = field(default_factory=list)
    flood_left: list[int] = field(default_factory=list)
    """How much of the flood was open when the others had their answers: 0 is too little flood."""

    def shown(self) -> dict[str, object]:
        left = {"flood_left": self.flood_left} if any(self.flood_left) else {}
        return {
            "ack_ms": percentiles(self.acks_ms),
            "queue_wait_ms": percentiles(self.queue_ms),
            "answer_s": percentiles(self.answer_s),
            **left,
        }


async def flood(trial: Trial, given: Namespace) -> dict[str, object]:
    """Everybody else at a steady rate, without and with one person's questions waiting."""
    # A follow-up waits for its thread's own question, and that may be the flood's.
    trial.crowd.habits = replace(trial.crowd.habits, followups=0)
    alone, beside = _Heard(), _Heard()
    for number in range(given.rounds):
        await _round(trial, given, alone, number, questions=0)
        await _round(trial, given, beside, number, questions=given.questions)
    first, second = percentiles(alone.answer_s), percentiles(beside.answer_s)
    return {
        "alone": alone.shown(),
        "beside the flood": beside.shown(),
        "answer_ratio": {name: round(second[name] / first[name], 2) for name in _COMPARED},
    }


async def _round(
    trial: Trial, given: Namespace, heard: _Heard, number: int, questions: int
) -> None:
    await fresh(trial)
    crowd, slack = trial.crowd, trial.slack
    person = f"{_FLOODS}{number}"
    for start in range(0, questions, _AT_ONCE):
        many = range(start, min(start + _AT_ONCE, questions))
        await asyncio.gather(*(crowd.ask(person, f"C{one % given.flood_channels}") for one in many))
    crowd.acks_ms.clear()
    crowd.random.seed(number)
    await trial.ask_steadily(given.per_minute / 60, given.minutes * 60)
    heard.acks_ms += crowd.acks_ms
    # The flood may be open for long yet: only the others are looked at.
    others = [one for one in crowd.asked if one.person != person]
    while (accounts := settle(others, slack, await rows(trial.database))).lost:
        await asyncio.sleep(1)
    heard.queue_ms += accounts.queue_ms
    heard.answer_s += accounts.answer_s
    heard.flood_left.append(len(await open_rows(trial.database)))
