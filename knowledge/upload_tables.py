"""What uploads keep of documents: those on their way to the workers, and those that failed."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from knowledge.tables import metadata, moment

upload_failure = Table(
    "upload_failure",
    metadata,
    Column("collection", Text, nullable=False, comment="the upload's, as its settings"),
    Column("source", Text, nullable=False, comment="the document's, or what could not be read"),
    Column("uri", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("root", Text, nullable=False, comment="the path that the upload was given"),
    Column("settings", JSONB, nullable=False, comment="the upload's: audience, owner, expiry"),
    moment("created_at"),
    PrimaryKeyConstraint("collection", "source"),
    comment="what uploads could not store, to be tried alone",
)

staged = Table(
    "staged",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("upload", Uuid, nullable=False),
    Column("encoder", Text, nullable=False, comment="whose vectors are wanted"),
    Column("collection", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("size", Integer, nullable=False, comment="characters of its text"),
    Column("draft", JSONB, comment="the parsed document; null: no more needed"),
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("chunks", Integer, nullable=False, server_default="0"),
    Column("reason", Text, comment="why it failed"),
    Column("lease", Uuid),
    Column("lease_until", DateTime(timezone=True)),
    moment("created_at"),
    Index("ix_staged_upload", "upload", "state"),
    Index("ix_staged_waiting", "id", postgresql_where=text("state = 'waiting'")),
    Index("ix_staged_source", "collection", "source"),
    comment="an upload's documents on their way to the workers",
)
