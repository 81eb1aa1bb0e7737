"""How well the router sends questions: ``python -m tests.benchmarks.routing DATA``.

DATA holds ``routing.jsonl`` with ``anthropic-docs`` and ``domain-stackfaq/pairs.jsonl``, and
``routing-hard``. Each is set up in a fresh embedded database. Run it on a quiet machine.
"""

import asyncio
import json
import sys
import tempfile
from pathlib import Path

from agent.evaluation.routing_evaluation import evaluate_routing
from agent.learned.registry import Registry
from agent.routing.calibration import calibrate
from agent.tuning.pairs import import_pairs
from agent.tuning.training.training import train
from knowledge.database import open_database
from knowledge.documents import EVERYONE
from knowledge.embedding.minilm import MiniLM
from knowledge.retrieval.search import Search
from knowledge.sources.corpus import read_corpus
from knowledge.storage.ingest import Draft, ingest
from knowledge.storage.library import Library


async def _measure(documents: Path, pairs: Path, questions: Path, home: Path) -> None:
    encoder = MiniLM(home.parent / "encoders")
    async with open_database(None, home) as database:
        drafts = [Draft(one, "docs", (EVERYONE,), "") for one in read_corpus(documents)]
        await ingest(drafts, Library(database, encoder), encoder)
        await import_pairs(pairs, database)
        trained = await train(database, encoder)
        await Registry(database).promote(trained.version, "a benchmark")
        search = Search(database, encoder)
        fitted = await calibrate(database, encoder, search)
        report = await evaluate_routing(questions, database, encoder, search)
        print(questions, json.dumps(report.as_json()), fitted, flush=True)


async def _main(data: Path, home: Path) -> None:
    easy, hard = data / "anthropic-docs", data / "routing-hard"
    pairs = data / "domain-stackfaq" / "pairs.jsonl"
    await _measure(easy / "corpus.jsonl", pairs, data / "routing.jsonl", home / "easy")
    corpus, pairs = hard / "corpus.jsonl", hard / "pairs.jsonl"
    await _measure(corpus, pairs, hard / "routing.jsonl", home / "hard")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_main(Path(sys.argv[1]), Path(folder)))
