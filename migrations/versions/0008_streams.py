"""Answers that are written before everybody's eyes, and may be stopped."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "mention",
        sa.Column(
            "stream_ts",
            sa.Text(),
            nullable=True,
            comment="the streamed message's; empty: one may have been started",
        ),
    )
    op.add_column(
        "mention",
        sa.Column(
            "stopped",
            sa.Boolean(),
            server_default="false",
            nullable=False,
            comment="somebody pressed stop",
        ),
    )


def downgrade() -> None:
    op.drop_column("mention", "stopped")
    op.drop_column("mention", "stream_ts")
