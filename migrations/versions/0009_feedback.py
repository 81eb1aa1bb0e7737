"""Votes, hand-overs to experts, and verified answers."""

import sqlalchemy as sa
from alembic import op
from pgvector.sqlalchemy import HALFVEC

revision = "0009"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "handover",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="nothing is handed over twice"),
        sa.Column(
            "kind",
            sa.Text(),
            nullable=False,
            comment="correction: an answer; question: it had none",
        ),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False, comment="where it was asked"),
        sa.Column(
            "ts", sa.Text(), nullable=True, comment="the question's message; null: there is none"
        ),
        sa.Column(
            "thread_ts",
            sa.Text(),
            nullable=True,
            comment="where the outcome is told; null: to the person alone",
        ),
        sa.Column("person", sa.Text(), nullable=False, comment="who is told the outcome"),
        sa.Column("mention", sa.Uuid(), nullable=True),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column(
            "answer", sa.Text(), nullable=False, comment="what we had answered; empty: nothing"
        ),
        sa.Column("audience", sa.ARRAY(sa.Text()), nullable=False, comment="who may be told"),
        sa.Column(
            "documents",
            sa.ARRAY(sa.BigInteger()),
            nullable=False,
            comment="that the answer rests on",
        ),
        sa.Column(
            "versions",
            sa.ARRAY(sa.Integer()),
            nullable=False,
            comment="of the documents, in their order",
        ),
        sa.Column(
            "chain",
            sa.ARRAY(sa.Text()),
            nullable=False,
            comment="users, groups and channels to ask",
        ),
        sa.Column("step", sa.Integer(), nullable=False, comment="whose turn it is in the chain"),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("resolution", sa.Text(), nullable=True, comment="the answer that a person gave"),
        sa.Column("resolved_by", sa.Text(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("kind IN ('correction', 'question')", name="kind"),
        sa.CheckConstraint("state IN ('open', 'answered', 'right')", name="state"),
        sa.ForeignKeyConstraint(
            ["mention"],
            ["mention.id"],
            name=op.f("fk_handover_mention_mention"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
        sa.UniqueConstraint("key", name=op.f("uq_handover_key")),
        comment="what a person is asked to correct or to answer",
    )
    op.create_index(op.f("ix_handover_mention"), "handover", ["mention"], unique=False)
    op.create_index(
        "ix_handover_open",
        "handover",
        ["team", "created_at"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "vote",
        sa.Column("mention", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("good", sa.Boolean(), nullable=False),
        sa.Column(
            "fault",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="of a bad one; empty: unsaid",
        ),
        sa.Column(
            "said", sa.Text(), server_default="", nullable=False, comment="what is right, they say"
        ),
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
            "fault IN ('', 'wrong', 'outdated', 'missing', 'unclear')", name="fault"
        ),
        sa.ForeignKeyConstraint(
            ["mention"], ["mention.id"], name=op.f("fk_vote_mention_mention"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("mention", "person", name=op.f("pk_vote")),
        comment="one a person and answer; the last counts",
    )
    op.create_table(
        "handover_reply",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("handover", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("ts", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["handover"],
            ["handover.id"],
            name=op.f("fk_handover_reply_handover_handover"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_reply")),
        sa.UniqueConstraint("handover", "ts", name=op.f("uq_handover_reply_handover_ts")),
        comment="what was written below a task: the answer, if its author says so",
    )
    op.create_table(
        "handover_task",
        sa.Column("handover", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False, comment="who was written to; or a channel"),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("ts", sa.Text(), nullable=False),
        sa.Column(
            "step", sa.Integer(), nullable=False, comment="of the chain, when it was their turn"
        ),
        sa.ForeignKeyConstraint(
            ["handover"],
            ["handover.id"],
            name=op.f("fk_handover_task_handover_handover"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("handover", "person", name=op.f("pk_handover_task")),
        sa.UniqueConstraint("channel", "ts", name=op.f("uq_handover_task_channel_ts")),
        comment="the messages that ask",
    )
    op.create_table(
        "verified_answer",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("by_admin", sa.Boolean(), nullable=False, comment="the author was one then"),
        sa.Column(
            "quoted",
            sa.Boolean(),
            nullable=False,
            comment="the question is a Slack message's words",
        ),
        sa.Column("audience", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("language", sa.Text(), nullable=False, comment="of the question: en or zh"),
        sa.Column(
            "documents",
            sa.ARRAY(sa.BigInteger()),
            nullable=False,
            comment="that it rests on, or corrects",
        ),
        sa.Column(
            "versions",
            sa.ARRAY(sa.Integer()),
            nullable=False,
            comment="of the documents, in their order",
        ),
        sa.Column("blames", sa.Boolean(), nullable=False, comment="the documents said it wrongly"),
        sa.Column("handover", sa.Uuid(), nullable=True),
        sa.Column(
            "pair_id",
            sa.BigInteger(),
            nullable=True,
            comment="what was made of it to train on; it may have gone",
        ),
        sa.Column("state", sa.Text(), server_default="live", nullable=False),
        sa.Column("encoder", sa.Text(), nullable=False),
        sa.Column(
            "vector",
            HALFVEC(),
            nullable=True,
            comment="unit vector; null: script not covered by the encoder",
        ),
        sa.Column(
            "terms",
            sa.ARRAY(sa.Text()),
            nullable=False,
            comment="index_terms of the question, each once",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("state IN ('live', 'replaced', 'withdrawn')", name="state"),
        sa.ForeignKeyConstraint(
            ["handover"],
            ["handover.id"],
            name=op.f("fk_verified_answer_handover_handover"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verified_answer")),
        comment="answers that a person vouches for, preferred for their questions",
    )
    op.create_index(
        op.f("ix_verified_answer_handover"), "verified_answer", ["handover"], unique=False
    )
    op.create_index(
        "ix_verified_answer_live",
        "verified_answer",
        ["team"],
        unique=False,
        postgresql_where=sa.text("state = 'live'"),
    )
    op.create_index(
        "ix_verified_answer_terms",
        "verified_answer",
        ["terms"],
        unique=False,
        postgresql_using="gin",
    )


def downgrade() -> None:
    for table in ("verified_answer", "vote", "handover_task", "handover_reply", "handover"):
        op.drop_table(table)
