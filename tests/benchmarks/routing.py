"""How well the router sends questions: ``python -m tests.benchmarks.routing DATA``.

DATA holds ``routing.jsonl`` with ``anthropic-docs`` and ``domain-stackfaq/pairs.jsonl``, and
``routing-hard``. Each is set up in a scratch schema of a fresh embedded database. Run it on
a quiet machine.
"""

import asyncio
import json
import sys
import tempfile
from pathlib import Path

from agent.evaluation.routing_evaluation import evaluate_routing
from agent.evaluation.scratch_library import scratch_library
from agent.learned.registry import Registry
from agent.routing.calibration import calibrate
from agent.tuning.pairs import import_pairs
from agent.tuning.training.training import train
from knowledge.beir import read_corpus
from knowledge.database import open_database
from knowledge.embedding.minilm import MiniLM
from knowledge.retrieval.search import Search


async def _measure(corpus: Path, pairs: Path, questions: Path, home: Path) -> None:
    encoder = MiniLM(home / "encoders")
    async with (
        open_database(None, home) as database,
        scratch_library(read_corpus(corpus), database, encoder) as scratch,
    ):
        await import_pairs(pairs, scratch)
        trained = await train(scratch, encoder)
        await Registry(scratch).promote(trained.version, "a benchmark")
        search = Search(scratch, encoder)
        fitted = await calibrate(scratch, encoder, search)
        report = await evaluate_routing(questions, scratch, encoder, search)
        print(questions, json.dumps(report.as_json()), fitted, sep="\n", flush=True)


async def _main(data: Path, home: Path) -> None:
    hard, pairs = data / "routing-hard", data / "domain-stackfaq" / "pairs.jsonl"
    await _measure(data / "anthropic-docs", pairs, data / "routing.jsonl", home)
    await _measure(hard, hard / "pairs.jsonl", hard / "routing.jsonl", home)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_main(Path(sys.argv[1]), Path(folder)))
