"""Errands, channels' policies and workspaces; an index whose words fit every open state."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_KINDS = "kind IN ('mention', 'direct', 'followup', 'command')"
_MORE_KINDS = "kind IN ('mention', 'direct', 'followup', 'command', 'shortcut', 'overheard')"
_OPEN = sa.text("state NOT IN ('done', 'failed')")


def _moment(name: str) -> "sa.Column[object]":
    return sa.Column(
        name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
    )


def upgrade() -> None:
    op.create_table(
        "errand",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="the click's: done only once"),
        sa.Column("kind", sa.Text(), nullable=False, comment="which handler runs it"),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column(
            "person",
            sa.Text(),
            nullable=False,
            comment="who wants it; empty: nobody, the clock does",
        ),
        sa.Column(
            "lane", sa.Text(), nullable=False, comment="errands in one lane keep their order"
        ),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "progress",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
            comment="what is done of it",
        ),
        sa.Column("state", sa.Text(), server_default="received", nullable=False),
        sa.Column("lease", sa.Uuid(), nullable=True, comment="token of the worker that holds it"),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        _moment("created_at"),
        _moment("updated_at"),
        sa.CheckConstraint("state IN ('received', 'working', 'done', 'failed')", name="state"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_errand")),
        sa.UniqueConstraint("key", name=op.f("uq_errand_key")),
        comment="what was asked of us by a click, a form or the clock, and is to be done once",
    )
    op.create_index("ix_errand_lane", "errand", ["lane", "created_at"])
    op.create_index("ix_errand_open", "errand", ["lease_until"], postgresql_where=_OPEN)
    op.create_table(
        "workspace",
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column(
            "consented_by",
            sa.Text(),
            nullable=True,
            comment="who let Slack messages become training data",
        ),
        sa.Column(
            "consented_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="null: they do not",
        ),
        sa.Column(
            "digest_channel",
            sa.Text(),
            nullable=True,
            comment="where the weekly message goes; null: nowhere",
        ),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("team", name=op.f("pk_workspace")),
    )
    op.create_table(
        "channel_policy",
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False, comment="mention, every or never"),
        sa.Column(
            "follows",
            sa.Boolean(),
            nullable=False,
            comment="answers follow-ups without a mention",
        ),
        sa.Column("collections", sa.ARRAY(sa.Text()), nullable=False, comment="empty: all"),
        sa.Column("least_confidence", sa.Float(), nullable=False),
        sa.Column(
            "expert", sa.Text(), nullable=False, comment="a user or a user group; empty: nobody"
        ),
        sa.Column("language", sa.Text(), nullable=False, comment="en or zh; empty: the reader's"),
        sa.Column(
            "daily_budget", sa.Integer(), nullable=True, comment="questions a day; null: no limit"
        ),
        sa.Column("author", sa.Text(), nullable=False, comment="who set it last"),
        _moment("updated_at"),
        sa.CheckConstraint("answers IN ('mention', 'every', 'never')", name="answers"),
        sa.CheckConstraint("language IN ('', 'en', 'zh')", name="language"),
        sa.PrimaryKeyConstraint("team", "channel", name=op.f("pk_channel_policy")),
        comment="how a channel wants to be answered; without a row, as the defaults say",
    )
    op.drop_constraint("kind", "mention")
    op.create_check_constraint("kind", "mention", _MORE_KINDS)
    op.drop_index("ix_mention_open", "mention")
    op.create_index("ix_mention_open", "mention", ["lease_until"], postgresql_where=_OPEN)


def downgrade() -> None:
    op.drop_index("ix_mention_open", "mention")
    op.create_index(
        "ix_mention_open",
        "mention",
        ["lease_until"],
        postgresql_where=sa.text("state IN ('received', 'answering', 'posting')"),
    )
    op.execute("DELETE FROM mention WHERE kind IN ('shortcut', 'overheard')")
    op.drop_constraint("kind", "mention")
    op.create_check_constraint("kind", "mention", _KINDS)
    for table in ("channel_policy", "workspace", "errand"):
        op.drop_table(table)
