"""The statements of a search. Each sees only rows that the reader may see.

``:terms`` and ``:weights`` are the query's; ``:principals`` the reader's, ``:collections`` null
or those to search in; ``:vector`` the query's, ``:encoder`` who made it; ``:questions`` whether the
question set is searched, null: as the weights in use want it, ``:excluded`` null or a question of
it that is passed over.
"""

from sqlalchemy import TextClause, text

from knowledge.bm25 import SCALE
from knowledge.storage.scopes import MAY_SEE_SCOPE
from knowledge.storage.vector_index import distance_sql, made_by_sql

_SEEN = f"SELECT id FROM scope WHERE {MAY_SEE_SCOPE}"  # noqa: S608 - constants only

_MAY_SEE = f"chunk.scope_id = ANY (ARRAY({_SEEN}))"

# The query's terms with their idf (Robertson and Zaragoza 2009), those in no document included.
# The size comes by a subquery: joined, the planner would take ``corpus`` for a thousand rows.
_ASKED = """
    SELECT term.id, given.text, coalesce(document_frequency, 0) AS frequency, given.weight * ln(
        1 + ((SELECT chunks FROM corpus) - coalesce(document_frequency, 0) + 0.5)
        / (coalesce(document_frequency, 0) + 0.5)
    ) AS weight
    FROM unnest(CAST(:terms AS text[]), CAST(:weights AS float8[])) AS given (text, weight)
    LEFT JOIN term ON term.text = given.text
"""

READ = text(f"""
    WITH seen AS MATERIALIZED ({_SEEN}),
    state AS MATERIALIZED (
        SELECT *, CAST(coalesce(
            (SELECT sum(scope.chunks) FROM scope JOIN seen USING (id)), 0
        ) AS bigint) AS visible
        FROM corpus
    ),
    asked AS ({_ASKED}),
    chosen AS MATERIALIZED (
        SELECT
            asked.id, weight, visible <= :small OR sum(frequency) OVER rarest = frequency
            OR (sum(frequency) OVER rarest - frequency / 2) * visible / chunks
                <= greatest(:postings, visible / :postings_share) AS is_read
        FROM asked CROSS JOIN state
        WINDOW rarest AS (ORDER BY frequency, asked.id)
    )
    SELECT
        visible, chunks, encoders, blend, chosen.id, coalesce(weight, 0) AS weight,
        coalesce(is_read, true) AS is_read, coalesce(entries, '') AS entries
    FROM state LEFT JOIN chosen ON true LEFT JOIN LATERAL (
        SELECT string_agg(block.entries, '') AS entries
        FROM seen CROSS JOIN LATERAL (
            SELECT entries FROM posting_block
            WHERE scope_id = seen.id AND term_id = chosen.id
            OFFSET 0
        ) AS block
        WHERE is_read
    ) AS held ON true
""")  # noqa: S608 - constants only
"""A row for each term of the query, with its visible postings where it is read; at least one row.

The rarest term is read, and the next ones while their postings, of the last one half, are no more
together than ``:postings``, or that share of the visible chunks; where these are few, all terms.
Terms are counted over the whole library; the reader sees his share of each. ``OFFSET 0`` keeps the
planner, which may have no statistics yet, from reading all postings instead of each term's."""

_ASKS_QUESTIONS = """
    coalesce(CAST(:questions AS boolean), (SELECT questions_used FROM corpus))
    AND question.id IS DISTINCT FROM CAST(:excluded AS bigint)
"""

# By meaning; where the query has no vector by the terms in common: their share of what is asked,
# times their share of the question.
_LIKE_A_QUESTION = f"""
    SELECT chunk_id, max(score) AS score
    FROM (
        SELECT question.chunk_id, -(vector <#> CAST(:vector AS halfvec)) AS score
        FROM question
        JOIN question_embedding ON question_id = question.id
        JOIN chunk ON chunk.id = question.chunk_id
        WHERE encoder = :encoder AND CAST(:vector AS halfvec) IS NOT NULL
        AND scope_id = ANY (ARRAY(SELECT id FROM seen)) AND {_ASKS_QUESTIONS}
        UNION ALL
        SELECT
            question.chunk_id,
            sum(asked.weight) / (SELECT sum(weight) FROM asked)
            * count(*) / cardinality(question.terms)
        FROM question
        JOIN asked ON asked.text = ANY (question.terms)
        JOIN chunk ON chunk.id = question.chunk_id
        WHERE CAST(:vector AS halfvec) IS NULL AND question.terms && CAST(:terms AS text[])
        AND scope_id = ANY (ARRAY(SELECT id FROM seen)) AND {_ASKS_QUESTIONS}
        GROUP BY question.id
    ) AS alike
    GROUP BY chunk_id
"""  # noqa: S608 - constants only

FEW = text(f"""
    WITH seen AS MATERIALIZED ({_SEEN}),
    asked AS MATERIALIZED ({_ASKED}),
    dense AS MATERIALIZED (
        SELECT chunk_id, -(vector <#> CAST(:vector AS halfvec)) AS score
        FROM embedding
        WHERE scope_id = ANY (ARRAY(SELECT id FROM seen))
        AND encoder = :encoder AND vector IS NOT NULL AND CAST(:vector AS halfvec) IS NOT NULL
    ),
    alike AS MATERIALIZED ({_LIKE_A_QUESTION}),
    pool AS (
        SELECT unnest(CAST(:lexical AS bigint[])) AS chunk_id
        UNION
        (SELECT chunk_id FROM dense ORDER BY score DESC, chunk_id LIMIT :leg)
        UNION
        (SELECT chunk_id FROM alike ORDER BY score DESC, chunk_id LIMIT :leg)
    )
    SELECT
        chunk_id, dense.score AS dense, alike.score AS questions, scope.collection,
        0 AS lexical, 0 AS covered
    FROM pool
    JOIN chunk ON chunk.id = chunk_id
    JOIN scope ON scope.id = scope_id
    LEFT JOIN dense USING (chunk_id)
    LEFT JOIN alike USING (chunk_id)
""")  # noqa: S608 - constants only
"""Exact on every leg: each visible chunk is scored."""


