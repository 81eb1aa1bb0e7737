"""What people decided about documents that were put before them."""

from sqlalchemy import Column, Table, Text

from knowledge.tables import metadata, moment

settled_finding = Table(
    "settled_finding",
    metadata,
    Column("key", Text, primary_key=True, comment="of what was found, words included"),
    Column("author", Text, nullable=False, comment="who looked at it"),
    moment("created_at"),
    comment="conflicts and stale documents that somebody says are right as they stand",
)
