"""``uv run python -m tests.faults``: how many questions are lost or answered twice under faults."""

import argparse
import asyncio
import json
import sys
import tempfile
from dataclasses import fields
from pathlib import Path

from bot.cli.console import Progress, progress
from tests.faults.plan import Plan
from tests.faults.report import report, table
from tests.faults.trial import Trial, carried_out, opened


def _plan() -> tuple[Plan, bool, str | None]:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    for one in fields(Plan):
        kind = type(one.default)
        parser.add_argument(
            f"--{one.name.replace('_', '-')}", type=kind, default=one.default, metavar=kind.__name__
        )
    parser.add_argument("--json", action="store_true", help="One JSON document instead of a table.")
    parser.add_argument("--home", help="Keep the database and the logs there.")
    given = vars(parser.parse_args())
    as_json, home = given.pop("json"), given.pop("home")
    return Plan(**given), as_json, home


async def _run(plan: Plan, home: Path) -> dict[str, object]:
    async with opened(plan, home) as trial:
        with progress("questions") as tell:
            telling = asyncio.create_task(_told(trial, tell))
            accounts = await carried_out(trial)
            telling.cancel()
        return report(trial, accounts)


async def _told(trial: Trial, tell: Progress) -> None:
    while True:
        tell(len(trial.crowd.asked), trial.plan.mentions)
        await asyncio.sleep(0.5)


def main() -> int:
    """Run the trial; the exit status says whether the promise held."""
    plan, as_json, home = _plan()
    with tempfile.TemporaryDirectory() as scratch:
        Path(scratch).chmod(0o755)  # the embedded server's own user must be able to enter
        found = asyncio.run(_run(plan, Path(home or scratch)))
    print(json.dumps(found, indent=2) if as_json else table(found))  # noqa: T201 - its output
    return 0 if found["kept"] else 1


if __name__ == "__main__":
    sys.exit(main())
