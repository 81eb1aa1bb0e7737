"""Work that is stopped ends, whatever it makes of being cancelled."""

import asyncio
from contextlib import suppress

from bot.jobs.leased import ended


async def test_a_loop_that_takes_its_cancellation_for_an_outage_ends() -> None:
    async def watch() -> None:
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                break  # as a driver does that raises an error of its own instead
        await asyncio.sleep(60)

    loop = asyncio.create_task(watch())
    await asyncio.sleep(0)
    await asyncio.wait_for(ended(loop), 30)
    with suppress(asyncio.CancelledError):
        await loop
    assert loop.cancelled()
