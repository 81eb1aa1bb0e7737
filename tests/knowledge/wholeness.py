"""A check of the whole library: every document in one piece, everything counted right."""

from sqlalchemy import text

from knowledge.chunking import chunk
from knowledge.database import Database

_DOCUMENTS = text("""
    SELECT d.source, d.title, d.version, d.content_hash, v.title, v.text, v.content_hash,
        (SELECT count(*) FROM document_version o WHERE o.document_id = d.id),
        (SELECT array_agg(c.text ORDER BY c.position) FROM chunk c WHERE c.document_id = d.id)
    FROM document d LEFT JOIN document_version v ON v.document_id = d.id AND v.version = d.version
    WHERE d.duplicate_of IS NULL
""")

# Each counts rows that contradict what the chunks say; all must be none.
_CONTRADICTIONS = {
    "postings without their chunk's term": """
        SELECT count(*) FROM posting p WHERE NOT EXISTS (
            SELECT FROM chunk c WHERE c.id = p.chunk_id AND c.scope_id = p.scope_id
                AND p.term_id = ANY(c.terms))
    """,
    "chunks whose terms are not all posted": """
        SELECT count(*) FROM chunk c WHERE cardinality(c.terms)
            <> (SELECT count(*) FROM posting p WHERE p.chunk_id = c.id)
    """,
    "chunks without one embedding": """
        SELECT count(*) FROM chunk c WHERE 1 <> (
            SELECT count(*) FROM embedding e WHERE e.chunk_id = c.id AND e.scope_id = c.scope_id)
    """,
    "terms with a wrong frequency": """
        SELECT count(*) FROM term t WHERE document_frequency
            <> (SELECT count(*) FROM chunk c WHERE t.id = ANY(c.terms))
    """,
    "wrong totals": """
        SELECT count(*) FROM corpus
        WHERE (chunks, length) <> (SELECT count(*), coalesce(sum(length), 0) FROM chunk)
    """,
    "scopes with a wrong count": """
        SELECT count(*) FROM scope s
        WHERE chunks <> (SELECT count(*) FROM chunk c WHERE c.scope_id = s.id)
    """,
    "versions missing": """
        SELECT count(*) FROM document d
        WHERE version <> (SELECT count(*) FROM document_version v WHERE v.document_id = d.id)
    """,
}


async def assert_whole(database: Database) -> None:
    """Fail unless each document's chunks are those of its newest version, and all counts agree."""
    async with database.engine.connect() as connection:
        for row in await connection.execute(_DOCUMENTS):
            source, title, version, digest, its_title, content, its_digest, versions, texts = row
            assert (title, digest, version) == (its_title, its_digest, versions), source
            assert texts == [piece.text for piece in chunk(content, title)], source
        for what, query in _CONTRADICTIONS.items():
            assert await connection.scalar(text(query)) == 0, what
