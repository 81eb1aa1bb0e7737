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

_ADD_POSTINGS = text("""
    INSERT INTO posting (scope_id, term_id, impact, chunk_id)
    SELECT chunk.scope_id, held.term_id, held.impact, chunk.id
    FROM chunk, unnest(chunk.terms, chunk.impacts) AS held (term_id, impact)
    WHERE chunk.id BETWEEN :first AND :last
    ORDER BY 1, 2, 3 DESC, 4
""")

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

_DELETE_POSTINGS = text("""
    DELETE FROM posting USING (
        SELECT chunk.id AS chunk_id, chunk.scope_id, held.term_id, held.impact
        FROM chunk, unnest(chunk.terms, chunk.impacts) AS held (term_id, impact)
        WHERE document_id = ANY(:documents)
    ) AS old
    WHERE posting.scope_id = old.scope_id AND posting.term_id = old.term_id
        AND posting.impact = old.impact AND posting.chunk_id = old.chunk_id
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

_CLEAR_POSTINGS = text("DELETE FROM posting")

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
