"""What a process is like that runs until it is told to stop."""

import asyncio
import gc
import signal


async def on_duty() -> None:
    """Wait for SIGINT or SIGTERM; everything is up by now."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    # What is loaded stays: walking through it takes the collector a quarter of a second each time,
    # in which nothing is acknowledged.
    gc.freeze()
    await stop.wait()
