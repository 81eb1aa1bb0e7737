"""Whose turn it is: how much of one person's, and of one channel's, is worked on at a time.

Whoever asks a thousand things gets two answered at a time, and only these take part in the queue:
everybody else's question waits for no more than that.
"""

from sqlalchemy import Column, ColumnElement, ScalarSelect, Select, and_, func, literal, or_, select
from sqlalchemy.sql.selectable import CompoundSelect

from agent.leasing import is_head, is_open
from agent.workspace_tables import mention as table

OF_A_PERSON = 2
OF_A_CHANNEL = 8
"""Slack takes about one message a second in a channel: more at a time would only wait there."""


def is_due() -> ColumnElement[bool]:
    """Whether neither the row's person nor its channel has its share worked on already."""
    return and_(_held(table.c.person) < OF_A_PERSON, _held(table.c.channel) < OF_A_CHANNEL)


def has_turn(person: str) -> Select[bool]:
    """Whether the question of theirs that was just written down takes part in the queue.

    First come, first served from there: a lower priority would wait for ever while others ask.
    What is open in its channel does not matter: that may be one person's, and wait for them.
    Counts no further than it must, however many are open.
    """
    theirs = select(literal(1)).where(table.c.person == person, is_open(table))
    few = theirs.limit(OF_A_PERSON + 1).subquery()
    return select(func.count() <= OF_A_PERSON).select_from(few)


def following(lane: str, person: str, channel: str) -> "CompoundSelect[tuple[object, str]]":
    """The rows (id and lane) whose turn comes when one of this lane, person and channel is over."""
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
        for same in (table.c.lane == lane, table.c.person == person, table.c.channel == channel)
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
