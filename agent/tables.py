"""The domain model's tables: pairs, datasets, trainings, evaluations, promotions; and prompts."""

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
    Column(
        "origin",
        Text,
        nullable=False,
        server_default="file",
        comment="file, questions or correction",
    ),
    Column("author", Text, nullable=False, server_default="", comment="who wrote or imported it"),
    Column("language", Text, nullable=False, server_default="", comment="ISO 639-1; empty: unsure"),
    Column("note", Text, nullable=False, server_default="", comment="why it is in its state"),
    moment("created_at"),
    CheckConstraint("origin IN ('file', 'questions', 'correction')", name="origin"),
    CheckConstraint("state IN ('candidate', 'approved', 'rejected', 'stale')", name="state"),
    Index("ix_pair_answer", "answer", postgresql_using="hash"),
    Index("ix_pair_document", "document_id"),
)

pair_event = Table(
    "pair_event",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("pair_id", ForeignKey("pair.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("run", Uuid, comment="one cleaning, or one decision, that is undone as a whole"),
    Column("action", Text, nullable=False, comment="drop, edit, approve, reject, merge, undo"),
    Column("before", JSONB, nullable=False, comment="the columns that it changed, as they were"),
    Column("after", JSONB, nullable=False),
    Column("reason", Text, nullable=False),
    Column("author", Text, nullable=False, server_default=""),
    moment("created_at"),
    Index("ix_pair_event_run", "run"),
    comment="everything that was ever done to a pair, so that it can be undone",
)

pair_review = Table(
    "pair_review",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", Text, nullable=False, comment="contradiction, label error, personal data, …"),
    Column("pairs", ARRAY(BigInteger), nullable=False),
    Column("key", Text, nullable=False, unique=True, comment="of kind and pairs: asked only once"),
    Column("why", Text, nullable=False),
    Column("score", Float, comment="how sure, or how near; the queue's order"),
    Column("resolution", Text, comment="null: open"),
    Column("author", Text, nullable=False, server_default="", comment="who resolved it"),
    Column("run", Uuid, comment="of the pair events that came of it, to be undone with them"),
    moment("created_at"),
    Column("resolved_at", DateTime(timezone=True)),
    Index("ix_pair_review_open", "id", postgresql_where=text("resolution IS NULL")),
    comment="what only a person can decide about pairs",
)

dataset = Table(
    "dataset",
    metadata,
    Column("version", Integer, Identity(always=True), primary_key=True),
    Column("digest", Text, nullable=False, unique=True, comment="of its pairs and readers"),
    Column("audience", ARRAY(Text), nullable=False, comment="who may see all of its pairs"),
    Column("manifest", JSONB, nullable=False, comment="steps, counts, hashes, lineage"),
    moment("created_at"),
    comment="what a model is trained on; never changed once made",
)

dataset_pair = Table(
    "dataset_pair",
    metadata,
    Column("dataset", ForeignKey("dataset.version", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("pair_id", BigInteger, nullable=False, comment="it may have changed or gone since"),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("document_id", BigInteger),
    Column("document_version", Integer),
    Column("cluster", Integer, nullable=False, comment="questions too alike to be told apart"),
    Column(
        "fold", Integer, nullable=False, comment="a cluster's; 0 is held out of generative ones"
    ),
    Index("ix_dataset_pair_pair", "pair_id"),
    Index("ix_dataset_pair_document", "document_id"),
)

training_run = Table(
    "training_run",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("backend", Text, nullable=False),
    Column("dataset", ForeignKey("dataset.version"), nullable=False),
    Column("encoder", Text, nullable=False),
    Column("settings", JSONB, nullable=False),
    Column("state", Text, nullable=False, server_default="running"),
    Column("progress", JSONB, nullable=False, server_default="{}", comment="what resuming needs"),
    Column("error", Text),
    Column("version", ForeignKey("domain_model.version"), comment="what it made"),
    moment("created_at"),
    moment("updated_at"),
    CheckConstraint("state IN ('running', 'succeeded', 'failed', 'cancelled')", name="state"),
    comment="trainings, so that one that was stopped is picked up again",
)

domain_model = Table(
    "domain_model",
    metadata,
    Column("version", Integer, Identity(always=True), primary_key=True),
    Column("backend", Text, nullable=False, comment="head, lora or openai"),
    Column("encoder", Text, nullable=False),
    Column("parameters", LargeBinary, nullable=False, comment="safetensors"),
    Column("manifest", JSONB, nullable=False, comment="pairs, hashes, settings, own estimates"),
    Column("dataset", ForeignKey("dataset.version"), comment="what it was trained on"),
    moment("created_at"),
)

evaluation = Table(
    "evaluation",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("version", ForeignKey("domain_model.version"), nullable=False, index=True),
    Column("against", ForeignKey("domain_model.version"), comment="what was live; null: nothing"),
    Column("source", Text, nullable=False, comment="the dataset's held-out questions, or a file"),
    Column("report", JSONB, nullable=False, comment="each arm's measures, comparisons, vetoes"),
    Column("verdict", Text, nullable=False),
    moment("created_at"),
    CheckConstraint("verdict IN ('promote', 'reject', 'inconclusive')", name="verdict"),
    comment="what a promotion rests on",
)

evaluated = Table(
    "evaluated",
    metadata,
    Column("evaluation", ForeignKey("evaluation.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("question", Text, nullable=False),
    Column("expected", Text, nullable=False),
    Column("cluster", Text, nullable=False, comment="questions that err together"),
    Column("features", JSONB, nullable=False, comment="what the router sees of it"),
    Column("arms", JSONB, nullable=False, comment="by arm: answer, right, f1, ms, cost"),
    comment="an evaluation's questions: what the router learns from",
)

promotion = Table(
    "promotion",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("version", ForeignKey("domain_model.version"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("evidence", JSONB, nullable=False),
    Column("action", Text, nullable=False, server_default="promote"),
    Column("evaluation", ForeignKey("evaluation.id"), comment="whose verdict it rests on"),
    Column("forced", Boolean, nullable=False, server_default="false"),
    Column("author", Text, nullable=False, server_default=""),
    Column("channels", ARRAY(Text), nullable=False, server_default="{}", comment="a canary's"),
    Column("share", Float, comment="of all questions, a canary's; null: all of them"),
    moment("created_at"),
    CheckConstraint(
        "action IN ('promote', 'canary', 'withdraw', 'rollback')",
        name="action",
    ),
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
