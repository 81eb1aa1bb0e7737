"""The agent's tables: curated pairs, the registry of domain models, and the mention ledger."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from knowledge.tables import metadata, moment

pair = Table(
    "pair",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("topic", Text, nullable=False, comment="given, else derived from the answer"),
    Column("audience", ARRAY(Text), nullable=False),
    Column("source", Text, nullable=False, comment="the file it was imported from"),
    Column("state", Text, nullable=False, server_default="approved"),
    Column("digest", Text, nullable=False, unique=True, comment="of question and answer"),
    Column("document_id", BigInteger, comment="what it was made from; it may have gone since"),
    Column("document_version", Integer),
    moment("created_at"),
    CheckConstraint("state IN ('candidate', 'approved', 'rejected', 'stale')", name="state"),
    Index("ix_pair_answer", "answer", postgresql_using="hash"),
    Index("ix_pair_document", "document_id"),
)

domain_model = Table(
    "domain_model",
    metadata,
    Column("version", Integer, Identity(always=True), primary_key=True),
    Column("backend", Text, nullable=False, comment="head; later lora, openai"),
    Column("encoder", Text, nullable=False),
    Column("parameters", LargeBinary, nullable=False, comment="safetensors"),
    Column("manifest", JSONB, nullable=False, comment="pairs, hashes, settings, own estimates"),
    moment("created_at"),
)

promotion = Table(
    "promotion",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("version", ForeignKey("domain_model.version"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("evidence", JSONB, nullable=False),
    moment("created_at"),
)

calibration = Table(
    "calibration",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("fingerprint", Text, nullable=False, comment="of what it was fitted on"),
    Column("parameters", JSONB, nullable=False),
    moment("created_at"),
    UniqueConstraint("fingerprint"),
)

prompt = Table(
    "prompt",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False, comment="counted per name"),
    Column("workspace", Text, nullable=False, server_default="", comment="empty: everywhere"),
    Column("collection", Text, nullable=False, server_default="", comment="empty: all"),
    Column("text", Text, comment="null: back to the built-in text"),
    moment("created_at"),
    UniqueConstraint("name", "version"),
    comment="texts that replace the built-in prompts; the newest for a place is in use",
)

mention = Table(
    "mention",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("event_id", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("team", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("ts", Text, comment="the message's; null for a slash command"),
    Column("thread_ts", Text, comment="where the answer goes"),
    Column("lane", Text, nullable=False, comment="answers in one lane keep their order"),
    Column("person", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("response_url", Text, comment="slash commands answer here"),
    Column(
        "outside",
        Boolean,
        nullable=False,
        server_default="false",
        comment="people of another organisation read along",
    ),
    Column("state", Text, nullable=False, server_default="received"),
    Column("lease", Uuid, comment="token of the worker that holds it"),
    Column("lease_until", DateTime(timezone=True)),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("answer", JSONB),
    Column("answer_ts", Text, comment="the posted message's ts"),
    Column("error", Text),
    Column("queue_wait_ms", Float),
    moment("created_at"),
    moment("updated_at"),
    UniqueConstraint("channel", "ts"),
    CheckConstraint("kind IN ('mention', 'direct', 'followup', 'command')", name="kind"),
    CheckConstraint(
        "state IN ('received', 'answering', 'posting', 'done', 'failed')", name="state"
    ),
    Index(
        "ix_mention_open",
        "lease_until",
        postgresql_where=text("state IN ('received', 'answering', 'posting')"),
    ),
    Index("ix_mention_lane", "lane", "created_at"),
)
