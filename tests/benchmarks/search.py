"""How well and how fast search finds: ``python -m tests.benchmarks.search BEIR_FOLDER...``.

Everything is embedded and starts empty. Run it on a quiet machine.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from knowledge.database import open_database
from knowledge.embedding.minilm import MiniLM
from knowledge.evaluation.evaluation import evaluate_retrieval


async def _main(folders: list[Path], home: Path) -> None:
    encoder = MiniLM(home / "encoders")
    async with open_database(None, home) as database:
        for folder in folders:
            report = await evaluate_retrieval(folder, database, encoder)
            values = report.as_json().items()
            shown = (f"{name} {value:.4g}" for name, value in values if value is not None)
            print(f"{folder.name}: {', '.join(shown)}", flush=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_main([Path(argument) for argument in sys.argv[1:]], Path(folder)))
