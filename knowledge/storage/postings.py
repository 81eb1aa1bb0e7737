"""The inverted index in plain tables: term ids, document frequencies, postings, totals.

Everything here runs in the caller's transaction, which must hold `lock_writers`: document
frequencies are counters, and two writers that raised the same ones in another order would
deadlock. Readers never wait: they see the state before or after a transaction.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge.bm25 import IMPACT_SQL, has_drifted
from knowledge.storage.scopes import count_out

_BLOCK = 240
"""Entries in a block: 1,920 bytes, the most that stays in its row and is not compressed."""

_SMALL_BLOCKS = 8
"""Of a term that are looked at: each is at least as large as all newer ones together."""

_LOCK = text(
    "SELECT pg_advisory_xact_lock(hashtext('knowhow library'), hashtext(current_schema()))"
)

_FIRST_TOTALS = text(
    "INSERT INTO corpus (id, chunks, length, encoders) VALUES (1, 0, 0, '{}') "
    "ON CONFLICT DO NOTHING"
)

# Chunks that hold each term grow in number; terms that are there already are returned.
_RAISE_FREQUENCIES = text("""
    UPDATE term SET document_frequency = document_frequency + new.count
    FROM unnest(CAST(:texts AS text[]), CAST(:counts AS int[])) AS new (text, count)
    WHERE term.text = new.text
    RETURNING term.text, term.id
""")

# An upsert would use up a number of the sequence for each term that is there already.
_ADD_TERMS = text("""
    INSERT INTO term (text, document_frequency)
    SELECT * FROM unnest(CAST(:texts AS text[]), CAST(:counts AS int[]))
    RETURNING text, id
""")

_RESERVE_IDS = text(
    "SELECT min(nextval(pg_get_serial_sequence('chunk', 'id'))) FROM generate_series(1, :count)"
)

# Eight bytes each, see `posting_block`; blocks of one term do not overlap, ids only grow.
_BLOCKS = f"""
    SELECT scope_id, term_id, part, max(chunk_id) AS last_chunk_id,
        string_agg(int8send(chunk_id * 65536 + impact), '' ORDER BY chunk_id) AS entries
    FROM (
        SELECT chunk.scope_id, held.term_id, chunk.id AS chunk_id, held.impact, (
            row_number() OVER (PARTITION BY chunk.scope_id, held.term_id ORDER BY chunk.id) - 1
        ) / {_BLOCK} AS part
        FROM chunk, unnest(chunk.terms, chunk.impacts) AS held (term_id, impact)
        WHERE chunk.id BETWEEN :first AND :last
    ) AS one
    GROUP BY scope_id, term_id, part
"""  # noqa: S608 - constants only

# A new block takes in those before it, the newest first, while it is no smaller than the next: as
# in a binary counter, a term has few small blocks and an entry is written anew few times.
_ADD_POSTINGS = text(f"""
    WITH fresh AS MATERIALIZED ({_BLOCKS}),
    joined AS MATERIALIZED (
        SELECT scope_id, term_id, part, small.last_chunk_id, small.entries
        FROM fresh CROSS JOIN LATERAL (
            SELECT last_chunk_id, entries, bool_and(
                2 * octet_length(entries) <= together AND together <= 8 * {_BLOCK}
            ) OVER (ORDER BY last_chunk_id DESC) AS fits
            FROM (
                SELECT last_chunk_id, entries, octet_length(fresh.entries)
                    + sum(octet_length(entries)) OVER (ORDER BY last_chunk_id DESC) AS together
                FROM (
                    SELECT last_chunk_id, entries FROM posting_block
                    WHERE scope_id = fresh.scope_id AND term_id = fresh.term_id
                    ORDER BY last_chunk_id DESC LIMIT {_SMALL_BLOCKS}
                ) AS newest
            ) AS sized
        ) AS small
        WHERE part = 0 AND fits
    ),
    taken AS (
        DELETE FROM posting_block USING joined
        WHERE posting_block.scope_id = joined.scope_id AND posting_block.term_id = joined.term_id
            AND posting_block.last_chunk_id = joined.last_chunk_id
    )
    INSERT INTO posting_block (scope_id, term_id, last_chunk_id, entries)
    SELECT scope_id, term_id, max(last_chunk_id), string_agg(entries, '' ORDER BY last_chunk_id)
    FROM (
        SELECT scope_id, term_id, part, last_chunk_id, entries FROM fresh
        UNION ALL SELECT scope_id, term_id, part, last_chunk_id, entries FROM joined
    ) AS whole
    GROUP BY scope_id, term_id, part
""")  # noqa: S608 - constants only

_CHANGE_TOTALS = text("UPDATE corpus SET chunks = chunks + :chunks, length = length + :length")

_LOWER_FREQUENCIES = text("""
    UPDATE term SET document_frequency = document_frequency - old.count
    FROM (
        SELECT term_id, count(*) AS count FROM chunk, unnest(chunk.terms) AS held (term_id)
        WHERE document_id = ANY(:documents) GROUP BY term_id
    ) AS old
    WHERE term.id = old.term_id
    RETURNING CASE WHEN document_frequency = 0 THEN term.id END
