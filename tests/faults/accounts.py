"""What became of every question: Slack's side against the ledger's."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from sqlalchemy import select

from agent.leasing import is_open
from agent.workspace_tables import mention as table
from knowledge.database import Database
from tests.faults.crowd import Asked
from tests.faults.model import TAG
from tests.faults.slack import ChaoticSlack

Span = tuple[float, float]
"""From when to when, by the monotonic clock, in seconds."""


@dataclass
class Accounts:
    """``lost``: acknowledged and nothing said. ``duplicated``: said more than once.

    ``unexplained``: failed in silence, or said in answer to nothing that was asked.
    """

    answered: int = 0
    apologies: int = 0
    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    given_up: int = 0
    """Never acknowledged, and not in the ledger: Slack's side knows that it failed."""
    answer_s: list[float] = field(default_factory=list)
    queue_ms: list[float] = field(default_factory=list)
    rest_ms: list[float] = field(default_factory=list)
    """Of each answer, from when it was sent until it was there: all but waiting in the queue."""
    strict_ms: list[float] = field(default_factory=list)
    """Of that, what neither Slack nor the model were at work on, by their own clocks: sending
    requests to them and reading their replies counts as ours."""
    own_ms: list[float] = field(default_factory=list)
    """The same with the model's time as the agent saw it, from asking until the last byte."""
    stages_ms: Mapping[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    attempts: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By thread: how often its most troubled question was taken up."""
    states: Counter[str] = field(default_factory=Counter)
    stories: Counter[str] = field(default_factory=Counter)
    """What people did with answers, by kind; ``void`` are those that could not go on."""
    errand_states: Counter[str] = field(default_factory=Counter)


async def rows(database: Database) -> list[Any]:
    """The whole ledger."""
    async with database.engine.connect() as connection:
        return list((await connection.execute(select(table).order_by(table.c.created_at))).all())


async def open_rows(database: Database) -> list[Any]:
    """What is not at its end yet."""
    async with database.engine.connect() as connection:
        return list((await connection.execute(select(table).where(is_open(table)))).all())


def settle(
    asked: Sequence[Asked],
    slack: ChaoticSlack,
    ledger: Sequence[Any],
    model: Mapping[str, Sequence[Span]] = MappingProxyType({}),
) -> Accounts:
    """Compare what was asked, what the ledger says and what stands in Slack.

    ``model`` is when it was at work on each question, by tag.
    """
    accounts = Accounts(states=Counter(row.state for row in ledger))
    by_place = {(row.channel, row.ts) if row.ts else row.event_id: row for row in ledger}
    for row in ledger:
        place = (row.channel, row.thread_ts)
        accounts.attempts[place] = max(accounts.attempts[place], row.attempts)
    said, first_said = _said(slack)
    for one in asked:
        key = f"command:{one.ts}" if one.kind == "command" else (one.channel, one.ts)
        row = by_place.pop(key, None)
        if one.kind == "command":
            # What only says that the question waits has no blocks.
            responses = [(at, m) for at, m in slack.responded[one.ts] if m["blocks"]]
            messages = [m for _, m in responses]
            when = [at for at, _ in responses][:1]
            # The first replaces the “working on it”; repeated, it replaces itself.
            copies = sum(not m["replace_original"] for m in messages) + bool(messages)
            parts = Counter({1: copies})
        else:
            parts = Counter()
            when = []
        if row is not None:
            parts += said.pop(str(row.id), Counter())
            when += first_said.get(str(row.id), [])
        _settle_one(one, row, parts, when, accounts)
        if row is not None and row.queue_wait_ms is not None and when:
            calls = slack.took[one.ts if one.kind == "command" else (one.channel, one.thread_ts)]
            written = model.get(one.tag, ())
            begun = one.sent + row.queue_wait_ms / 1000
            strict = 1000 * (when[0] - begun - covered([*calls, *written], begun, when[0]))
            accounts.strict_ms.append(strict)
            seen = ((row.answer or {}).get("timings_ms") or {}).get("model", 0.0)
            by_itself = 1000 * sum(end - begin for begin, end in written)
            accounts.own_ms.append(strict - max(0.0, seen - by_itself))
    accounts.unexplained += [f"answer to no question: {mention}" for mention in said]
    accounts.unexplained += [f"left half written: {one['ts']}" for one in slack.half_written()]
    accounts.unexplained += [f"row of no question: {row.id}" for row in by_place.values()]
    _check_texts(asked, slack, ledger, accounts)
    _check_order(ledger, accounts)
    return accounts


def _settle_one(
    one: Asked, row: Any, parts: Counter[int], when: list[float], accounts: Accounts
) -> None:
    if row is None:
        if one.acked is None:
            accounts.given_up += 1
        else:
            accounts.lost.append(f"{one.tag} {one.kind}: acknowledged and not in the ledger")
        return
    if not parts[1]:
        silent = f"{one.tag} {one.kind}: {row.state}, nothing said ({row.error})"
        (accounts.unexplained if row.state == "failed" else accounts.lost).append(silent)
        return
    accounts.answered += 1
    accounts.apologies += row.state == "failed"
    if max(parts.values()) > 1:
        accounts.duplicated.append(f"{one.tag} {one.kind}: {row.id} {dict(parts)}")
    accounts.answer_s.append(when[0] - one.sent)
    if row.queue_wait_ms is not None:
        accounts.queue_ms.append(row.queue_wait_ms)
        accounts.rest_ms.append(1000 * (when[0] - one.sent) - row.queue_wait_ms)
    for stage, spent in ((row.answer or {}).get("timings_ms") or {}).items():
        accounts.stages_ms[stage].append(spent)


def covered(spans: Iterable[Span], since: float, until: float) -> float:
    """How long, of the time between, at least one of the spans lasted."""
    total, reached = 0.0, since
    for begin, end in sorted(spans):
        begins, ends = max(begin, reached), min(end, until)
        if ends > begins:
            total, reached = total + ends - begins, ends
    return total


def _said(slack: ChaoticSlack) -> tuple[dict[str, Counter[int]], dict[str, list[float]]]:
    parts: dict[str, Counter[int]] = defaultdict(Counter)
    first: dict[str, list[float]] = {}
    for at, message in slack.posted:
        payload = message["metadata"]["event_payload"]
        parts[payload["mention"]][int(payload["part"])] += 1
        first.setdefault(payload["mention"], [at])
    return parts, first


def _check_texts(
    asked: Sequence[Asked], slack: ChaoticSlack, ledger: Sequence[Any], accounts: Accounts
) -> None:
    """Each message stands in the thread of its question, and answers that very question."""
    tags = {(one.channel, one.ts): one.tag for one in asked if one.kind != "command"}
    known = {str(row.id): row for row in ledger}
    for _, message in slack.posted:
        row = known.get(message["metadata"]["event_payload"]["mention"])
        if row is None or not row.ts:
            continue
        tag = tags.get((row.channel, row.ts), "")
        if (message["channel"], message.get("thread_ts")) != (row.channel, row.thread_ts):
            accounts.unexplained.append(f"{tag}: answered elsewhere, in {message['channel']}")
        if (named := TAG.findall(message["text"])) and tag not in named:
            accounts.unexplained.append(f"{tag}: answered with {named[-1]}")


def _check_order(ledger: Sequence[Any], accounts: Accounts) -> None:
    """Answers in one thread come in the order in which their questions were written down."""
    last: dict[str, str] = {}
    for row in ledger:
        if row.answer_ts is None:
            continue
        if row.answer_ts < last.get(row.lane, ""):
            accounts.out_of_order.append(str(row.id))
        last[row.lane] = row.answer_ts
