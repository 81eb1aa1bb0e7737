"""Postings in blocks, some hundred in a row: a search reads twenty times as many in less time."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "posting_block",
        sa.Column("scope_id", sa.Integer(), nullable=False, comment="its chunks'"),
        sa.Column("term_id", sa.Integer(), nullable=False),
        sa.Column(
            "last_chunk_id",
            sa.BigInteger(),
            nullable=False,
            comment="no entry's chunk is newer",
        ),
        sa.Column(
            "entries",
            sa.LargeBinary(),
            nullable=False,
            comment="eight bytes each, high ones first: the chunk's id in six, the impact in two",
        ),
        comment="which chunks hold a term, oldest first, some hundred in a row",
    )
    op.execute(
        "INSERT INTO posting_block (scope_id, term_id, last_chunk_id, entries) "
        "SELECT scope_id, term_id, max(chunk_id), "
        "string_agg(int8send(chunk_id * 65536 + impact), '' ORDER BY chunk_id) FROM ("
        "SELECT scope_id, term_id, chunk_id, impact, (row_number() OVER "
        "(PARTITION BY scope_id, term_id ORDER BY chunk_id) - 1) / 240 AS part FROM posting"
        ") AS one GROUP BY scope_id, term_id, part"
    )
    op.create_primary_key(
        op.f("pk_posting_block"), "posting_block", ["scope_id", "term_id", "last_chunk_id"]
    )
    op.drop_table("posting")
    op.alter_column(
        "chunk",
        "impacts",
        comment="BM25 term saturation, quantised",
        existing_comment="as in posting",
    )


def downgrade() -> None:
    op.create_table(
        "posting",
        sa.Column("scope_id", sa.Integer(), nullable=False, comment="its chunk's"),
        sa.Column("term_id", sa.Integer(), nullable=False),
        sa.Column(
            "impact", sa.SmallInteger(), nullable=False, comment="BM25 term saturation, quantised"
        ),
        sa.Column("chunk_id", sa.BigInteger(), nullable=False),
    )
    op.execute(
        "INSERT INTO posting (scope_id, term_id, impact, chunk_id) "
        "SELECT chunk.scope_id, held.term_id, held.impact, chunk.id "
        "FROM chunk, unnest(chunk.terms, chunk.impacts) AS held (term_id, impact)"
    )
    op.create_index(
        "ix_posting",
        "posting",
        ["scope_id", "term_id", sa.literal_column("impact DESC"), "chunk_id"],
        unique=True,
    )
    op.drop_table("posting_block")
    op.alter_column(
        "chunk",
        "impacts",
        comment="as in posting",
        existing_comment="BM25 term saturation, quantised",
    )
