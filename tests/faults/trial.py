"""One trial: a fleet on a Postgres of its own, a crowd that asks, faults, and the accounts."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from agent.policies import Policies, Policy
from knowledge.database import Database, open_database
from tests.fakes.slack_server import APP_TOKEN, BOT_TOKEN
from tests.fakes.slack_state import TEAM
from tests.faults.accounts import Accounts, open_rows, rows, settle
from tests.faults.chaos import Chaos
from tests.faults.crowd import Crowd, Habits
from tests.faults.errand_accounts import open_errands, settle_errands
from tests.faults.errands import ADMIN, EXPERTS, Errands
from tests.faults.fleet import Fleet, Member
from tests.faults.model import ChaoticModel, chaotic_model
from tests.faults.plan import Plan
from tests.faults.postgres import Postgres, running_postgres
from tests.faults.slack import ChaoticSlack, Shares
from tests.faults.slack_app import chaotic_slack

_PAGE = """# Annual leave

Employees get 28 days of annual leave in each calendar year, part-timers their share of it.
Leave that is not taken by the end of March is lost.
"""

_CONNECTIONS = text("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")


@dataclass
class Trial:
    """The running parts, open to whoever measures them."""

    plan: Plan
    postgres: Postgres
    database: Database
    slack: ChaoticSlack
    model: ChaoticModel
    fleet: Fleet
    chaos: Chaos
    crowd: Crowd
    errands: Errands
    started: float = field(default_factory=time.monotonic)
    memory: list[tuple[float, str, float]] = field(default_factory=list)
    """Seconds since the start, a process's name, its MB."""
    connections: list[tuple[float, int]] = field(default_factory=list)
    """Seconds since the start, how many Postgres has."""
    recovered: list[tuple[tuple[str, str], float]] = field(default_factory=list)
    """Threads whose worker was killed, and after how many seconds another was at work there."""
    _orphans: dict[tuple[str, str], tuple[float, str]] = field(default_factory=dict)

    def share(self) -> float:
        """How much of the run is over."""
        return len(self.crowd.asked) / self.plan.mentions

    async def due(self, share: float) -> None:
        """Wait until so much of the run is over."""
        while self.share() < share:
            await asyncio.sleep(0.02)

    def hit(self, member: Member, _how: str) -> None:
        """Remember what the process held, to see when that is taken up again."""
        for place in self.slack.holding.pop(member.name, set()):
            self._orphans.setdefault(place, (time.monotonic(), member.name))

    async def ask_all(self) -> None:
        """All questions, as fast as the answers come."""
        asking: set[asyncio.Task[Any]] = set()
        while len(self.crowd.asked) < self.plan.mentions:
            open_ = len(self.crowd.asked) - self.answers()
            if open_ >= self.plan.outstanding or len(asking) >= self.plan.outstanding:
                await asyncio.sleep(0.01)
                continue
            task = asyncio.create_task(self.crowd.ask())
            asking.add(task)
            task.add_done_callback(asking.discard)
            await asyncio.sleep(0)
        if asking:
            await asyncio.wait(asking)
        await self.crowd.settled()

    def answers(self) -> int:
        """How many messages and responses there are, copies included."""
        return len(self.slack.posted) + len(self.slack.responded)

    async def observe(self) -> None:
        """Memory and recoveries, until cancelled."""
        while True:
            for member in self.fleet.members.values():
                spent = time.monotonic() - self.started
                self.memory.append((spent, member.name, member.memory_mb()))
            with suppress(SQLAlchemyError, OSError):
                still = {(row.channel, row.thread_ts) for row in await open_rows(self.database)}
                # Who was killed after its last question had ended left nothing behind.
                self._orphans = {k: hit for k, hit in self._orphans.items() if k in still}
                self.connections.append((time.monotonic() - self.started, await self._connected()))
            await asyncio.sleep(2)

    async def _connected(self) -> int:
        async with self.database.engine.connect() as connection:
            return int(await connection.scalar(_CONNECTIONS) or 0)

    async def ask_steadily(self, per_second: float, seconds: float, **who: str) -> None:
        """So many questions a second, whether or not they are answered meanwhile."""
        asking: set[asyncio.Task[Any]] = set()
        started = time.monotonic()
        for number in range(round(per_second * seconds)):
            await asyncio.sleep(started + number / per_second - time.monotonic())
            task = asyncio.create_task(self.crowd.ask(**who))
            asking.add(task)
            task.add_done_callback(asking.discard)
        if asking:
            await asyncio.wait(asking)
        await self.crowd.settled()

    def taken(self, place: tuple[str, str], name: str) -> None:
        """A process is at work in a thread; the last words of one just killed do not count."""
        since, held_by = self._orphans.get(place, (0.0, name))
        if held_by != name:
            self.recovered.append((place, time.monotonic() - since))
            del self._orphans[place]

    async def finished(self) -> None:
        """Wait until the ledger has nothing open, or nothing moves any more."""
        moved = time.monotonic()
        seen = -1
        while time.monotonic() - moved < self.plan.patience_s:
            if not await open_rows(self.database) and not await open_errands(self.database):
                return
            if self.answers() != seen:
                seen, moved = self.answers(), time.monotonic()
            await asyncio.sleep(1)

    async def accounts(self) -> Accounts:
        """What became of everything."""
        accounts = settle(self.crowd.asked, self.slack, await rows(self.database), self.model.took)
        await settle_errands(self.errands, self.database, accounts)
        return accounts


