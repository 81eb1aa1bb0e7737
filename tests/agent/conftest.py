"""Two ledgers over a test's own database."""

from datetime import timedelta

import pytest

from agent.ledger import Ledger
from bot.jobs.queue import enqueue_answers, job_app
from knowledge.database import Database


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database, enqueue_answers(job_app(database)))


@pytest.fixture
def forgetful(database: Database) -> Ledger:
    """A ledger whose leases are over as soon as they are given."""
    return Ledger(database, enqueue_answers(job_app(database)), lease=timedelta(0))
