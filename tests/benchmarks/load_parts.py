"""What every mode of the load benchmark starts from, and what it says while it runs."""

import asyncio
import gc
import sys
import time

from bot.jobs.waiting import BUSY
from tests.faults.plan import Plan
from tests.faults.report import percentiles
from tests.faults.trial import Trial

QUIET = Plan(
    mentions=0,
    lost=0,
    redelivered=0,
    limited=0,
    broken=0,
    stalled=0,
    model_trouble=0,
    slow=0,
    errands=0,
    files=0,
    lease_s=60,
    patience_s=60,
)
_WARMING = 24
_LATEST = 500
_SAID_EVERY_S = 10.0


async def fresh(trial: Trial) -> None:
    """Every process warmed up, and nothing of that in the accounts."""
    if not trial.crowd.asked:
        await asyncio.gather(*(trial.crowd.ask() for _ in range(_WARMING)))
    await trial.finished()
    for one in (trial.crowd.asked, trial.crowd.acks_ms, trial.slack.posted, trial.slack.statuses):
        one.clear()
    trial.crowd.failures.clear()
    trial.slack.responded.clear()
    gc.freeze()  # else this process stands still now and then, and all that waits is sent at once


def told_to_wait(trial: Trial) -> int:
    """How many questions' authors were told how many are before them."""
    begins = BUSY.en.partition("{")[0]
    threads = {(channel, ts) for channel, ts, said in trial.slack.statuses if begins in said}
    commands = [
        trigger
        for trigger, responses in trial.slack.responded.items()
        if any(not response["blocks"] for _, response in responses)
    ]
    return len(threads) + len(commands)


async def say_progress(trial: Trial) -> None:
    """A line on stderr now and then, until cancelled."""
    while True:
        await asyncio.sleep(_SAID_EVERY_S)
        asked, answers = len(trial.crowd.asked), trial.answers()
        acks = percentiles(trial.crowd.acks_ms[-_LATEST:])
        line = (
            f"{time.monotonic() - trial.started:6.0f} s  asked {asked}  answers {answers}  "
            f"ack p50 {acks.get('p50', '-')} p99 {acks.get('p99', '-')} ms"
        )
        print(line, file=sys.stderr, flush=True)
