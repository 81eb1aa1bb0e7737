"""LangGraph's checkpoint tables: the memory of conversations, in the same schema.

The library would make them itself, outside any transaction; here they come with everything else.
"""

from alembic import op
from langgraph.checkpoint.postgres.base import MIGRATIONS

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    for version, statement in enumerate(MIGRATIONS):
        # An index on an empty table needs no CONCURRENTLY, which a transaction forbids.
        connection.exec_driver_sql(statement.replace("CONCURRENTLY", ""))
        connection.exec_driver_sql(f"INSERT INTO checkpoint_migrations (v) VALUES ({version})")


def downgrade() -> None:
    for table in ("checkpoint_writes", "checkpoint_blobs", "checkpoints", "checkpoint_migrations"):
        op.drop_table(table)
