"""Whose turn it is: how much of one person's, and of one channel's, is worked on at a time.

Whoever asks a thousand things gets two answered at a time, and only these take part in the queue:
everybody else's question waits for no more than that.
"""

from functools import cache

from sqlalchemy import (
    Column,
    ColumnElement,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.sql.selectable import CompoundSelect

from agent.leasing import OF_LANE, is_head, is_open
from agent.workspace_tables import mention as table

OF_PERSON, IN_CHANNEL = "of_person", "in_channel"
"""Parameters of the statements, which are built once: that takes longer than to carry them out."""

OF_A_PERSON = 2
OF_A_CHANNEL = 8
"""Slack takes about one message a second in a channel: more at a time would only wait there."""


@cache
def is_due() -> ColumnElement[bool]:
    """Whether neither the row's person nor its channel has its share worked on already."""
    return and_(_held(table.c.person) < OF_A_PERSON, _held(table.c.channel) < OF_A_CHANNEL)


@cache
def has_turn() -> Select[bool]:
    """Whether the question just written down of `OF_PERSON` takes part in the queue.

    First come, first served from there: a lower priority would wait for ever while others ask.
    What is open in its channel does not matter: that may be one person's, and wait for them.
    Counts no further than it must, however many are open.
    """
    theirs = select(literal(1)).where(table.c.person == bindparam(OF_PERSON), is_open(table))
    few = theirs.limit(OF_A_PERSON + 1).subquery()
    return select(func.count() <= OF_A_PERSON).select_from(few)


@cache
def following() -> "CompoundSelect[tuple[object, str]]":
    """The rows (id and lane) whose turn comes when one of this lane, person and channel is over.

    Of `OF_LANE`, `OF_PERSON` and `IN_CHANNEL`.
    """
    others = table.alias()
    free = and_(
        is_open(table),
        or_(table.c.lease_until.is_(None), table.c.lease_until < func.now()),
        is_head(table, others),
        is_due(),
    )
    first = [
        select(table.c.id, table.c.lane)
        .where(free, same)
        .order_by(table.c.created_at)
        .limit(1)
        .subquery()
        for same in (
            table.c.lane == bindparam(OF_LANE),
            table.c.person == bindparam(OF_PERSON),
            table.c.channel == bindparam(IN_CHANNEL),
        )
    ]
    one, *more = (select(each) for each in first)
    return one.union(*more)


def _held(column: Column[str]) -> "ScalarSelect[int]":
    held = table.alias()
    return (
        select(func.count())
        .select_from(held)
        .where(
            held.c.lease.is_not(None),
            held.c.lease_until > func.now(),
            held.c[column.name] == column,
        )
        .correlate(table)
        .scalar_subquery()
    )
