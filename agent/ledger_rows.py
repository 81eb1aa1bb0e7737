"""What the ledger's rows hold: questions as they are written down, and as they are read again."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Exists, FromClause, Row, Select, or_, select

from agent.leasing import storable
from agent.mentions import AttachedFile, Claim, Mention, answer_from_json, known
from agent.workspace_tables import mention as table


def row_of(mention: Mention) -> dict[str, Any]:
    """The row that the ledger holds of a question."""
    names = ("id", "event_id", "kind", "team", "channel", "ts", "thread_ts", "person")
    more = ("lane", "text", "response_url", "outside")
    row = {name: storable(getattr(mention, name)) for name in (*names, *more)}
    return row | {"files": storable([asdict(file) for file in mention.files])}


def claim_of(row: Row[Any]) -> Claim:
    """The claim that was just taken on a row."""
    posting = row.state == "posting"
    return Claim(
        mention=mention_of(row),
        token=row.lease,
        attempts=row.attempts,
        created_at=row.created_at,
        first=row.first,
        answer=answer_from_json(row.answer) if posting else None,
        error=row.error,
        resumed=posting,
        stream_ts=row.stream_ts,
        stopped=row.stopped,
    )


def mention_of(row: Row[Any]) -> Mention:
    """The question that a row of the ledger holds."""
    return Mention(
        event_id=row.event_id,
        kind=row.kind,
        team=row.team,
        channel=row.channel,
        ts=row.ts,
        thread_ts=row.thread_ts,
        person=row.person,
        text=row.text,
        response_url=row.response_url,
        outside=row.outside,
        files=tuple(AttachedFile(**known(AttachedFile, file)) for file in row.files),
        id=row.id,
    )


def in_lane(lane: str) -> Select[tuple[UUID]]:
    """Whether anybody called us in a thread: a row, or none."""
    return select(table.c.id).where(table.c.lane == lane, _called(table)).limit(1)


def called_before() -> Exists:
    """Whether anybody called us in a row's thread before it."""
    older = table.alias()
    same = (older.c.lane == table.c.lane, older.c.created_at < table.c.created_at)
    return select(older.c.id).where(*same, _called(older)).correlate(table).exists()


def _called(rows: FromClause) -> ColumnElement[bool]:
    # A question that was overheard and not answered calls us nowhere.
    return or_(rows.c.kind != "overheard", rows.c.answer_ts.is_not(None))
