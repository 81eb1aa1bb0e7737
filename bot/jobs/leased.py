"""Work under a lease: renewed for as long as it lasts, given up when the lease is lost."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from agent.leasing import LeaseLost

HAND_BACK = timedelta(seconds=2)
"""Before another worker takes what was cut off: its last request to Slack may still arrive."""


_CLEARING_UP_S = 3.0


async def keep(
    work: asyncio.Task[None], renew: Callable[[], Awaitable[object]], lease: timedelta
) -> None:
    """Hold the lease until the work is done. Raises what the work or the renewal raises.

    Work that has closed its row holds no lease any more, and may still clear up.
    """
    renew_after = lease.total_seconds() / 3
    while not work.done():
        done, _ = await asyncio.wait({work}, timeout=renew_after)
        if not done:
            try:
                await renew()
            except LeaseLost:
                await asyncio.wait({work}, timeout=_CLEARING_UP_S)
                if not work.done():
                    raise
    work.result()


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
