"""How well search finds and how fast it is, on a BEIR folder through the real pipeline."""

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlalchemy import select, text

from knowledge import tables
from knowledge.beir import CorpusEntry, read_corpus, read_qrels, read_queries
from knowledge.chunking import searchable
from knowledge.database import Database
from knowledge.documents import EVERYONE, Chunk, Document, Reader
from knowledge.embedding import Encoder
from knowledge.errors import InvalidInput
from knowledge.evaluation.intervals import interval
from knowledge.evaluation.outcomes import Advance, Judged, Outcome, ask_all, unheard
from knowledge.evaluation.own_questions import all_seeing, own_questions
from knowledge.retrieval.search import Search
from knowledge.schemas import scratch_schema
from knowledge.storage.ingest import Draft, Report, ingest, silent
from knowledge.storage.library import Library

_SAMPLE = 512
"""Passages that the bare encoder is timed on."""

_MEASURES = ("ndcg_at_10", "recall_at_5", "recall_at_10", "recall_at_100", "mrr_at_10")


@dataclass(frozen=True, slots=True)
class Load:
    """What was read in; paces are None where nothing was read or nothing was to encode."""

    chunks: int
    documents_per_s: float | None = None
    encoder_passages_per_s: float | None = None
    ingest_passages_per_s: float | None = None


@dataclass(frozen=True, slots=True)
class RetrievalReport:
    """Means over the questions that have a relevant document; a document ranks by its best chunk.

    Latencies are of single searches for ten passages, one at a time, encoding included. The
    passages per second of the ingest (chunk, encode, write) are to be held against the bare
    encoder's on the same texts in the same run. ``source`` and ``encoder`` say what was measured.
    """

    source: str
    encoder: str
    outcomes: tuple[Outcome, ...]
    load: Load

    def mean(self, measure: str) -> float:
        """The mean of one of the outcomes' measures, such as ``ndcg_at_10``."""
        return float(np.mean([getattr(one, measure) for one in self.outcomes]))

    def interval(self, measure: str) -> tuple[float, float]:
        """The mean's 95 % bootstrap interval; questions on one document are drawn together."""
        return interval(
            [getattr(one, measure) for one in self.outcomes],
            [one.expected for one in self.outcomes],
        )

    @property
    def latencies(self) -> tuple[float, float]:
        """The median and the 95th percentile, in milliseconds."""
        p50, p95 = np.quantile([one.latency_ms for one in self.outcomes], (0.5, 0.95)).tolist()
        return p50, p95

    def as_json(self) -> dict[str, object]:
        """The fixed JSON contract of ``knowhow evaluate retrieval --json``, and intervals."""
        p50, p95 = self.latencies
        return {
            **{_name(measure): self.mean(measure) for measure in _MEASURES},
            "p50_ms": p50,
            "p95_ms": p95,
            "documents_per_s": self.load.documents_per_s,
            "chunks": self.load.chunks,
            "encoder_passages_per_s": self.load.encoder_passages_per_s,
            "ingest_passages_per_s": self.load.ingest_passages_per_s,
            "questions": len(self.outcomes),
            "intervals": {_name(measure): self.interval(measure) for measure in _MEASURES},
        }


def _name(measure: str) -> str:
    return measure.replace("_at_", "@")


async def evaluate_retrieval(
    directory: Path,
    database: Database,
    encoder: Encoder,
    progress: Report = silent,
    advance: Advance = unheard,
) -> RetrievalReport:
    """Ingest the folder's corpus into a scratch schema and ask its questions.

    Raises InvalidInput for a folder without questions that have a relevant document.
    """
    grades = read_qrels(directory)
    asked = [
        Judged(one.query, grades[one.id])
        for one in read_queries(directory)
        if any(grade > 0 for grade in grades.get(one.id, {}).values())
    ]
    if not asked:
        raise InvalidInput(f"{directory}: no question of queries.jsonl is judged in qrels/test.tsv")
    async with scratch_schema(database) as scratch:
        load = await _ingest(directory, scratch, encoder, progress)
        outcomes = await ask_all(asked, Search(scratch, encoder), Reader((EVERYONE,)), advance)
    return RetrievalReport(directory.name, encoder.name, outcomes, load)


async def evaluate_own(
    database: Database, encoder: Encoder, advance: Advance = unheard
) -> RetrievalReport:
    """Ask the team's own question set of its own library, for eyes that may see everything.

    Where the question set itself is searched, a question never finds itself. Raises InvalidInput
    when there is no question set.
    """
    asked = [one.judged for one in await own_questions(database)]
    async with database.engine.connect() as connection:
        chunks = await connection.scalar(select(tables.corpus.c.chunks)) or 0
    search, reader = Search(database, encoder), await all_seeing(database)
    outcomes = await ask_all(asked, search, reader, advance)
    return RetrievalReport("own question set", encoder.name, outcomes, Load(chunks))


async def _ingest(directory: Path, scratch: Database, encoder: Encoder, progress: Report) -> Load:
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
    return Load(
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


def _draft(entry: CorpusEntry) -> Draft:
    parsed = entry.parsed
    document = Document(source=entry.id, uri=entry.id, title=parsed.title, text=parsed.text)
    return Draft(document, "evaluation", (EVERYONE,), entry.id)
