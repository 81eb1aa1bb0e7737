"""Alembic's entry: runs on the connection it is given, or on KNOWHOW_DATABASE_URL by hand."""

import os

from alembic import context
from sqlalchemy import Connection, create_engine, make_url

import agent.feedback_tables
import agent.finding_tables
import agent.flow_tables
import agent.tables
import agent.workspace_tables  # noqa: F401  as above
import knowledge.upload_tables  # noqa: F401  as above
from knowledge.tables import metadata


def _run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()


def _by_hand() -> None:
    url = make_url(os.environ["KNOWHOW_DATABASE_URL"]).set(drivername="postgresql+psycopg")
    engine = create_engine(url, connect_args={"options": "-csearch_path=knowhow,public"})
    with engine.begin() as connection:
        _run(connection)


_given = context.config.attributes.get("connection")
if _given is None:
    _by_hand()
else:
    _run(_given)
