"""Work under a lease: renewed for as long as it lasts, given up when the lease is lost."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from procrastinate.exceptions import ConnectorException
from sqlalchemy.exc import SQLAlchemyError

from agent.leasing import LeaseLost

logger = logging.getLogger(__name__)

HAND_BACK = timedelta(seconds=2)
"""Before another worker takes what was cut off: its last request to Slack may still arrive."""


AWAY = (SQLAlchemyError, ConnectorException, OSError)
"""What is raised where the database cannot be reached, which may be for a moment only."""

_CLEARING_UP_S = 3.0
_AGAIN_AFTER_S = 2.0
_AWAY_FOR_S = 20.0
"""As long as a restart of Postgres takes, and well within a lease that was just renewed."""


async def keep(
    work: asyncio.Task[None], renew: Callable[[], Awaitable[object]], lease: timedelta
) -> None:
    """Hold the lease until the work is done. Raises what the work or the renewal raises.

    Work that has closed its row holds no lease any more, and may still clear up. A database that
    is away for a moment takes no lease from anybody: the work goes on until most of it is over.
    """
    clock = asyncio.get_running_loop().time
    renew_after = pause = lease.total_seconds() / 3
    renewed = clock()
    while not work.done():
        done, _ = await asyncio.wait({work}, timeout=pause)
        if not done:
            asked = clock()
            try:
                await renew()
            except LeaseLost:
                await asyncio.wait({work}, timeout=_CLEARING_UP_S)
                if not work.done():
                    raise
            except AWAY as error:
                if clock() - renewed > 2 * renew_after:
                    raise
                logger.warning("a lease is not renewed yet: %s", type(error).__name__)
                pause = min(_AGAIN_AFTER_S, renew_after)
            else:
                renewed, pause = asked, renew_after
    work.result()


async def written_down(move: Callable[[], Awaitable[object]]) -> None:
    """Make a move of the row that says what Slack has got, though the database restarts just now.

    Else it would be sent again. Raises LeaseLost at once, and the database's error in the end.
    """
    clock = asyncio.get_running_loop().time
    until = clock() + _AWAY_FOR_S
    while True:
        try:
            await move()
        except AWAY as error:
            if clock() > until:
                raise
            logger.warning("what was sent is not written down yet: %s", type(error).__name__)
        else:
            return
        await asyncio.sleep(_AGAIN_AFTER_S)


async def stopped(work: asyncio.Task[None]) -> None:
    """Cancel it and wait until it has ended, or only clears up at a Slack that does not answer."""
    work.cancel()
    await asyncio.wait({work}, timeout=_CLEARING_UP_S)


async def ended(loop: asyncio.Task[None]) -> None:
    """Cancel what goes on for ever until it has ended.

    Once is not enough: a database driver cut off while it connects may raise an error of its own
    instead, which such a loop takes for an outage.
    """
    while not loop.done():
        loop.cancel()
        await asyncio.wait({loop}, timeout=1.0)
