"""Every table of the knowledge base, as SQLAlchemy Core; migrations are tested to equal it.

Names carry no schema: the connection's search_path decides, so that the same tables serve the
live schema and an evaluation's scratch schema.
"""

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    desc,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def moment(name: str) -> Column[object]:
    """A column that says when its row came about."""
    return Column(name, DateTime(timezone=True), nullable=False, server_default=func.now())


document = Table(
    "document",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("collection", Text, nullable=False),
    Column("source", Text, nullable=False, comment="identity: path, path#id or URL"),
    Column("uri", Text, nullable=False, comment="where a reader finds it"),
    Column("title", Text, nullable=False),
    Column("content_hash", Text, nullable=False, comment="of all that decides what is stored"),
    Column("audience", ARRAY(Text), nullable=False),
    Column("metadata", JSONB, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("source_updated_at", DateTime(timezone=True)),
    moment("created_at"),
    moment("updated_at"),
    UniqueConstraint("collection", "source"),
)

document_version = Table(
    "document_version",
    metadata,
    Column("document_id", ForeignKey("document.id", ondelete="CASCADE"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("text", Text, nullable=False, comment="the document's Markdown in this version"),
    moment("created_at"),
    PrimaryKeyConstraint("document_id", "version"),
)

chunk = Table(
    "chunk",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("document_id", ForeignKey("document.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("collection", Text, nullable=False),
    Column("audience", ARRAY(Text), nullable=False, comment="its document's, kept beside it"),
    Column("heading", ARRAY(Text), nullable=False),
    Column("text", Text, nullable=False),
    Column("terms", ARRAY(Integer), nullable=False),
    Column("frequencies", ARRAY(SmallInteger), nullable=False),
    Column("impacts", ARRAY(SmallInteger), nullable=False, comment="as in posting"),
    Column("length", Integer, nullable=False, comment="terms in the chunk, repeats counted"),
    UniqueConstraint("document_id", "position"),
    Index("ix_chunk_audience", "audience", postgresql_using="gin"),
)

embedding = Table(
    "embedding",
    metadata,
    Column("encoder", Text, nullable=False),
    Column("chunk_id", ForeignKey("chunk.id", ondelete="CASCADE"), nullable=False),
    Column("vector", HALFVEC, comment="unit vector; null: script not covered by the encoder"),
    PrimaryKeyConstraint("chunk_id", "encoder"),
    comment="apart from chunk, so that another encoder's vectors grow beside the ones in use",
)

term = Table(
    "term",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("text", Text, nullable=False, unique=True),
    Column("document_frequency", Integer, nullable=False, comment="chunks that hold it"),
)

posting = Table(
    "posting",
    metadata,
    Column("term_id", Integer, nullable=False),
    Column("impact", SmallInteger, nullable=False, comment="BM25 term saturation, quantised"),
    Column("chunk_id", BigInteger, nullable=False),
    Index("ix_posting", "term_id", desc("impact"), "chunk_id", unique=True),
)

corpus = Table(
    "corpus",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False, comment="always 1"),
    Column("chunks", BigInteger, nullable=False),
    Column("length", BigInteger, nullable=False, comment="sum of chunk.length"),
    Column("impact_average", Float, comment="average length that the impacts were made with"),
    Column("encoders", ARRAY(Text), nullable=False, comment="complete ones; the last takes puts"),
)
