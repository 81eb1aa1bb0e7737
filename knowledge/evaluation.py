"""How well search finds and how fast it is, on a BEIR folder through the real pipeline."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from sqlalchemy import text

from knowledge.beir import CorpusEntry, read_corpus, read_qrels, read_queries
from knowledge.chunking import searchable
from knowledge.database import Database, scratch_schema
from knowledge.documents import EVERYONE, Chunk, Document, Query, Reader
from knowledge.embedding import Encoder
from knowledge.errors import InvalidInput
from knowledge.ingest import Draft, Report, ingest, silent
from knowledge.library import Library
from knowledge.metrics import mrr_at, ndcg_at, recall_at
from knowledge.scoring import LEG
from knowledge.search import Search

_SAMPLE = 512
"""Passages that the bare encoder is timed on."""

_DEEP = 2 * LEG
"""Passages that hold every document a search can reach: recall@100 counts documents."""


@dataclass(frozen=True, slots=True)
class RetrievalReport:
    """Means over the questions that have a relevant document; a document ranks by its best chunk.

    Latencies are of single searches for ten passages, one at a time, encoding included. The
    passages per second of the ingest (chunk, encode, write) are to be held against the bare
    encoder's on the same texts in the same run; both are None where nothing was to encode.
    """

    ndcg_at_10: float
    recall_at_5: float
    recall_at_10: float
    recall_at_100: float
    mrr_at_10: float
    p50_ms: float
    p95_ms: float
    documents_per_s: float
    chunks: int
    encoder_passages_per_s: float | None
    ingest_passages_per_s: float | None

    def as_json(self) -> dict[str, float | None]:
        """The fixed JSON contract of ``knowhow evaluate retrieval --json`` (``ndcg@10``)."""
        return {name.replace("_at_", "@"): value for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class _Load:
    documents_per_s: float
    chunks: int
    encoder_passages_per_s: float | None
    ingest_passages_per_s: float | None


async def evaluate_retrieval(
    directory: Path, database: Database, encoder: Encoder, progress: Report = silent
) -> RetrievalReport:
    """Ingest the folder's corpus into a scratch schema and ask its questions.

    Raises InvalidInput for a folder without questions that have a relevant document.
    """
    grades = read_qrels(directory)
    asked = [
        (one.query, grades[one.id])
        for one in read_queries(directory)
        if any(grade > 0 for grade in grades.get(one.id, {}).values())
    ]
    if not asked:
        raise InvalidInput(f"{directory}: no question of queries.jsonl is judged in qrels/test.tsv")
    async with scratch_schema(database) as scratch:
        load = await _ingest(directory, scratch, encoder, progress)
        return await _ask(asked, Search(scratch, encoder), load)


async def _ingest(directory: Path, scratch: Database, encoder: Encoder, progress: Report) -> _Load:
    await encoder.encode(["ready"])  # opening the model is not part of the pace
    library = Library(scratch, encoder)
    drafts = (_draft(entry) for entry in read_corpus(directory))
    started = time.perf_counter()
    done = await ingest(drafts, library, encoder, progress)
    seconds = time.perf_counter() - started
    if done.failed:
        first = done.failed[0]
        raise InvalidInput(f"{directory}: {first.uri} cannot be stored: {first.reason}")
    await library.settle()
    bare = await _bare_pace(scratch, encoder)
    pace = done.chunks / seconds
    return _Load(
        documents_per_s=len(done.sources) / seconds,
        chunks=done.chunks,
        encoder_passages_per_s=bare,
        ingest_passages_per_s=None if bare is None else pace,
    )


async def _bare_pace(scratch: Database, encoder: Encoder) -> float | None:
    """Passages per second of the encoder alone, on chunks from all over the corpus."""
    texts = [one for one in await _encoded_texts(scratch) if encoder.covers(one)]
    sample = texts[:: -(-len(texts) // _SAMPLE) or 1]
    if not sample:
        return None
    started = time.perf_counter()
    await encoder.encode(sample)
    return len(sample) / (time.perf_counter() - started)


async def _encoded_texts(scratch: Database) -> list[str]:
    query = text(
        "SELECT title, position, heading, chunk.text, context "
        "FROM chunk JOIN document ON document.id = document_id ORDER BY chunk.id"
    )
    async with scratch.engine.connect() as connection:
        return [
            searchable(title, Chunk(position, tuple(heading), content, context))
            for title, position, heading, content, context in await connection.execute(query)
        ]


async def _ask(
    asked: Sequence[tuple[Query, Mapping[str, int]]], search: Search, load: _Load
) -> RetrievalReport:
    everyone = Reader((EVERYONE,))
    await search.find(asked[0][0], everyone)  # the first search of a connection plans and loads
    latencies: list[float] = []
    scores: list[tuple[float, ...]] = []
    for query, grades in asked:
        started = time.perf_counter()
        await search.find(query, everyone)
        latencies.append(1000 * (time.perf_counter() - started))
        found = await search.find(query, everyone, _DEEP)
        ranked = list(dict.fromkeys(passage.uri for passage in found.passages))
        scores.append(
            (
                ndcg_at(ranked, grades, 10),
                recall_at(ranked, grades, 5),
                recall_at(ranked, grades, 10),
                recall_at(ranked, grades, 100),
                mrr_at(ranked, grades, 10),
            )
        )
    ndcg_10, recall_5, recall_10, recall_100, mrr_10 = np.mean(scores, axis=0).tolist()
    p50, p95 = np.quantile(latencies, (0.5, 0.95)).tolist()
    return RetrievalReport(
        ndcg_at_10=ndcg_10,
        recall_at_5=recall_5,
        recall_at_10=recall_10,
        recall_at_100=recall_100,
        mrr_at_10=mrr_10,
        p50_ms=p50,
        p95_ms=p95,
        documents_per_s=load.documents_per_s,
        chunks=load.chunks,
        encoder_passages_per_s=load.encoder_passages_per_s,
        ingest_passages_per_s=load.ingest_passages_per_s,
    )


def _draft(entry: CorpusEntry) -> Draft:
    parsed = entry.parsed
    document = Document(source=entry.id, uri=entry.id, title=parsed.title, text=parsed.text)
    return Draft(document, "evaluation", (EVERYONE,), entry.id)
