"""Indexes for counting what a channel and a person asked today.

Revision ID: 0012
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_mention_channel", "mention", ["team", "channel", "created_at"])
    op.create_index("ix_mention_person", "mention", ["team", "person", "created_at"])


def downgrade() -> None:
    op.drop_index("ix_mention_person", "mention")
    op.drop_index("ix_mention_channel", "mention")
