"""Paid replies, channels' pace, how long we listened; and indexes that keep turns fair."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_OPEN = sa.text("state NOT IN ('done', 'failed')")
_HELD = sa.text("lease IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "paid_reply",
        sa.Column("question", sa.Uuid(), nullable=False, comment="the mention's id"),
        sa.Column(
            "prompt", sa.Text(), nullable=False, comment="digest of what was asked of which model"
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("cost_usd", sa.Float(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.text("now()"),
        ),
        sa.PrimaryKeyConstraint("question", "prompt", name=op.f("pk_paid_reply")),
        comment="kept from a model's reply until the answer is decided, so that none is paid twice",
    )
    op.create_table(
        "channel_pace",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column(
            "free_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="all messages so far paid",
        ),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_channel_pace")),
        prefixes=["UNLOGGED"],
        comment="when each channel takes its next message; what a crash loses of it is no loss",
    )
    op.create_table(
        "heard",
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("team", name=op.f("pk_heard")),
        comment="how far everything that a workspace sent has reached us",
    )
    op.add_column(
        "mention",
        sa.Column(
            "told_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when its author was last shown that it waits",
        ),
    )
    op.create_index(
        "ix_mention_open_person", "mention", ["person", "created_at"], postgresql_where=_OPEN
    )
    op.create_index(
        "ix_mention_open_channel", "mention", ["channel", "created_at"], postgresql_where=_OPEN
    )
    op.create_index("ix_mention_held", "mention", ["person", "channel"], postgresql_where=_HELD)


def downgrade() -> None:
    for index in ("ix_mention_held", "ix_mention_open_channel", "ix_mention_open_person"):
        op.drop_index(index, "mention")
    op.drop_column("mention", "told_at")
    for table in ("heard", "channel_pace", "paid_reply"):
        op.drop_table(table)
