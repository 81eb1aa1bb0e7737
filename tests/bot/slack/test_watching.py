"""The watch beside listening goes on, whatever goes wrong in a look."""

import asyncio

import pytest
from sqlalchemy import text

from knowledge.database import Database
from tests.fakes.running import running_bot
from tests.fakes.slack_server import FakeSlack
from tests.fakes.slack_state import TEAM


async def until_said(caplog: pytest.LogCaptureFixture, words: str) -> None:
    async with asyncio.timeout(20):
        while words not in caplog.text:
            await asyncio.sleep(0.05)


async def test_a_queue_that_cannot_be_reached_ends_no_watch(
    slack: FakeSlack, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(
            text("INSERT INTO heard VALUES (:team, now() - interval '1 h')"), {"team": TEAM}
        )
        await connection.execute(
            text("ALTER FUNCTION procrastinate_defer_jobs_v1 RENAME TO out_of_reach")
        )
    async with running_bot(slack, database, None):
        await until_said(caplog, "no watch this time: ConnectorException")
        async with database.engine.begin() as connection:
            await connection.execute(
                text("ALTER FUNCTION out_of_reach RENAME TO procrastinate_defer_jobs_v1")
            )
        await until_said(caplog, "what was asked then is read up")
