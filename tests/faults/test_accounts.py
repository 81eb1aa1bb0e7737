"""The accounts see what they are there to see."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.faults.accounts import Accounts, settle
from tests.faults.crowd import Asked
from tests.faults.slack import ChaoticSlack


@dataclass
class Row:
    """As the ledger has it."""

    ts: str | None
    channel: str = "C1"
    thread_ts: str = "1.0"
    event_id: str = ""
    lane: str = "T:C1:1.0"
    state: str = "done"
    answer_ts: str | None = None
    answer: Any = None
    error: str | None = None
    queue_wait_ms: float = 1.0
    attempts: int = 1
    id: UUID = field(default_factory=uuid4)


@pytest.fixture
def slack() -> ChaoticSlack:
    return ChaoticSlack()


def asked(number: int, kind: str = "mention") -> Asked:
    return Asked(f"q{number:06d}", kind, "C1", f"{number}.0", "1.0", "U1", 0.0, 1.0)


def post(slack: ChaoticSlack, row: Row, number: int = 1, **other: Any) -> None:
    payload = {"mention": str(row.id), "part": 1}
    message = {
        "channel": row.channel,
        "thread_ts": row.thread_ts,
        "text": f"28 days, q{number:06d}",
        "metadata": {"event_payload": payload},
        **other,
    }
    slack.posted.append((2.0, message))


def counts(accounts: Accounts) -> tuple[int, int, int, int]:
    wrong = (accounts.lost, accounts.duplicated, accounts.unexplained, accounts.out_of_order)
    lost, duplicated, unexplained, out_of_order = (len(one) for one in wrong)
    return lost, duplicated, unexplained, out_of_order


def test_all_is_well(slack: ChaoticSlack) -> None:
    row = Row("1.0")
    post(slack, row)
    accounts = settle([asked(1)], slack, [row])
    assert counts(accounts) == (0, 0, 0, 0)
    assert accounts.answered == 1


def test_lost_before_and_after_it_was_written_down(slack: ChaoticSlack) -> None:
    accounts = settle([asked(1), asked(2)], slack, [Row("1.0", state="answering")])
    assert counts(accounts) == (2, 0, 0, 0)


def test_what_slack_gave_up_and_we_never_saw_is_not_lost(slack: ChaoticSlack) -> None:
    one = asked(1)
    one.acked = None
    accounts = settle([one], slack, [])
    assert counts(accounts) == (0, 0, 0, 0)
    assert accounts.given_up == 1


def test_said_twice(slack: ChaoticSlack) -> None:
    row = Row("1.0")
    post(slack, row)
    post(slack, row)
    assert counts(settle([asked(1)], slack, [row])) == (0, 1, 0, 0)


def test_a_failure_in_silence_and_an_answer_to_nothing(slack: ChaoticSlack) -> None:
    post(slack, Row("7.0"))
    rows = [Row("1.0", state="failed")]
    assert counts(settle([asked(1)], slack, rows)) == (0, 0, 2, 0)


def test_an_answer_in_the_wrong_thread_or_to_the_wrong_question(slack: ChaoticSlack) -> None:
    rows = [Row("1.0"), Row("2.0")]
    post(slack, rows[0], thread_ts="9.0")
    post(slack, rows[1], number=3)
    assert counts(settle([asked(1), asked(2)], slack, rows)) == (0, 0, 2, 0)


def test_answers_in_the_wrong_order(slack: ChaoticSlack) -> None:
    rows = [Row("1.0", answer_ts="5.0"), Row("2.0", answer_ts="4.0")]
    for number, row in enumerate(rows, 1):
        post(slack, row, number)
    assert counts(settle([asked(1), asked(2)], slack, rows)) == (0, 0, 0, 1)


def test_a_commands_answer_may_replace_itself_but_not_stand_twice(slack: ChaoticSlack) -> None:
    row = Row(None, event_id="command:1.0")
    waits = {"replace_original": False, "blocks": []}
    slack.responded["1.0"] = [(1.0, waits)]
    assert counts(settle([asked(1, "command")], slack, [row])) == (1, 0, 0, 0)
    answer = {"replace_original": True, "blocks": [{}]}
    slack.responded["1.0"] += [(2.0, answer)] * 2
    assert counts(settle([asked(1, "command")], slack, [row])) == (0, 0, 0, 0)
    slack.responded["1.0"].append((2.0, answer | {"replace_original": False}))
    assert counts(settle([asked(1, "command")], slack, [row])) == (0, 1, 0, 0)


def test_a_thread_has_its_most_troubled_questions_attempts(slack: ChaoticSlack) -> None:
    ledger = [Row("1.0", attempts=3), Row("2.0"), Row("3.0", thread_ts="3.0", attempts=2)]
    attempts = settle([], slack, ledger).attempts
    assert attempts == {("C1", "1.0"): 3, ("C1", "3.0"): 2}


def test_what_slack_and_the_model_took_at_the_same_time_is_taken_off_once(
    slack: ChaoticSlack,
) -> None:
    row = Row("1.0", queue_wait_ms=100.0, answer={"timings_ms": {"model": 900.0}})
    post(slack, row)
    # Another question of the thread was in work before; the last call outlasted the answer.
    slack.took["C1", "1.0"] += [(0.01, 0.05), (0.2, 0.6), (1.9, 2.4)]
    accounts = settle([asked(1)], slack, [row], {"q000001": [(0.5, 1.0), (0.55, 0.9)]})
    assert accounts.rest_ms == [pytest.approx(1900)]
    assert accounts.strict_ms == [pytest.approx(1900 - 800 - 100)]
    assert accounts.own_ms == [pytest.approx(1900 - 800 - 100 - 50)]  # it took the model 850
