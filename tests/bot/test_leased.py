"""Work that is stopped ends, whatever it makes of being cancelled."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy.exc import SQLAlchemyError

from agent.leasing import LeaseLost
from bot.jobs.leased import ended, keep, written_down

LEASE = timedelta(seconds=0.6)


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


class Renewals:
    """Renewals that the database answers as told, the last time for ever."""

    def __init__(self, *errors: Exception | None) -> None:
        self.errors = list(errors)
        self.asked = 0

    async def renew(self) -> None:
        self.asked += 1
        error = self.errors.pop(0) if len(self.errors) > 1 else self.errors[0]
        if error is not None:
            raise error


@pytest.mark.parametrize("away", [SQLAlchemyError("away"), ConnectionRefusedError()])
async def test_work_outlives_a_database_that_is_away_for_a_moment(away: Exception) -> None:
    renewals = Renewals(away, None)
    work = asyncio.create_task(asyncio.sleep(2 * LEASE.total_seconds()))
    await keep(work, renewals.renew, LEASE)
    assert renewals.asked > 2


async def test_work_ends_before_a_lease_that_cannot_be_renewed() -> None:
    renewals = Renewals(SQLAlchemyError("away"))
    work = asyncio.create_task(asyncio.sleep(60))
    clock = asyncio.get_running_loop().time
    began = clock()
    with pytest.raises(SQLAlchemyError):
        await keep(work, renewals.renew, LEASE)
    assert renewals.asked > 1
    assert clock() - began > LEASE.total_seconds() * 2 / 3
    work.cancel()


async def test_a_lost_lease_ends_the_work_without_another_try() -> None:
    renewals = Renewals(LeaseLost())
    work = asyncio.create_task(asyncio.sleep(60))
    with pytest.raises(LeaseLost):
        await keep(work, renewals.renew, LEASE)
    assert renewals.asked == 1
    with pytest.raises(LeaseLost):
        await written_down(renewals.renew)
    assert renewals.asked == 2
    work.cancel()
