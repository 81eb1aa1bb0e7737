"""What a worker does for many workspaces: one queue, whose wake-ups say which workspace's it is."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from bot.jobs.queue import ANSWER, ERRAND, ERRANDS, QUEUE, team_and_lane
from bot.jobs.sweep import Wakes
from bot.slack.errors import NotInstalled
from bot.slack.installs_agents import Agents
from bot.slack.installs_services import Services
from bot.slack.service import errand_rows
from bot.worker import Shift
from knowledge.storage.library import Library

logger = logging.getLogger(__name__)

_ERRANDS_AT_A_TIME = 2


@dataclass(frozen=True, slots=True)
class InstallsWork:
    """Runs each wake-up with its workspace's own service, agent and knowledge base."""

    services: Services
    agents: Agents
    library: Callable[[str], Library]

    def shifts(self, concurrency: int) -> tuple[Shift, ...]:
        """All that a worker does; so many questions are answered at a time, whoever's."""
        return tuple(
            Shift(queue, task, partial(self.run, queue), _Rows(self, queue), at_a_time)
            for queue, task, at_a_time in (
                (QUEUE, ANSWER, concurrency),
                (ERRANDS, ERRAND, _ERRANDS_AT_A_TIME),
            )
        )

    async def run(self, queue: str, wake_up: str) -> None:
        """Work off a lane of the workspace that the wake-up is for."""
        team, lane = team_and_lane(wake_up)
        try:
            installed, service = await self.services.of(team)
            async with self.agents.of(installed) as agent:
                shifts = service.shifts(agent, self.library(team), 1)
                await next(one for one in shifts if one.queue == queue).run(lane)
        except NotInstalled as error:
            logger.warning("questions are left alone: %s", error)
        except SQLAlchemyError as error:
            if team in await self.services.installs.teams():
                raise
            # Its schema went while the work was in hand.
            logger.warning(
                "%s removed the app: its work is dropped (%s)", team, type(error).__name__
            )


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of one queue in every workspace, where lost wake-ups are found again."""

    work: InstallsWork
    queue: str
    _rows: dict[str, Wakes] = field(default_factory=dict)

    async def wake_overdue(self) -> int:
        """Enqueue what nobody works on; a workspace that cannot be looked at stops no other."""
        woken = 0
        for team in await self.work.services.installs.teams():
            try:
                woken += await (await self._of(team)).wake_overdue()
            except Exception as error:  # noqa: BLE001 - whatever it is, it is this one's alone
                logger.warning("no sweep of %s this time: %s", team, type(error).__name__)
        return woken

    async def _of(self, team: str) -> Wakes:
        """Kept, because clocks among them remember when they looked."""
        if team not in self._rows:
            _, service = await self.work.services.of(team)
            library = self.work.library(team)
            errands = self.queue == ERRANDS
            self._rows[team] = errand_rows(service.desk, library) if errands else service.ledger
        return self._rows[team]
