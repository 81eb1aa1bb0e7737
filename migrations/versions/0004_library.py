"""What an admin's library needs: lineage, duplicates, the question set, tuned weights, prompts."""

import sqlalchemy as sa
from alembic import op
from pgvector.sqlalchemy import HALFVEC
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "blend",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "parameters",
            postgresql.JSONB(),
            nullable=False,
            comment="null: back to the built-in weights",
        ),
        sa.Column("evidence", postgresql.JSONB(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blend")),
        comment="history of the weights of search's legs; the one in use is in corpus",
    )
    op.create_table(
        "prompt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="counted per name"),
        sa.Column(
            "workspace", sa.Text(), server_default="", nullable=False, comment="empty: everywhere"
        ),
        sa.Column("collection", sa.Text(), server_default="", nullable=False, comment="empty: all"),
        sa.Column("text", sa.Text(), nullable=True, comment="null: back to the built-in text"),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prompt")),
        sa.UniqueConstraint("name", "version", name=op.f("uq_prompt_name_version")),
        comment="texts that replace the built-in prompts; the newest for a place is in use",
    )
    op.create_table(
        "scope",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("collection", sa.Text(), nullable=False),
        sa.Column("audience", sa.ARRAY(sa.Text()), nullable=False, comment="sorted"),
        sa.Column("chunks", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scope")),
        sa.UniqueConstraint("collection", "audience", name=op.f("uq_scope_collection_audience")),
        comment="what one collection holds for one audience: all that a search need ask about",
    )
    op.create_table(
        "staged",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("upload", sa.Uuid(), nullable=False),
        sa.Column("encoder", sa.Text(), nullable=False, comment="whose vectors are wanted"),
        sa.Column("collection", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False, comment="characters of its text"),
        sa.Column(
            "draft",
            postgresql.JSONB(),
            nullable=True,
            comment="the parsed document; null: no more needed",
        ),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("chunks", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reason", sa.Text(), nullable=True, comment="why it failed"),
        sa.Column("lease", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staged")),
        comment="an upload's documents on their way to the workers",
    )
    op.create_index("ix_staged_source", "staged", ["collection", "source"], unique=False)
    op.create_index("ix_staged_upload", "staged", ["upload", "state"], unique=False)
    op.create_index(
        "ix_staged_waiting",
        "staged",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "upload_failure",
        sa.Column("collection", sa.Text(), nullable=False, comment="the upload's, as its settings"),
        sa.Column(
            "source", sa.Text(), nullable=False, comment="the document's, or what could not be read"
        ),
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("root", sa.Text(), nullable=False, comment="the path that the upload was given"),
        sa.Column(
            "settings",
            postgresql.JSONB(),
            nullable=False,
            comment="the upload's: audience, owner, expiry",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("collection", "source", name=op.f("pk_upload_failure")),
        comment="what uploads could not store, to be tried alone",
    )
    op.create_table(
        "fingerprint",
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False, comment="of the normalised text"),
        sa.Column(
            "signature", sa.LargeBinary(), nullable=False, comment="MinHash, uint32 little-endian"
        ),
        sa.Column(
            "bands", sa.ARRAY(sa.BigInteger()), nullable=False, comment="of the signature, for LSH"
        ),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["document.id"],
            name=op.f("fk_fingerprint_document_id_document"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_fingerprint")),
        comment="what duplicates are found by; only of documents that none stands for",
    )
    op.create_index(
        "ix_fingerprint_bands", "fingerprint", ["bands"], unique=False, postgresql_using="gin"
    )
    op.create_index(op.f("ix_fingerprint_digest"), "fingerprint", ["digest"], unique=False)
    op.create_table(
        "question",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("chunk_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "passage_digest",
            sa.Text(),
            nullable=False,
            comment="of the chunk's text, to find it again",
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "terms",
            sa.ARRAY(sa.Text()),
            nullable=False,
            comment="index_terms of the text, each once",
        ),
        sa.Column(
            "answer", sa.Text(), server_default="", nullable=False, comment="stands in the chunk"
        ),
        sa.Column(
            "origin", sa.Text(), nullable=False, comment="import, or the chat model that wrote it"
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["chunk_id"], ["chunk.id"], name=op.f("fk_question_chunk_id_chunk"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["document.id"],
            name=op.f("fk_question_document_id_document"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        comment="the question set: what each chunk answers",
    )
    op.create_index(op.f("ix_question_chunk_id"), "question", ["chunk_id"], unique=False)
    op.create_index(op.f("ix_question_document_id"), "question", ["document_id"], unique=False)
    op.create_index(
        "ix_question_terms", "question", ["terms"], unique=False, postgresql_using="gin"
    )
    op.create_table(
        "question_embedding",
        sa.Column("encoder", sa.Text(), nullable=False),
        sa.Column("question_id", sa.BigInteger(), nullable=False),
        sa.Column("vector", HALFVEC(), nullable=False, comment="unit vector"),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["question.id"],
            name=op.f("fk_question_embedding_question_id_question"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("question_id", "encoder", name=op.f("pk_question_embedding")),
    )
    op.add_column(
        "chunk",
        sa.Column(
            "scope_id",
            sa.Integer(),
            nullable=True,
            comment="its document's collection and audience",
        ),
    )
    op.add_column(
        "chunk",
        sa.Column(
            "context",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="found by, never quoted",
        ),
    )
    op.add_column(
        "chunk",
        sa.Column("anchor", sa.Text(), nullable=True, comment="fragment of the document's uri"),
    )
    op.add_column(
        "chunk",
        sa.Column(
            "questioned",
            sa.Boolean(),
            server_default="false",
            nullable=False,
            comment="a model was asked what it answers",
        ),
    )
    op.add_column(
        "corpus",
        sa.Column(
            "blend",
            postgresql.JSONB(),
            nullable=True,
            comment="weights of the legs, see blend; null: the built-in ones",
        ),
    )
    op.add_column(
        "corpus", sa.Column("questions_used", sa.Boolean(), server_default="false", nullable=False)
    )
    op.add_column(
        "document",
        sa.Column(
            "anchors",
            postgresql.JSONB(),
            server_default="{}",
            nullable=False,
            comment="heading to fragment",
        ),
    )
    op.add_column(
        "document",
        sa.Column(
            "owner",
            sa.Text(),
            nullable=True,
            comment="who answers for it: a Slack user or group ID, or an address",
        ),
    )
    op.add_column(
        "document",
        sa.Column(
            "expires_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="its owner promised to look by then",
        ),
    )
    op.add_column(
        "document",
        sa.Column(
            "placed",
            sa.Boolean(),
            server_default="false",
            nullable=False,
            comment="its folder chose the collection, not the upload",
        ),
    )
    op.add_column(
        "document",
        sa.Column(
            "duplicate_of",
            sa.BigInteger(),
            nullable=True,
            comment="the document that stands for it in the index",
        ),
    )
    op.create_index(op.f("ix_document_duplicate_of"), "document", ["duplicate_of"], unique=False)
    op.create_foreign_key(
        op.f("fk_document_duplicate_of_document"),
        "document",
        "document",
        ["duplicate_of"],
        ["id"],
        ondelete="SET NULL",
    )
    op.add_column(
        "document_version", sa.Column("uri", sa.Text(), server_default="", nullable=False)
    )
    op.add_column(
        "document_version",
        sa.Column("audience", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
    )
    op.add_column(
        "document_version",
        sa.Column("metadata", postgresql.JSONB(), server_default="{}", nullable=False),
    )
    op.add_column(
        "document_version",
        sa.Column("anchors", postgresql.JSONB(), server_default="{}", nullable=False),
    )
    op.add_column(
        "document_version",
        sa.Column(
            "author", sa.Text(), server_default="", nullable=False, comment="who uploaded it"
        ),
    )
    op.add_column(
        "embedding", sa.Column("scope_id", sa.Integer(), nullable=True, comment="its chunk's")
    )
    op.create_index("ix_embedding_scope", "embedding", ["scope_id"], unique=False)
    op.add_column(
        "pair",
        sa.Column(
            "document_id",
            sa.BigInteger(),
            nullable=True,
            comment="what it was made from; it may have gone since",
        ),
    )
    op.add_column("pair", sa.Column("document_version", sa.Integer(), nullable=True))
    op.create_index("ix_pair_answer", "pair", ["answer"], unique=False, postgresql_using="hash")
    op.create_index("ix_pair_document", "pair", ["document_id"], unique=False)
    op.add_column(
        "posting", sa.Column("scope_id", sa.Integer(), nullable=True, comment="its chunk's")
    )
    op.execute(
        "INSERT INTO scope (collection, audience, chunks) "
        "SELECT collection, sorted, count(*) FROM ("
        "SELECT collection, ARRAY(SELECT DISTINCT unnest(audience) ORDER BY 1) AS sorted FROM chunk"
        ") AS held GROUP BY 1, 2"
    )
    op.execute(
        "UPDATE chunk SET scope_id = scope.id FROM scope WHERE scope.collection = chunk.collection "
        "AND scope.audience = ARRAY(SELECT DISTINCT unnest(chunk.audience) ORDER BY 1)"
    )
    for table in ("embedding", "posting"):
        op.execute(
            f"UPDATE {table} SET scope_id = chunk.scope_id FROM chunk WHERE chunk.id = chunk_id"
        )
    for table in ("chunk", "embedding", "posting"):
        op.alter_column(table, "scope_id", nullable=False)
    op.drop_index(op.f("ix_chunk_audience"), table_name="chunk", postgresql_using="gin")
    op.drop_column("chunk", "audience")
    op.drop_column("chunk", "collection")
    op.drop_index(op.f("ix_posting"), table_name="posting")
    op.create_index(
        "ix_posting",
        "posting",
        ["scope_id", "term_id", sa.literal_column("impact DESC"), "chunk_id"],
        unique=True,
    )


def downgrade() -> None:
    op.drop_index("ix_posting", table_name="posting")
    op.create_index(
        op.f("ix_posting"),
        "posting",
        ["term_id", sa.literal_column("impact DESC"), "chunk_id"],
        unique=True,
    )
    op.drop_column("posting", "scope_id")
    op.drop_index("ix_pair_document", table_name="pair")
    op.drop_index("ix_pair_answer", table_name="pair", postgresql_using="hash")
    op.drop_column("pair", "document_version")
    op.drop_column("pair", "document_id")
    op.drop_index("ix_embedding_scope", table_name="embedding")
    op.drop_column("embedding", "scope_id")
    op.drop_column("document_version", "author")
    op.drop_column("document_version", "anchors")
    op.drop_column("document_version", "metadata")
    op.drop_column("document_version", "audience")
    op.drop_column("document_version", "uri")
    op.drop_constraint(op.f("fk_document_duplicate_of_document"), "document", type_="foreignkey")
    op.drop_index(op.f("ix_document_duplicate_of"), table_name="document")
    op.drop_column("document", "duplicate_of")
    op.drop_column("document", "placed")
    op.drop_column("document", "expires_at")
    op.drop_column("document", "owner")
    op.drop_column("document", "anchors")
    op.drop_column("corpus", "questions_used")
    op.drop_column("corpus", "blend")
    op.add_column("chunk", sa.Column("collection", sa.Text(), autoincrement=False, nullable=True))
    op.add_column(
        "chunk",
        sa.Column(
            "audience",
            sa.ARRAY(sa.Text()),
            autoincrement=False,
            nullable=True,
            comment="its document's, kept beside it",
        ),
    )
    op.create_index(
        op.f("ix_chunk_audience"), "chunk", ["audience"], unique=False, postgresql_using="gin"
    )
    op.drop_column("chunk", "questioned")
    op.execute(
        "UPDATE chunk SET collection = scope.collection, audience = scope.audience "
        "FROM scope WHERE scope.id = scope_id"
    )
    for column in ("collection", "audience"):
        op.alter_column("chunk", column, nullable=False)
    op.drop_column("chunk", "anchor")
    op.drop_column("chunk", "context")
    op.drop_column("chunk", "scope_id")
    op.drop_table("question_embedding")
    op.drop_index("ix_question_terms", table_name="question", postgresql_using="gin")
    op.drop_index(op.f("ix_question_document_id"), table_name="question")
    op.drop_index(op.f("ix_question_chunk_id"), table_name="question")
    op.drop_table("question")
    op.drop_index(op.f("ix_fingerprint_digest"), table_name="fingerprint")
    op.drop_index("ix_fingerprint_bands", table_name="fingerprint", postgresql_using="gin")
    op.drop_table("fingerprint")
    op.drop_table("upload_failure")
    op.drop_index(
        "ix_staged_waiting", table_name="staged", postgresql_where=sa.text("state = 'waiting'")
    )
    op.drop_index("ix_staged_upload", table_name="staged")
    op.drop_index("ix_staged_source", table_name="staged")
    op.drop_table("staged")
    op.drop_table("scope")
    op.drop_table("prompt")
    op.drop_table("blend")
