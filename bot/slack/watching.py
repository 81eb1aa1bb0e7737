"""What goes on beside listening: noting that we listen, and telling people that they wait."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from agent.hearing import Hearing
from bot.jobs.repeating import repeating
from bot.jobs.waiting import tell_waiting
from bot.slack.desk import Desk

if TYPE_CHECKING:
    from bot.slack.installs_services import Services

logger = logging.getLogger(__name__)

_EVERY_S = 5.0
_AT_ONCE = 4
"""Workspaces: one whose Slack hangs must not keep the others waiting, nor all the connections."""


async def _always() -> bool:
    return True


@asynccontextmanager
async def watching(
    desk: Desk,
    team: str,
    connected: Callable[[], Awaitable[bool]] = _always,
    every_s: float = _EVERY_S,
) -> AsyncIterator[None]:
    """Watch for as long as the block lasts; ``connected`` says whether events can reach us."""

    async def look() -> None:
        await _look(desk, team, connected)

    async with repeating(look, every_s, "watch"):
        yield


@asynccontextmanager
async def watching_installed(
    services: "Services", every_s: float = _EVERY_S
) -> AsyncIterator[None]:
    """The same for every workspace that has us; one that cannot be watched stops no other."""
    # Asked for at every look, each desk would push one that is in use out of the services.
    desks: dict[str, tuple[int, Desk]] = {}

    async def desk_of(team: str) -> Desk:
        installed = await services.installs.find(team)
        if team not in desks or desks[team][0] != installed.id:
            installed, service = await services.of(team)
            desks[team] = installed.id, service.desk
        return desks[team][1]

    async def look() -> None:
        teams = await services.installs.teams()
        for gone in desks.keys() - set(teams):
            del desks[gone]
        turn = asyncio.Semaphore(_AT_ONCE)

        async def look_at(team: str) -> None:
            async with turn:
                try:
                    await _look(await desk_of(team), team)
                except Exception as error:  # noqa: BLE001 - whatever it is, it is this one's alone
                    logger.warning("no watch kept over %s: %s", team, type(error).__name__)

        await asyncio.gather(*(look_at(team) for team in teams))

    async with repeating(look, every_s, "watch"):
        yield


async def _look(desk: Desk, team: str, connected: Callable[[], Awaitable[bool]] = _always) -> None:
    if await connected() and await Hearing(desk.database, desk.errands).beat(team):
        logger.warning("nobody listened for some time: what was asked then is read up")
    await tell_waiting(desk.ledger, desk.workspaces)