def many(encoder: str, dimension: int) -> TextClause:
    """What the postings read and the vector index find, with its exact scores.

    ``lexical`` and ``covered`` are of the terms that were not read, ``:unread`` with their
    weights. The encoder and its dimension are written into the statement, as into the vector index.
    """
    distance = distance_sql(dimension)
    return text(f"""
        WITH seen AS MATERIALIZED ({_SEEN}),
        near AS MATERIALIZED (
            SELECT chunk_id
            FROM embedding
            WHERE {made_by_sql(encoder)} AND CAST(:vector AS halfvec) IS NOT NULL
            AND scope_id = ANY (ARRAY(SELECT id FROM seen))
            ORDER BY {distance}
            LIMIT :leg
        ),
        alike AS MATERIALIZED (
            SELECT DISTINCT chunk_id
            FROM (
                SELECT question.chunk_id
                FROM question_embedding
                JOIN question ON question.id = question_id
                JOIN chunk ON chunk.id = question.chunk_id
                WHERE {made_by_sql(encoder)} AND CAST(:vector AS halfvec) IS NOT NULL
                AND scope_id = ANY (ARRAY(SELECT id FROM seen)) AND {_ASKS_QUESTIONS}
                ORDER BY {distance}
                LIMIT :leg
            ) AS scanned
        ),
        pool AS (
            SELECT unnest(CAST(:lexical AS bigint[])) AS chunk_id
            UNION SELECT chunk_id FROM near UNION SELECT chunk_id FROM alike
        )
        SELECT
            pool.chunk_id,
            -(embedding.vector <#> CAST(:vector AS halfvec)) AS dense,
            asking.score AS questions,
            scope.collection,
            coalesce(rest.score, 0) AS lexical,
            coalesce(rest.covered, 0) AS covered
        FROM pool
        JOIN chunk ON chunk.id = chunk_id
        JOIN scope ON scope.id = chunk.scope_id
        LEFT JOIN embedding ON embedding.chunk_id = chunk.id AND embedding.encoder = :encoder
        CROSS JOIN LATERAL (
            SELECT sum(impacts[place] * weight) / {SCALE} AS score, sum(weight) AS covered
            FROM unnest(CAST(:unread AS int[]), CAST(:unread_weights AS float8[]))
                AS unread (id, weight)
            CROSS JOIN LATERAL array_position(terms, unread.id) AS place
            WHERE place IS NOT NULL
        ) AS rest
        CROSS JOIN LATERAL (
            SELECT max(-(question_embedding.vector <#> CAST(:vector AS halfvec))) AS score
            FROM question JOIN question_embedding ON question_id = question.id
            WHERE question.chunk_id = chunk.id AND question_embedding.encoder = :encoder
            AND {_ASKS_QUESTIONS}
        ) AS asking
    """)  # noqa: S608 - constants only


PASSAGES = text(f"""
    SELECT
        chunk.id, document_id, version, position, uri, title, heading, chunk.text, anchor,
        scope.collection, 'everyone' <> ALL (scope.audience) AS restricted, embedding.vector
    FROM chunk
    JOIN document ON document.id = document_id
    JOIN scope ON scope.id = chunk.scope_id
    LEFT JOIN embedding ON embedding.chunk_id = chunk.id AND embedding.encoder = :encoder
    WHERE chunk.id = ANY(:ids) AND {_MAY_SEE}
""")  # noqa: S608 - constants only
"""What the reader is given of the chunks found."""

SURROUNDINGS = text(f"""
    SELECT passage.id, chunk.id, chunk.position, chunk.text
    FROM unnest(CAST(:ids AS bigint[])) AS passage (id)
    JOIN chunk AS found ON found.id = passage.id
    JOIN chunk ON chunk.document_id = found.document_id
        AND chunk.position BETWEEN found.position - :reach AND found.position + :reach
        AND chunk.heading = found.heading
    WHERE {_MAY_SEE}
    ORDER BY chunk.position
""")  # noqa: S608 - constants only
"""The chunks around those found, of the same document and heading."""

AVOID_WHOLE_TABLES = text("SELECT set_config('enable_seqscan', 'off', true)")
"""For a reader who may see little of much: the planner cannot know how little."""

LOAD_PGVECTOR = text("SELECT CAST('[1]' AS halfvec)")
"""Its settings can only be checked once its library is loaded into the session."""

SET_ITERATIVE_SCAN = text(
    "SELECT set_config('hnsw.iterative_scan', 'relaxed_order', true), "
    "set_config('hnsw.ef_search', :leg, true)"
)
"""Filtered rows do not count: the scan goes on until enough visible ones are found."""

ITERATIVE_SCAN = text("SELECT current_setting('hnsw.iterative_scan', true)")
"""A value that the server does not know is only warned of."""

EXISTING = text("SELECT id FROM document WHERE id = ANY(:ids)")
