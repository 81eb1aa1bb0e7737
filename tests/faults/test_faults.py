"""A small trial under every kind of fault; `python -m tests.faults` runs larger ones."""

import shutil
from pathlib import Path

from knowledge.embedding.minilm import MiniLM
from tests.faults.plan import Plan
from tests.faults.report import report, table
from tests.faults.trial import carried_out, opened

PLAN = Plan(
    mentions=120,
    kills=11,
    restarts=1,
    drains=1,
    outstanding=24,
    patience_s=90,
    slow=0.3,
)


async def test_nothing_is_lost_and_nothing_said_twice(
    home: Path, encoder: MiniLM, tmp_path: Path
) -> None:
    await encoder.encode(["its graph is built before"])
    shutil.copytree(home / "encoders", tmp_path / "encoders")
    async with opened(PLAN, tmp_path) as trial:
        accounts = await carried_out(trial)
        found = report(trial, accounts)
    assert found["kept"], table(found)
    assert found["killed"] == PLAN.kills
    assert accounts.answered + accounts.given_up == PLAN.mentions
    assert accounts.stories.total() > accounts.stories["void"]
    assert trial.slack.faults["lost"]
    assert found["deliveries"] > PLAN.mentions  # type: ignore[operator]  # a count
