"""The accounts of clicks and forms see what they are there to see."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest

from bot.slack.sending import named
from tests.faults.accounts import Accounts
from tests.faults.errand_accounts import settle_rows, settle_stories
from tests.faults.errands import Expected, Story
from tests.faults.slack import ChaoticSlack, is_an_errands

SHARED = Expected("C1", None, ("q000001", "shares"))


@dataclass
class Row:
    """As the table has it."""

    kind: str = "share"
    state: str = "done"
    error: str | None = None
    progress: Mapping[str, Any] = field(default_factory=lambda: {"sent shared": "5.0"})
    id: UUID = field(default_factory=uuid4)


@pytest.fixture
def slack() -> ChaoticSlack:
    return ChaoticSlack()


def sent(slack: ChaoticSlack, row: Row, name: str = "shared") -> None:
    payload = {"mention": str(named(row.id, name)), "part": 1}
    text = "U1 asked q000001 and shares the answer"
    message = {"channel": "C1", "text": text, "metadata": {"event_payload": payload}}
    assert is_an_errands(message)
    slack.errands.append(message)


def counts(accounts: Accounts) -> tuple[int, int, int]:
    return len(accounts.lost), len(accounts.duplicated), len(accounts.unexplained)


def of_rows(slack: ChaoticSlack, *rows: Row) -> tuple[int, int, int]:
    accounts = Accounts()
    settle_rows(rows, slack, accounts)
    return counts(accounts)


def test_a_message_is_there_once(slack: ChaoticSlack) -> None:
    row = Row()
    assert of_rows(slack, row) == (1, 0, 0)
    sent(slack, row)
    assert of_rows(slack, row) == (0, 0, 0)
    sent(slack, row)
    assert of_rows(slack, row) == (0, 1, 0)


def test_an_errand_ends_and_not_in_silence(slack: ChaoticSlack) -> None:
    assert of_rows(slack, Row(state="working", progress={})) == (1, 0, 0)
    assert of_rows(slack, Row(state="failed", progress={})) == (0, 0, 1)
    told = Row(state="failed", progress={"sent apology": "5.0"})
    sent(slack, told, "apology")
    assert of_rows(slack, told) == (0, 0, 0)


def test_a_message_that_nobody_wanted(slack: ChaoticSlack) -> None:
    sent(slack, Row())
    assert of_rows(slack) == (0, 0, 1)


@pytest.mark.parametrize(
    ("story", "copies", "found"),
    [
        (Story("share", "q000001", over=True, expected=[SHARED]), 1, (0, 0, 0)),
        (Story("share", "q000001", over=True, expected=[SHARED]), 0, (1, 0, 0)),
        (Story("share", "q000001", over=True, expected=[SHARED]), 2, (0, 1, 0)),
        (Story("share", "q000001", expected=[]), 0, (1, 0, 0)),
        (Story("share", "q000001", void=True, expected=[SHARED]), 0, (0, 0, 0)),
        (Story("share", "q000001", void=True, expected=[SHARED]), 2, (0, 1, 0)),
    ],
)
def test_a_story_leads_to_its_messages_once(
    slack: ChaoticSlack, story: Story, copies: int, found: tuple[int, int, int]
) -> None:
    for _ in range(copies):
        sent(slack, Row())
    accounts = Accounts()
    settle_stories([story], slack, accounts)
    assert counts(accounts) == found
