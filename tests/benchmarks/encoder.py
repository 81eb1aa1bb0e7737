"""How fast MiniLM is here, int8 against fp32: ``python -m tests.benchmarks.encoder [CACHE]``.

Run it on a quiet machine. Passages are 256 tokens long, as many as two seconds take or so; the
query is a short question encoded on its own.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from knowledge.embedding import minilm_model
from knowledge.embedding.minilm import MiniLM

_PASSAGE = " ".join(["passage"] * 254)
_QUERY = "How do I reset the password of my account?"
_PASSAGES = 120
_QUERIES = 300


async def _measure(label: str, encoder: MiniLM) -> None:
    started = time.perf_counter()
    await encoder.encode([_QUERY])
    opened = time.perf_counter() - started

    started = time.perf_counter()
    await encoder.encode([_PASSAGE] * _PASSAGES)
    rate = _PASSAGES / (time.perf_counter() - started)

    latencies = []
    for _ in range(_QUERIES):
        started = time.perf_counter()
        await encoder.encode([_QUERY])
        latencies.append(1000 * (time.perf_counter() - started))
    p50, p95 = np.percentile(latencies, [50, 95])
    print(
        f"{label}: {rate:.1f} passages/s, one query p50 {p50:.2f} ms p95 {p95:.2f} ms,"
        f" first answer after {opened:.2f} s"
    )


async def _main(cache: Path) -> None:
    exact = MiniLM(cache)
    exact._session = minilm_model.session(
        minilm_model.build_graph(minilm_model.model_folder(), int8=False)
    )
    await _measure("fp32", exact)
    await _measure("int8, built", MiniLM(cache))
    await _measure("int8, cached", MiniLM(cache))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        asyncio.run(_main(Path(sys.argv[1])))
    else:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(_main(Path(folder)))
