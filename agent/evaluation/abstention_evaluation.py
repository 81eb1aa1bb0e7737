"""Whether the confidence tells answerable questions from unanswerable ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.evaluation.scratch_library import scratch_library
from agent.reading.answerability import THRESHOLD, answerability
from agent.reading.extractive import Reading, read
from agent.retrieving import PASSAGES
from knowledge.beir import read_corpus, read_queries, read_unanswerable
from knowledge.database import Database
from knowledge.documents import Query, Reader, Signals
from knowledge.embedding import Encoder
from knowledge.evaluation.metrics import auroc
from knowledge.evaluation.outcomes import Advance, unheard
from knowledge.retrieval.scoring import query_text
from knowledge.retrieval.search import Search
from knowledge.storage.ingest import Report, silent


@dataclass(frozen=True, slots=True)
class AbstentionReport:
    """Rates at the threshold that the agent uses; ``auroc`` judges the order at every one."""

    auroc: float
    answered_rate: float
    false_answer_rate: float
    threshold: float

    def as_json(self) -> dict[str, float]:
        """The fixed JSON contract of ``knowhow evaluate abstention --json``."""
        return {
            "auroc": round(self.auroc, 4),
            "answered_rate": round(self.answered_rate, 4),
            "false_answer_rate": round(self.false_answer_rate, 4),
            "threshold": self.threshold,
        }


async def evaluate_abstention(
    directory: Path,
    database: Database,
    encoder: Encoder,
    progress: Report = silent,
    asking: Advance = unheard,
) -> AbstentionReport:
    """Retrieval and reading of every question; ``turns`` are used where a query has them."""
    answerable = read_queries(directory)
    questions = (*answerable, *read_unanswerable(directory))
    confidences = []
    async with scratch_library(read_corpus(directory), database, encoder, progress) as scratch:
        search = Search(scratch, encoder)
        for done, asked in enumerate(questions, start=1):
            confidences.append(answerability(*await measure(asked.query, search, encoder)))
            asking(done, len(questions))
    known, unknown = confidences[: len(answerable)], confidences[len(answerable) :]
    return AbstentionReport(
        auroc=auroc(known, unknown),
        answered_rate=_share_answered(known),
        false_answer_rate=_share_answered(unknown),
        threshold=THRESHOLD,
    )


async def measure(query: Query, search: Search, encoder: Encoder) -> tuple[Signals, Reading]:
    """What the agent measures of a question before it decides whether to answer."""
    text = query_text(query)
    vector = (await encoder.encode([text]))[0] if encoder.covers(text) else None
    found = await search.find(query, Reader(), PASSAGES, vector)
    return found.signals, await read(query, vector, found.passages, encoder)


def _share_answered(confidences: Sequence[float]) -> float:
    answered = sum(confidence >= THRESHOLD for confidence in confidences)
    return answered / len(confidences) if confidences else 0.0
