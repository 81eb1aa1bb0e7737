"""What a process looks after every few seconds, for as long as it runs."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from bot.jobs.leased import ended

logger = logging.getLogger(__name__)


async def repeated(look: Callable[[], Awaitable[object]], every_s: float, what: str) -> None:
    """Look until cancelled; ``what`` it is names it in the log when one look fails."""
    while True:
        try:
            await look()
        except Exception as error:  # noqa: BLE001 - whatever it is, the next look may do better
            logger.warning("no %s this time: %s", what, type(error).__name__)
        await asyncio.sleep(every_s)


@asynccontextmanager
async def repeating(
    look: Callable[[], Awaitable[object]], every_s: float, what: str
) -> AsyncIterator[None]:
    """As `repeated`, for as long as the block lasts."""
    task = asyncio.create_task(repeated(look, every_s, what))
    try:
        yield
    finally:
        await ended(task)
