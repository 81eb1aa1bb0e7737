"""The job queue's own tables, in the same schema."""

from contextlib import closing

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Through the driver: SQLAlchemy would take the script's % for a parameter.
    with closing(op.get_bind().connection.cursor()) as cursor:
        cursor.execute(SchemaManager.get_schema())


def downgrade() -> None:
    raise NotImplementedError("drop the schema instead: jobs and mentions would be lost anyway")
