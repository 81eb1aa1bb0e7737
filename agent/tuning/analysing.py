"""Analyse the stored pairs: what detectors find, topics, and what the documents hold of them."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import exists, select

from agent.evaluation.abstention_evaluation import measure
from agent.reading.answerability import answerability
from agent.tuning.analysis import Analysis, Asked, analyse
from agent.tuning.examining.examination import Step, examine, examined, world_of
from knowledge.database import Database
from knowledge.documents import Query
from knowledge.embedding import Encoder
from knowledge.retrieval.search import Search
from knowledge.tables import document

_PER_TOPIC = 4
_MOST_ASKED = 96
"""Questions asked of the documents: each costs a search and a reading of what it finds."""


async def analyse_stored(
    database: Database,
    encoder: Encoder,
    step: Step,
    *,
    held_out: Sequence[str] = (),
    price: float | None = None,
) -> Analysis:
    """The candidates and approved pairs; ``held_out`` are questions never to be trained on.

    ``price`` is what a fine-tuning API takes for a million tokens, in dollars.
    """
    pairs = await examined(database)
    started = time.perf_counter()
    world = await world_of(encoder, pairs, held_out, step)
    encoding = time.perf_counter() - started
    findings = await asyncio.to_thread(examine, pairs, world, step)
    step("topics", 0, 1)
    analysis = await asyncio.to_thread(analyse, pairs, world, findings, Asked(price, encoding))
    return await _held_against_documents(analysis, database, encoder, step)


async def _held_against_documents(
    analysis: Analysis, database: Database, encoder: Encoder, step: Step
) -> Analysis:
    """With how likely they answer a few typical questions of each topic, where there are any."""
    async with database.engine.connect() as connection:
        if not await connection.scalar(select(exists(select(document.c.id)))):
            return analysis
    search = Search(database, encoder)
    chosen = _chosen(analysis)
    written = {}
    for done, one in enumerate(chosen):
        step("asking the documents", done, len(chosen))
        query = Query(analysis.pairs[one].question)
        written[one] = answerability(*await measure(query, search, encoder))
    return replace(analysis, written=written)


def _chosen(analysis: Analysis) -> Sequence[int]:
    """Typical questions of different answers, a few of each topic."""
    each = max(1, min(_PER_TOPIC, _MOST_ASKED // max(len(analysis.topics), 1)))
    chosen: list[int] = []
    for topic in analysis.topics:
        by_answer: dict[str, int] = {}
        for one in topic.pairs:
            if one not in analysis.kept_back:
                by_answer.setdefault(analysis.pairs[one].answer, one)
        chosen += list(by_answer.values())[:each]
    return chosen