""")

_DELETE_TERMS = text("DELETE FROM term WHERE id = ANY(:terms)")

# Of a block that held nothing else nothing is left.
_DELETE_POSTINGS = text("""
    WITH gone AS MATERIALIZED (
        SELECT id, scope_id, terms FROM chunk WHERE document_id = ANY(:documents)
    ),
    touched AS MATERIALIZED (
        SELECT DISTINCT gone.scope_id, held.term_id, block.last_chunk_id
        FROM gone CROSS JOIN LATERAL unnest(gone.terms) AS held (term_id) CROSS JOIN LATERAL (
            SELECT last_chunk_id FROM posting_block
            WHERE scope_id = gone.scope_id AND term_id = held.term_id AND last_chunk_id >= gone.id
            ORDER BY last_chunk_id LIMIT 1
        ) AS block
    ),
    rest AS MATERIALIZED (
        SELECT scope_id, term_id, last_chunk_id, (
            SELECT string_agg(entry, '' ORDER BY place)
            FROM generate_series(1, octet_length(entries), 8) AS place
            CROSS JOIN LATERAL substring(entries FROM place FOR 8) AS entry
            WHERE substring(entry FOR 6) NOT IN (
                SELECT substring(int8send(id * 65536) FOR 6) FROM gone
            )
        ) AS entries
        FROM touched JOIN posting_block USING (scope_id, term_id, last_chunk_id)
    ),
    emptied AS (
        DELETE FROM posting_block USING rest
        WHERE rest.entries IS NULL AND posting_block.scope_id = rest.scope_id
            AND posting_block.term_id = rest.term_id
            AND posting_block.last_chunk_id = rest.last_chunk_id
    )
    UPDATE posting_block SET entries = rest.entries
    FROM rest
    WHERE rest.entries IS NOT NULL AND posting_block.scope_id = rest.scope_id
        AND posting_block.term_id = rest.term_id
        AND posting_block.last_chunk_id = rest.last_chunk_id
""")

_TOTALS_OF = text(
    "SELECT count(*), coalesce(sum(length), 0) FROM chunk WHERE document_id = ANY(:documents)"
)

_AVERAGES = text(
    "SELECT CAST(length AS double precision) / nullif(chunks, 0), impact_average FROM corpus"
)

_NEW_IMPACTS = text(f"""
    UPDATE chunk SET impacts = ARRAY(
        SELECT CAST({IMPACT_SQL} AS smallint)
        FROM unnest(CAST(frequencies AS double precision[])) WITH ORDINALITY AS held (f, place)
        ORDER BY place
    )
""")  # noqa: S608 - the formula is a constant

_CLEAR_POSTINGS = text("DELETE FROM posting_block")

_ID_RANGE = text("SELECT coalesce(min(id), 0), coalesce(max(id), -1) FROM chunk")


async def lock_writers(connection: AsyncConnection) -> None:
    """Wait until no other writer of this library is at work; held until the transaction ends."""
    await connection.execute(_LOCK)
    await connection.execute(_FIRST_TOTALS)


async def count_terms(
    connection: AsyncConnection, terms: Sequence[Mapping[str, int]]
) -> dict[str, int]:
    """Raise the frequency of each chunk's terms, making new ones; returns every term's id."""
    counts = Counter(term for chunk in terms for term in chunk)
    ids: dict[str, int] = {}
    for statement in (_RAISE_FREQUENCIES, _ADD_TERMS):
        missing = sorted(counts.keys() - ids.keys())
        rows = await connection.execute(
            statement, {"texts": missing, "counts": [counts[term] for term in missing]}
        )
        ids.update((term, number) for term, number in rows)
    return ids


async def reserve_chunk_ids(connection: AsyncConnection, count: int) -> int:
    """The first of ``count`` new chunk ids in a row: only holders of the lock take any."""
    return int(await connection.scalar(_RESERVE_IDS, {"count": count}))


async def add_postings(connection: AsyncConnection, first: int, last: int) -> None:
    """Index chunks written in this transaction, given as the range of their ids."""
    await connection.execute(_ADD_POSTINGS, {"first": first, "last": last})


async def change_totals(connection: AsyncConnection, chunks: int, length: int) -> None:
    """Count chunks, and the terms in them, in or out of the averages."""
    await connection.execute(_CHANGE_TOTALS, {"chunks": chunks, "length": length})


async def forget(connection: AsyncConnection, documents: Sequence[int]) -> None:
    """Take the documents' chunks out of the index; to be called before the chunks are deleted."""
    which = {"documents": list(documents)}
    chunks, length = (await connection.execute(_TOTALS_OF, which)).one()
    await change_totals(connection, -chunks, -length)
    await count_out(connection, documents)
    lowered = await connection.execute(_LOWER_FREQUENCIES, which)
    unused = [term for (term,) in lowered if term is not None]
    await connection.execute(_DELETE_TERMS, {"terms": unused})
    await connection.execute(_DELETE_POSTINGS, which)


async def impact_average(connection: AsyncConnection, chunks: int, length: int) -> float:
    """The average length to make impacts with: the stored one, at first that of these chunks."""
    _, made_with = (await connection.execute(_AVERAGES)).one()
    if made_with is not None:
        return float(made_with)
    average = max(length, 1) / max(chunks, 1)
    await connection.execute(text("UPDATE corpus SET impact_average = :a"), {"a": average})
    return average


async def have_drifted(connection: AsyncConnection) -> bool:
    """Whether the average length has moved so far that impacts should be made anew."""
    average, made_with = (await connection.execute(_AVERAGES)).one()
    return bool(average) and has_drifted(average, made_with)


async def refresh_impacts(connection: AsyncConnection) -> None:
    """Make every impact anew with the present average length.

    In one transaction, so that a reader never sees half of it: it takes about a minute per
    hundred thousand chunks, but a library that large hardly drifts.
    """
    average, _ = (await connection.execute(_AVERAGES)).one()
    await connection.execute(_CLEAR_POSTINGS)
    await connection.execute(_NEW_IMPACTS, {"average": average})
    first, last = (await connection.execute(_ID_RANGE)).one()
    await add_postings(connection, first, last)
    await connection.execute(text("UPDATE corpus SET impact_average = :a"), {"a": average})
