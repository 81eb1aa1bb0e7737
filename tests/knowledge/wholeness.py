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

POSTING = """(
    SELECT scope_id, term_id, last_chunk_id, entry >> 16 AS chunk_id, entry & 65535 AS impact
    FROM posting_block CROSS JOIN generate_series(1, octet_length(entries), 8) AS place
    CROSS JOIN LATERAL CAST(
        CAST('x' || encode(substring(entries FROM place FOR 8), 'hex') AS bit(64)) AS bigint
    ) AS entry
)"""
"""The postings one by one."""

# Each counts rows that contradict what the chunks say; all must be none.
_CONTRADICTIONS = {
    "postings that are not those of the chunks": f"""
        SELECT count(*) FROM (SELECT scope_id, term_id, chunk_id, impact FROM {POSTING}) AS posted
        FULL JOIN (
            SELECT scope_id, held.term_id, id AS chunk_id, held.impact
            FROM chunk CROSS JOIN LATERAL unnest(terms, impacts) AS held (term_id, impact)
        ) AS held USING (scope_id, term_id, chunk_id)
        WHERE posted.impact IS DISTINCT FROM held.impact
    """,  # noqa: S608 - constants only
    "blocks that overlap or are too large": f"""
        SELECT count(*) FROM (
            SELECT last_chunk_id, max(chunk_id) AS newest, count(*) AS entries, lag(last_chunk_id)
                OVER (PARTITION BY scope_id, term_id ORDER BY last_chunk_id) AS before,
                min(chunk_id) AS oldest
            FROM {POSTING} AS posted GROUP BY scope_id, term_id, last_chunk_id
        ) AS block
        WHERE newest > last_chunk_id OR oldest <= before OR entries > 240
    """,  # noqa: S608 - constants only
    "empty blocks": "SELECT count(*) FROM posting_block WHERE octet_length(entries) = 0",
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
            assert (texts or []) == [piece.text for piece in chunk(content, title)], source
    await assert_counted(database)


async def assert_counted(database: Database) -> None:
    """Fail unless the index and all counts say what the chunks say."""
    async with database.engine.connect() as connection:
        for what, query in _CONTRADICTIONS.items():
            assert await connection.scalar(text(query)) == 0, what
