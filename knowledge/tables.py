"""The tables of the knowledge base, as SQLAlchemy Core; migrations are tested to equal them.

Names carry no schema: the connection's search_path decides, so that the same tables serve the
live schema and an evaluation's scratch schema.
"""

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
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
    Column("anchors", JSONB, nullable=False, server_default="{}", comment="heading to fragment"),
    Column("owner", Text, comment="who answers for it: a Slack user or group ID, or an address"),
    Column("expires_at", DateTime(timezone=True), comment="its owner promised to look by then"),
    Column(
        "placed",
        Boolean,
        nullable=False,
        server_default="false",
        comment="its folder chose the collection, not the upload",
    ),
    Column(
        "duplicate_of",
        ForeignKey("document.id", ondelete="SET NULL"),
        index=True,
        comment="the document that stands for it in the index",
    ),
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
    Column("uri", Text, nullable=False, server_default=""),
    Column("audience", ARRAY(Text), nullable=False, server_default="{}"),
    Column("metadata", JSONB, nullable=False, server_default="{}"),
    Column("anchors", JSONB, nullable=False, server_default="{}"),
    Column("author", Text, nullable=False, server_default="", comment="who uploaded it"),
    moment("created_at"),
    PrimaryKeyConstraint("document_id", "version"),
)

scope = Table(
    "scope",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("collection", Text, nullable=False),
    Column("audience", ARRAY(Text), nullable=False, comment="sorted"),
    Column("chunks", BigInteger, nullable=False),
    UniqueConstraint("collection", "audience"),
    comment="what one collection holds for one audience: all that a search need ask about",
)

chunk = Table(
    "chunk",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("document_id", ForeignKey("document.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("scope_id", Integer, nullable=False, comment="its document's collection and audience"),
    Column("heading", ARRAY(Text), nullable=False),
    Column("text", Text, nullable=False),
    Column("context", Text, nullable=False, server_default="", comment="found by, never quoted"),
    Column("anchor", Text, comment="fragment of the document's uri"),
    Column("terms", ARRAY(Integer), nullable=False),
    Column("frequencies", ARRAY(SmallInteger), nullable=False),
    Column(
        "impacts",
        ARRAY(SmallInteger),
        nullable=False,
        comment="BM25 term saturation, quantised",
    ),
    Column("length", Integer, nullable=False, comment="terms in the chunk, repeats counted"),
    Column(
        "questioned",
        Boolean,
        nullable=False,
        server_default="false",
        comment="a model was asked what it answers",
    ),
    UniqueConstraint("document_id", "position"),
)

embedding = Table(
    "embedding",
    metadata,
    Column("encoder", Text, nullable=False),
    Column("chunk_id", ForeignKey("chunk.id", ondelete="CASCADE"), nullable=False),
    Column("scope_id", Integer, nullable=False, comment="its chunk's"),
    Column("vector", HALFVEC, comment="unit vector; null: script not covered by the encoder"),
    PrimaryKeyConstraint("chunk_id", "encoder"),
    Index("ix_embedding_scope", "scope_id"),
    comment="apart from chunk, so that another encoder's vectors grow beside the ones in use",
)

term = Table(
    "term",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("text", Text, nullable=False, unique=True),
    Column("document_frequency", Integer, nullable=False, comment="chunks that hold it"),
)

posting_block = Table(
    "posting_block",
    metadata,
    Column("scope_id", Integer, nullable=False, comment="its chunks'"),
    Column("term_id", Integer, nullable=False),
    Column("last_chunk_id", BigInteger, nullable=False, comment="no entry's chunk is newer"),
    Column(
        "entries",
        LargeBinary,
        nullable=False,
        comment="eight bytes each, high ones first: the chunk's id in six, the impact in two",
    ),
    PrimaryKeyConstraint("scope_id", "term_id", "last_chunk_id"),
    comment="which chunks hold a term, oldest first, some hundred in a row",
)

corpus = Table(
    "corpus",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False, comment="always 1"),
    Column("chunks", BigInteger, nullable=False),
    Column("length", BigInteger, nullable=False, comment="sum of chunk.length"),
    Column("impact_average", Float, comment="average length that the impacts were made with"),
    Column("encoders", ARRAY(Text), nullable=False, comment="complete ones; the last takes puts"),
    Column("blend", JSONB, comment="weights of the legs, see blend; null: the built-in ones"),
    Column("questions_used", Boolean, nullable=False, server_default="false"),
)

fingerprint = Table(
    "fingerprint",
    metadata,
    Column("document_id", ForeignKey("document.id", ondelete="CASCADE"), primary_key=True),
    Column("digest", Text, nullable=False, index=True, comment="of the normalised text"),
    Column("signature", LargeBinary, nullable=False, comment="MinHash, uint32 little-endian"),
    Column("bands", ARRAY(BigInteger), nullable=False, comment="of the signature, for LSH"),
    Index("ix_fingerprint_bands", "bands", postgresql_using="gin"),
    comment="what duplicates are found by; only of documents that none stands for",
)

question = Table(
    "question",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column(
        "document_id",
        ForeignKey("document.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("chunk_id", ForeignKey("chunk.id", ondelete="SET NULL"), index=True),
    Column("passage_digest", Text, nullable=False, comment="of the chunk's text, to find it again"),
    Column("text", Text, nullable=False),
    Column("terms", ARRAY(Text), nullable=False, comment="index_terms of the text, each once"),
    Column("answer", Text, nullable=False, server_default="", comment="stands in the chunk"),
    Column("origin", Text, nullable=False, comment="import, or the chat model that wrote it"),
    moment("created_at"),
    Index("ix_question_terms", "terms", postgresql_using="gin"),
    comment="the question set: what each chunk answers",
)

question_embedding = Table(
    "question_embedding",
    metadata,
    Column("encoder", Text, nullable=False),
    Column("question_id", ForeignKey("question.id", ondelete="CASCADE"), nullable=False),
    Column("vector", HALFVEC, nullable=False, comment="unit vector"),
    PrimaryKeyConstraint("question_id", "encoder"),
)

blend = Table(
    "blend",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("parameters", JSONB, nullable=False, comment="null: back to the built-in weights"),
    Column("evidence", JSONB, nullable=False),
    moment("created_at"),
    comment="history of the weights of search's legs; the one in use is in corpus",
)
