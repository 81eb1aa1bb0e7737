"""Every table of the knowledge base, the agent and the ledger."""

import sqlalchemy as sa
from alembic import op
from pgvector.sqlalchemy import HALFVEC
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS vector SCHEMA public")
    op.create_table(
        "calibration",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False, comment="of what it was fitted on"),
        sa.Column("parameters", postgresql.JSONB(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibration")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_calibration_fingerprint")),
    )
    op.create_table(
        "corpus",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False, comment="always 1"),
        sa.Column("chunks", sa.BigInteger(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False, comment="sum of chunk.length"),
        sa.Column(
            "impact_average",
            sa.Float(),
            nullable=True,
            comment="average length that the impacts were made with",
        ),
        sa.Column(
            "encoders",
            sa.ARRAY(sa.Text()),
            nullable=False,
            comment="complete ones; the last takes puts",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corpus")),
    )
    op.create_table(
        "document",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("collection", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False, comment="identity: path, path#id or URL"),
        sa.Column("uri", sa.Text(), nullable=False, comment="where a reader finds it"),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column(
            "content_hash", sa.Text(), nullable=False, comment="of all that decides what is stored"
        ),
        sa.Column("audience", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("metadata", postgresql.JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("source_updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("collection", "source", name=op.f("uq_document_collection_source")),
    )
    op.create_table(
        "domain_model",
        sa.Column("version", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("backend", sa.Text(), nullable=False, comment="head; later lora, openai"),
        sa.Column("encoder", sa.Text(), nullable=False),
        sa.Column("parameters", sa.LargeBinary(), nullable=False, comment="safetensors"),
        sa.Column(
            "manifest",
            postgresql.JSONB(),
            nullable=False,
            comment="pairs, hashes, settings, own estimates",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_domain_model")),
    )
    op.create_table(
        "mention",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column(
            "ts", sa.Text(), nullable=True, comment="the message's; null for a slash command"
        ),
        sa.Column("thread_ts", sa.Text(), nullable=True, comment="where the answer goes"),
        sa.Column(
            "lane", sa.Text(), nullable=False, comment="answers in one lane keep their order"
        ),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("response_url", sa.Text(), nullable=True, comment="slash commands answer here"),
        sa.Column(
            "outside",
            sa.Boolean(),
            server_default="false",
            nullable=False,
            comment="people of another organisation read along",
        ),
        sa.Column("state", sa.Text(), server_default="received", nullable=False),
        sa.Column("lease", sa.Uuid(), nullable=True, comment="token of the worker that holds it"),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("answer", postgresql.JSONB(), nullable=True),
        sa.Column("answer_ts", sa.Text(), nullable=True, comment="the posted message's ts"),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("queue_wait_ms", sa.Float(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("kind IN ('mention', 'direct', 'followup', 'command')", name="kind"),
        sa.CheckConstraint(
            "state IN ('received', 'answering', 'posting', 'done', 'failed')", name="state"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mention")),
        sa.UniqueConstraint("channel", "ts", name=op.f("uq_mention_channel_ts")),
        sa.UniqueConstraint("event_id", name=op.f("uq_mention_event_id")),
    )
    op.create_index("ix_mention_lane", "mention", ["lane", "created_at"], unique=False)
    op.create_index(
        "ix_mention_open",
        "mention",
        ["lease_until"],
        unique=False,
        postgresql_where=sa.text("state IN ('received', 'answering', 'posting')"),
    )
    op.create_table(
        "pair",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column(
            "topic", sa.Text(), nullable=False, comment="given, else derived from the answer"
        ),
        sa.Column("audience", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("source", sa.Text(), nullable=False, comment="the file it was imported from"),
        sa.Column("state", sa.Text(), server_default="approved", nullable=False),
        sa.Column("digest", sa.Text(), nullable=False, comment="of question and answer"),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("state IN ('candidate', 'approved', 'rejected', 'stale')", name="state"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pair")),
        sa.UniqueConstraint("digest", name=op.f("uq_pair_digest")),
    )
    op.create_table(
        "posting",
        sa.Column("term_id", sa.Integer(), nullable=False),
        sa.Column(
            "impact", sa.SmallInteger(), nullable=False, comment="BM25 term saturation, quantised"
        ),
        sa.Column("chunk_id", sa.BigInteger(), nullable=False),
    )
    op.create_index(
        "ix_posting",
        "posting",
        ["term_id", sa.literal_column("impact DESC"), "chunk_id"],
        unique=True,
    )
    op.create_table(
        "term",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "document_frequency", sa.Integer(), nullable=False, comment="chunks that hold it"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_term")),
        sa.UniqueConstraint("text", name=op.f("uq_term_text")),
    )
    op.create_table(
        "chunk",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("collection", sa.Text(), nullable=False),
        sa.Column(
            "audience",
            sa.ARRAY(sa.Text()),
            nullable=False,
            comment="its document's, kept beside it",
        ),
        sa.Column("heading", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("terms", sa.ARRAY(sa.Integer()), nullable=False),
        sa.Column("frequencies", sa.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("impacts", sa.ARRAY(sa.SmallInteger()), nullable=False, comment="as in posting"),
        sa.Column(
            "length", sa.Integer(), nullable=False, comment="terms in the chunk, repeats counted"
        ),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["document.id"],
            name=op.f("fk_chunk_document_id_document"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chunk")),
        sa.UniqueConstraint("document_id", "position", name=op.f("uq_chunk_document_id_position")),
    )
    op.create_index(
        "ix_chunk_audience", "chunk", ["audience"], unique=False, postgresql_using="gin"
    )
    op.create_table(
        "document_version",
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column(
            "text", sa.Text(), nullable=False, comment="the document's Markdown in this version"
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["document.id"],
            name=op.f("fk_document_version_document_id_document"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("document_id", "version", name=op.f("pk_document_version")),
    )
    op.create_table(
        "promotion",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["version"], ["domain_model.version"], name=op.f("fk_promotion_version_domain_model")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promotion")),
    )
    op.create_table(
        "embedding",
        sa.Column("encoder", sa.Text(), nullable=False),
        sa.Column("chunk_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "vector",
            HALFVEC(),
            nullable=True,
            comment="unit vector; null: script not covered by the encoder",
        ),
        sa.ForeignKeyConstraint(
            ["chunk_id"], ["chunk.id"], name=op.f("fk_embedding_chunk_id_chunk"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("chunk_id", "encoder", name=op.f("pk_embedding")),
        comment="apart from chunk, so that another encoder's vectors grow beside the ones in use",
    )


def downgrade() -> None:
    op.drop_table("embedding")
    op.drop_table("promotion")
    op.drop_table("document_version")
    op.drop_index("ix_chunk_audience", table_name="chunk", postgresql_using="gin")
    op.drop_table("chunk")
    op.drop_table("term")
    op.drop_index("ix_posting", table_name="posting")
    op.drop_table("posting")
    op.drop_table("pair")
    op.drop_index(
        "ix_mention_open",
        table_name="mention",
        postgresql_where=sa.text("state IN ('received', 'answering', 'posting')"),
    )
    op.drop_index("ix_mention_lane", table_name="mention")
    op.drop_table("mention")
    op.drop_table("domain_model")
    op.drop_table("document")
    op.drop_table("corpus")
    op.drop_table("calibration")