@asynccontextmanager
async def opened(plan: Plan, home: Path) -> AsyncIterator[Trial]:
    """Everything up and listening, a page uploaded, nothing asked yet."""
    dice = random.Random(plan.seed)
    async with AsyncExitStack() as stack:
        postgres = await stack.enter_async_context(running_postgres(home))
        database = await stack.enter_async_context(open_database(postgres.url, home))
        shares = Shares(plan.lost, plan.limited, plan.broken, plan.stalled, plan.closed)
        slack = ChaoticSlack(dice=random.Random(dice.random()), shares=shares)
        slack_url = await stack.enter_async_context(chaotic_slack(slack))
        model = ChaoticModel(random.Random(dice.random()), lambda _e, _n: None)
        model.trouble, model.slow, model.thinking_s = plan.model_trouble, plan.slow, plan.thinking_s
        await stack.enter_async_context(chaotic_model(model))
        fleet = Fleet(
            home, _environment(plan, home, postgres), {}, plan.servers, plan.workers, plan.over
        )
        fleet.urls = {"SLACK_API_URL": slack_url, "OPENAI_BASE_URL": model.url}
        chaos = Chaos(fleet, random.Random(dice.random()), plan.lease_s)
        slack.passed = model.passed = chaos.passed
        habits = Habits(files=plan.files, redelivered=plan.redelivered)
        crowd = Crowd(slack, fleet, random.Random(dice.random()), habits, chaos.passed)
        crowd.session = await stack.enter_async_context(aiohttp.ClientSession())
        errands = Errands(slack, crowd, random.Random(dice.random()), plan.errands)
        crowd.follow = errands.follow
        trial = Trial(plan, postgres, database, slack, model, fleet, chaos, crowd, errands)
        chaos.hit, slack.taken = trial.hit, trial.taken
        page = home / "leave.md"
        page.write_text(_PAGE)
        await asyncio.to_thread(fleet.run(("upload", str(page)), "upload").join)
        await _name_experts(database, habits.channels)
        stack.callback(fleet.stop)
        fleet.fill()
        await fleet.listening(slack.sockets)
        keeping = [asyncio.create_task(fleet.keep()), asyncio.create_task(trial.observe())]
        trial.started = time.monotonic()
        try:
            yield trial
        finally:
            for task in keeping:
                task.cancel()
            await asyncio.gather(*keeping, return_exceptions=True)


async def carried_out(trial: Trial) -> Accounts:
    """Ask everything under the plan's faults, wait for the last answer, and settle."""
    plan, chaos = trial.plan, trial.chaos
    async with asyncio.TaskGroup() as group:
        group.create_task(trial.ask_all())
        group.create_task(chaos.kill_many(plan.kills, trial.due))
        group.create_task(chaos.freeze_many(plan.freezes, trial.due))
        group.create_task(chaos.drain_many(plan.drains, trial.due))
        group.create_task(_crash_postgres(trial))
    await trial.finished()
    await trial.errands.ended(plan.patience_s)
    await trial.finished()
    return await trial.accounts()


async def _crash_postgres(trial: Trial) -> None:
    for number in range(trial.plan.restarts):
        await trial.due((number + 1) / (trial.plan.restarts + 1))
        await trial.postgres.crash(down_s=1.0)


async def _name_experts(database: Database, channels: int) -> None:
    for number in range(channels):
        expert = EXPERTS[number % len(EXPERTS)]
        await Policies(database).save(Policy(TEAM, f"C{number}", expert=expert))


def _environment(plan: Plan, home: Path, postgres: Postgres) -> dict[str, str]:
    return {
        "KNOWHOW_HOME": str(home),
        "KNOWHOW_DATABASE_URL": postgres.url,
        "KNOWHOW_WORKERS": str(plan.at_a_time),
        "KNOWHOW_LEASE_S": str(plan.lease_s),
        "KNOWHOW_CHAT_TIMEOUT_S": str(plan.chat_timeout_s),
        "KNOWHOW_ADMINS": ADMIN,
        "KNOWHOW_DAILY_QUESTIONS": "100000",
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_APP_TOKEN": APP_TOKEN,
    }
