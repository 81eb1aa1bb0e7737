"""Indexes to count questions by, and what was decided about findings in documents."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_mention_asked", "mention", ["team", "created_at"])
    op.create_index(
        "ix_mention_unanswered",
        "mention",
        ["team", "created_at"],
        postgresql_where=sa.text("(answer ->> 'abstained') = 'true'"),
    )
    op.create_table(
        "settled_finding",
        sa.Column("key", sa.Text(), nullable=False, comment="of what was found, words included"),
        sa.Column("author", sa.Text(), nullable=False, comment="who looked at it"),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_settled_finding")),
        comment="conflicts and stale documents that somebody says are right as they stand",
    )


def downgrade() -> None:
    op.drop_table("settled_finding")
    op.drop_index("ix_mention_unanswered", "mention")
    op.drop_index("ix_mention_asked", "mention")
