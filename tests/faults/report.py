"""The accounts as numbers: one JSON document, or a table for people."""

import time
from collections.abc import Sequence

import numpy as np

from tests.faults.accounts import Accounts
from tests.faults.chaos import SEND_WINDOW
from tests.faults.trial import Trial

_SHOWN = 20
_ONCE_RESUMED = 2
_GROWN_UP_S = 15
"""A process younger than that still loads what it needs."""


def report(trial: Trial, accounts: Accounts) -> dict[str, object]:
    """Everything that was counted and measured; ``kept`` says whether the promise held."""
    wrong = {
        "lost": accounts.lost,
        "duplicated": accounts.duplicated,
        "unexplained": accounts.unexplained,
        "out_of_order": accounts.out_of_order,
    }
    allowed = trial.plan.mentions // 1000 if trial.plan.freezes else 0
    return {
        "kept": not (accounts.lost or accounts.unexplained or accounts.out_of_order)
        and len(accounts.duplicated) <= allowed,
        "mentions": len(trial.crowd.asked),
        **{name: len(found) for name, found in wrong.items()},
        "answered": accounts.answered,
        "of_them_explained_errors": accounts.apologies,
        "never_acked": accounts.given_up,
        "stories": dict(sorted(accounts.stories.items())),
        "errands": dict(sorted(accounts.errand_states.items())),
        "presses": {
            "all": trial.errands.presses.all,
            "unheard": trial.errands.presses.unheard,
        },
        "kills": dict(sorted(trial.chaos.kills.items())),
        "killed": trial.chaos.kills.total(),
        "freezes": dict(sorted(trial.chaos.frozen.items())),
        "frozen": trial.chaos.frozen.total(),
        "frozen_around_a_sending": trial.chaos.frozen[SEND_WINDOW],
        "drain_s": percentiles(trial.chaos.drained),
        "postgres_restarts": trial.plan.restarts,
        "slack_faults": dict(sorted(trial.slack.faults.items())),
        "failed_deliveries": dict(sorted(trial.crowd.failures.items())),
        "deliveries": len(trial.crowd.acks_ms),
        "ack_ms": percentiles(trial.crowd.acks_ms),
        "answer_s": percentiles(accounts.answer_s),
        "queue_wait_ms": percentiles(accounts.queue_ms),
        "stages_ms": {name: percentiles(ms) for name, ms in accounts.stages_ms.items()},
        "recovery_s": percentiles([spent for _, spent in trial.recovered]),
        # The lease of a worker that is killed while it resumes has to end as well.
        "recovery_of_one_kill_s": percentiles(
            [spent for place, spent in trial.recovered if accounts.attempts[place] == _ONCE_RESUMED]
        ),
        "model_asked_again": sum(count - 1 for count in trial.model.asked.values()),
        "memory_growth": growth(trial.memory),
        "seconds": round(time.monotonic() - trial.started, 1),
        "examples": {name: found[:_SHOWN] for name, found in wrong.items() if found},
    }


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """Count, p50, p95, p99 and the largest."""
    if not values:
        return {"n": 0}
    p50, p95, p99 = np.percentile(values, (50, 95, 99))
    found = {"p50": p50, "p95": p95, "p99": p99, "max": max(values)}
    return {"n": len(values)} | {name: round(float(value), 2) for name, value in found.items()}


def stages(trial: Trial, accounts: Accounts) -> dict[str, object]:
    """Where an answer's time goes; ``own_ms`` is without what the fakes of the others take."""
    return {
        "answered": accounts.answered,
        "ack_ms": percentiles(trial.crowd.acks_ms),
        "queue_wait_ms": percentiles(accounts.queue_ms),
        "rest_ms": percentiles(accounts.rest_ms),
        "own_ms_strictly": percentiles(accounts.strict_ms),
        "own_ms": percentiles(accounts.own_ms),
        "graph_ms": {name: percentiles(ms) for name, ms in accounts.stages_ms.items()},
        "answer_s": percentiles(accounts.answer_s),
    }


def growth(memory: Sequence[tuple[float, str, float]]) -> float | None:
    """Of the processes' mean size, second half of the run against the first; None: too short."""
    born: dict[str, float] = {}
    for at, name, _ in memory:
        born.setdefault(name, at)
    grown = [(at, mb) for at, name, mb in memory if mb and at - born[name] >= _GROWN_UP_S]
    if not grown:
        return None
    middle = (grown[0][0] + grown[-1][0]) / 2
    halves = [mb for at, mb in grown if at < middle], [mb for at, mb in grown if at >= middle]
    if not all(halves):
        return None
    first, second = (sum(half) / len(half) for half in halves)
    return round(second / first - 1, 4)


def table(found: dict[str, object]) -> str:
    """The same, a line each."""
    return "\n".join(f"{name:>26}  {_line(value)}" for name, value in found.items())


def _line(value: object) -> str:
    if isinstance(value, dict):
        return "   ".join(f"{name} {_line(one)}" for name, one in value.items()) or "none"
    if isinstance(value, list):
        return "".join(f"\n{'':>30}{one}" for one in value)
    return str(value)
