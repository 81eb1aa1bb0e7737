"""The domain model's life: datasets, the human queue, trainings, evaluations, canaries."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dataset",
        sa.Column("version", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False, comment="of its pairs and readers"),
        sa.Column(
            "audience", sa.ARRAY(sa.Text()), nullable=False, comment="who may see all of its pairs"
        ),
        sa.Column(
            "manifest",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="steps, counts, hashes, lineage",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_dataset")),
        sa.UniqueConstraint("digest", name=op.f("uq_dataset_digest")),
        comment="what a model is trained on; never changed once made",
    )
    op.create_table(
        "pair_review",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "kind",
            sa.Text(),
            nullable=False,
            comment="contradiction, label error, personal data, …",
        ),
        sa.Column("pairs", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="of kind and pairs: asked only once"),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column(
            "score", sa.Float(), nullable=True, comment="how sure, or how near; the queue's order"
        ),
        sa.Column("resolution", sa.Text(), nullable=True, comment="null: open"),
        sa.Column(
            "author", sa.Text(), server_default="", nullable=False, comment="who resolved it"
        ),
        sa.Column(
            "run",
            sa.Uuid(),
            nullable=True,
            comment="of the pair events that came of it, to be undone with them",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pair_review")),
        sa.UniqueConstraint("key", name=op.f("uq_pair_review_key")),
        comment="what only a person can decide about pairs",
    )
    op.create_index(
        "ix_pair_review_open",
        "pair_review",
        ["id"],
        unique=False,
        postgresql_where=sa.text("resolution IS NULL"),
    )
    op.create_table(
        "dataset_pair",
        sa.Column("dataset", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "pair_id", sa.BigInteger(), nullable=False, comment="it may have changed or gone since"
        ),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=True),
        sa.Column("document_version", sa.Integer(), nullable=True),
        sa.Column(
            "cluster", sa.Integer(), nullable=False, comment="questions too alike to be told apart"
        ),
        sa.Column(
            "fold",
            sa.Integer(),
            nullable=False,
            comment="a cluster's; 0 is held out of generative ones",
        ),
        sa.ForeignKeyConstraint(
            ["dataset"],
            ["dataset.version"],
            name=op.f("fk_dataset_pair_dataset_dataset"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("dataset", "position", name=op.f("pk_dataset_pair")),
    )
    op.create_index("ix_dataset_pair_document", "dataset_pair", ["document_id"], unique=False)
    op.create_index("ix_dataset_pair_pair", "dataset_pair", ["pair_id"], unique=False)
    op.create_table(
        "pair_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("pair_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "run",
            sa.Uuid(),
            nullable=True,
            comment="one cleaning, or one decision, that is undone as a whole",
        ),
        sa.Column(
            "action", sa.Text(), nullable=False, comment="drop, edit, approve, reject, merge, undo"
        ),
        sa.Column(
            "before",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="the columns that it changed, as they were",
        ),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["pair_id"], ["pair.id"], name=op.f("fk_pair_event_pair_id_pair"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pair_event")),
        comment="everything that was ever done to a pair, so that it can be undone",
    )
    op.create_index(op.f("ix_pair_event_pair_id"), "pair_event", ["pair_id"], unique=False)
    op.create_index("ix_pair_event_run", "pair_event", ["run"], unique=False)
    op.create_table(
        "evaluation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("against", sa.Integer(), nullable=True, comment="what was live; null: nothing"),
        sa.Column(
            "source",
            sa.Text(),
            nullable=False,
            comment="the dataset's held-out questions, or a file",
        ),
        sa.Column(
            "report",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="each arm's measures, comparisons, vetoes",
        ),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("verdict IN ('promote', 'reject', 'inconclusive')", name="verdict"),
        sa.ForeignKeyConstraint(
            ["against"], ["domain_model.version"], name=op.f("fk_evaluation_against_domain_model")
        ),
        sa.ForeignKeyConstraint(
            ["version"], ["domain_model.version"], name=op.f("fk_evaluation_version_domain_model")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation")),
        comment="what a promotion rests on",
    )
    op.create_index(op.f("ix_evaluation_version"), "evaluation", ["version"], unique=False)
    op.create_table(
        "training_run",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("backend", sa.Text(), nullable=False),
        sa.Column("dataset", sa.Integer(), nullable=False),
        sa.Column("encoder", sa.Text(), nullable=False),
        sa.Column("settings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), server_default="running", nullable=False),
        sa.Column(
            "progress",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
            comment="what resuming needs",
        ),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True, comment="what it made"),
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
        sa.CheckConstraint(
            "state IN ('running', 'succeeded', 'failed', 'cancelled')", name="state"
        ),
        sa.ForeignKeyConstraint(
            ["dataset"], ["dataset.version"], name=op.f("fk_training_run_dataset_dataset")
        ),
        sa.ForeignKeyConstraint(
            ["version"], ["domain_model.version"], name=op.f("fk_training_run_version_domain_model")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_run")),
        comment="trainings, so that one that was stopped is picked up again",
    )
    op.create_table(
        "evaluated",
        sa.Column("evaluation", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("expected", sa.Text(), nullable=False),
        sa.Column("cluster", sa.Text(), nullable=False, comment="questions that err together"),
        sa.Column(
            "features",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="what the router sees of it",
        ),
        sa.Column(
            "arms",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="by arm: answer, right, f1, ms, cost",
        ),
        sa.ForeignKeyConstraint(
            ["evaluation"],
            ["evaluation.id"],
            name=op.f("fk_evaluated_evaluation_evaluation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("evaluation", "position", name=op.f("pk_evaluated")),
        comment="an evaluation's questions: what the router learns from",
    )
    op.add_column(
        "domain_model",
        sa.Column("dataset", sa.Integer(), nullable=True, comment="what it was trained on"),
    )
    op.alter_column(
        "domain_model",
        "backend",
        existing_type=sa.TEXT(),
        comment="head, lora or openai",
        existing_comment="head; later lora, openai",
        existing_nullable=False,
    )
    op.create_foreign_key(
        op.f("fk_domain_model_dataset_dataset"), "domain_model", "dataset", ["dataset"], ["version"]
    )
    op.add_column(
        "pair",
        sa.Column(
            "origin",
            sa.Text(),
            server_default="file",
            nullable=False,
            comment="file, questions or correction",
        ),
    )
    op.add_column(
        "pair",
        sa.Column(
            "author",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="who wrote or imported it",
        ),
    )
    op.add_column(
        "pair",
        sa.Column(
            "language",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="ISO 639-1; empty: unsure",
        ),
    )
    op.add_column(
        "pair",
        sa.Column(
            "note", sa.Text(), server_default="", nullable=False, comment="why it is in its state"
        ),
    )
    op.add_column(
        "promotion", sa.Column("action", sa.Text(), server_default="promote", nullable=False)
    )
    op.add_column(
        "promotion",
        sa.Column(
            "evaluation", sa.BigInteger(), nullable=True, comment="whose verdict it rests on"
        ),
    )
    op.add_column(
        "promotion", sa.Column("forced", sa.Boolean(), server_default="false", nullable=False)
    )
    op.add_column("promotion", sa.Column("author", sa.Text(), server_default="", nullable=False))
    op.add_column(
        "promotion",
        sa.Column(
            "channels",
            sa.ARRAY(sa.Text()),
            server_default="{}",
            nullable=False,
            comment="a canary's",
        ),
    )
    op.add_column(
        "promotion",
        sa.Column(
            "share",
            sa.Float(),
            nullable=True,
            comment="of all questions, a canary's; null: all of them",
        ),
    )
    op.create_foreign_key(
        op.f("fk_promotion_evaluation_evaluation"),
        "promotion",
        "evaluation",
        ["evaluation"],
        ["id"],
    )
    op.create_check_constraint("origin", "pair", "origin IN ('file', 'questions', 'correction')")
    op.create_check_constraint(
        "action", "promotion", "action IN ('promote', 'canary', 'withdraw', 'rollback')"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("fk_promotion_evaluation_evaluation"), "promotion", type_="foreignkey")
    op.drop_column("promotion", "share")
    op.drop_column("promotion", "channels")
    op.drop_column("promotion", "author")
    op.drop_column("promotion", "forced")
    op.drop_column("promotion", "evaluation")
    op.drop_column("promotion", "action")
    op.drop_column("pair", "note")
    op.drop_column("pair", "language")
    op.drop_column("pair", "author")
    op.drop_column("pair", "origin")
    op.drop_constraint(op.f("fk_domain_model_dataset_dataset"), "domain_model", type_="foreignkey")
    op.alter_column(
        "domain_model",
        "backend",
        existing_type=sa.TEXT(),
        comment="head; later lora, openai",
        existing_comment="head, lora or openai",
        existing_nullable=False,
    )
    op.drop_column("domain_model", "dataset")
    op.drop_table("evaluated")
    op.drop_table("training_run")
    op.drop_index(op.f("ix_evaluation_version"), table_name="evaluation")
    op.drop_table("evaluation")
    op.drop_index("ix_pair_event_run", table_name="pair_event")
    op.drop_index(op.f("ix_pair_event_pair_id"), table_name="pair_event")
    op.drop_table("pair_event")
    op.drop_index("ix_dataset_pair_pair", table_name="dataset_pair")
    op.drop_index("ix_dataset_pair_document", table_name="dataset_pair")
    op.drop_table("dataset_pair")
    op.drop_index(
        "ix_pair_review_open",
        table_name="pair_review",
        postgresql_where=sa.text("resolution IS NULL"),
    )
    op.drop_table("pair_review")
    op.drop_table("dataset")
