"""What goes on beside listening: noting that we listen, and telling people that they wait."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from sqlalchemy.exc import SQLAlchemyError

from agent.hearing import Hearing
from bot.jobs.leased import ended
from bot.jobs.waiting import tell_waiting
from bot.slack.desk import Desk

logger = logging.getLogger(__name__)

_EVERY_S = 5.0


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
    watch = asyncio.create_task(_watch(desk, team, connected, every_s))
    try:
        yield
    finally:
        await ended(watch)


async def _watch(
    desk: Desk, team: str, connected: Callable[[], Awaitable[bool]], every_s: float
) -> None:
    hearing = Hearing(desk.database, desk.errands)
    while True:
        try:
            if await connected() and await hearing.beat(team):
                logger.warning("nobody listened for some time: what was asked then is read up")
            await tell_waiting(desk.ledger, desk.workspaces)
        except (SQLAlchemyError, OSError) as error:
            logger.warning("no watch kept this time: %s", type(error).__name__)
        await asyncio.sleep(every_s)
