"""How search grows: ``python -m tests.benchmarks.scale [--keep HOME] SIZES FOLDER...``.

Sizes are chunks, say ``10000,100000``; with ``--keep`` what was loaded stays in that folder, and
the next run only asks.

Chunks are sentences of the folders' real documents (Markdown, text, ``corpus.jsonl``) put together
anew, so that terms are as frequent as people write them. Vectors are synthetic: points near a few
thousand topics in a space of 48 real dimensions, as those of sentences are, turned into 384.
Each size gets a schema of its own and is loaded by `Library.put` (encoding left out). When all
are there they are asked sentences of the folders' documents, by readers who may see all, 10, 1 and
0.1 % of it: a hundred to warm up, two hundred others that are timed, and forty of these again
beside an exact search, which reads everything and must not come between those that are timed.
"""

import argparse
import asyncio
import itertools
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text

from knowledge.beir import read_corpus
from knowledge.chunking import searchable
from knowledge.database import Database, open_database
from knowledge.documents import Chunk, Document, Query, Reader
from knowledge.retrieval.search import Search
from knowledge.schemas import named_schema, scratch_schema
from knowledge.storage.library import Library
from knowledge.storage.prepared import Prepared
from knowledge.tables import metadata

_SHARES = {"100 %": 1, "10 %": 10, "1 %": 100, "0.1 %": 1000}
_BATCH = 1_000
_SENTENCES = 8
_DIMENSION, _REAL_DIMENSIONS, _TOPICS = 384, 48, 4_000
_WARMING, _ASKED, _COMPARED = 100, 200, 40
_RELATIONS = text("""
    SELECT relname, pg_relation_size(oid) / 1e6 FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND pg_relation_size(oid) > 1e6
    ORDER BY 2 DESC
""")


class Synthetic:
    """Stands for an encoder; its vectors are drawn, not computed from the text."""

    name = "synthetic"
    dimension = _DIMENSION

    def __init__(self, draws: int) -> None:
        random = np.random.default_rng(7)
        self._turn = random.normal(size=(_REAL_DIMENSIONS, _DIMENSION)).astype(np.float32)
        self._topics = random.normal(size=(_TOPICS, _REAL_DIMENSIONS)).astype(np.float32)
        self._random = np.random.default_rng(draws)

    def covers(self, text: str) -> bool:
        """Every text."""
        return bool(text)

    async def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One unit vector a text."""
        return self.draw(len(texts))

    def draw(self, count: int) -> NDArray[np.float32]:
        """Unit vectors of shape (count, 384), each near the centre of some topic."""
        near = self._topics[self._random.integers(_TOPICS, size=count)]
        spread = self._random.normal(scale=0.7, size=near.shape).astype(np.float32)
        vectors = (near + spread) @ self._turn
        unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit


@dataclass(frozen=True)
class Asked:
    """A reader's latencies in milliseconds, and the share of the exact first ten found."""

    p50: float
    p95: float
    recall: float
    fewest: int


def sentences(folders: Sequence[Path]) -> list[str]:
    """Of all documents, in order."""
    texts: list[str] = []
    for folder in folders:
        if (folder / "corpus.jsonl").is_file():
            texts += [entry.text for entry in read_corpus(folder)]
        else:
            texts += [path.read_text(errors="ignore") for path in sorted(folder.rglob("*.md"))]
    parts = itertools.chain.from_iterable(one.replace("\n", ". ").split(". ") for one in texts)
    return [part.strip() for part in parts if 30 < len(part.strip()) < 300]


def documents(size: int, pool: Sequence[str], encoder: Synthetic) -> Iterator[list[Prepared]]:
    """Batches of documents of ten chunks each; every tenth is for TEN too, and so on."""
    random = np.random.default_rng(size)
    for start in range(0, size // 10, _BATCH // 10):
        batch = []
        for number in range(start, min(start + _BATCH // 10, size // 10)):
            audience = tuple(f"channel:S{n}" for n in _SHARES.values() if number % n == 0)
            drawn = random.integers(len(pool), size=(10, _SENTENCES))
            chunks = tuple(
                Chunk(place, (), ". ".join(pool[one] for one in row))
                for place, row in enumerate(drawn)
            )
            document = Document(f"d{number}", f"https://x.example/{number}", f"Part {number}", "")
            batch.append(
                Prepared(document, "scale", audience, "", chunks, list(encoder.draw(len(chunks))))
            )
        yield batch


async def load(library: Library, size: int, pool: Sequence[str], encoder: Synthetic) -> None:
    """Put, and say how fast; then settle, which builds the vector index."""
    spent = 0.0
    for batch in documents(size, pool, encoder):
        started = time.perf_counter()
        await library.put(batch)
        spent += time.perf_counter() - started
    started = time.perf_counter()
    await library.settle()
    settled = time.perf_counter() - started
    print(f"{size:,} chunks: {size / spent:,.0f}/s put, settled in {settled:.0f} s", flush=True)


async def ask(database: Database, encoder: Synthetic, share: int, queries: Sequence[str]) -> Asked:
    """Time the searches as a reader would wait for them, then compare with exact ones."""
    reader = Reader((f"channel:S{share}",))
    search = Search(database, encoder)
    exact = Search(database, encoder, exact_up_to=10**9)
    asked = list(zip(queries, encoder.draw(len(queries)), strict=True))
    for query, vector in asked[:_WARMING]:
        await search.find(Query(query), reader, vector=vector)
    latencies, found = [], []
    for query, vector in asked[_WARMING:]:
        started = time.perf_counter()
        passages = (await search.find(Query(query), reader, vector=vector)).passages
        latencies.append(1000 * (time.perf_counter() - started))
        found.append({one.chunk_id for one in passages})
    same = []
    for (query, vector), ids in list(zip(asked[_WARMING:], found, strict=True))[:_COMPARED]:
        right = await exact.find(Query(query), reader, vector=vector)
        exact_ids = {one.chunk_id for one in right.passages}
        same.append(len(ids & exact_ids) / len(exact_ids))
    fewest = min(map(len, found))
    p50, p95 = np.quantile(latencies, (0.5, 0.95))
    return Asked(p50, p95, float(np.mean(same)), fewest)


async def _sizes(database: Database) -> str:
    async with database.engine.connect() as connection:
        rows = await connection.execute(_RELATIONS)
        return ", ".join(f"{name} {size:,.0f} MB" for name, size in rows)


@asynccontextmanager
async def _loaded(
    database: Database, size: int, pool: Sequence[str], *, keep: bool
) -> AsyncIterator[Database]:
    """A schema with so many chunks: as it was kept, or loaded now."""
    encoder = Synthetic(draws=size)
    if not keep:
        async with scratch_schema(database) as scratch:
            await load(Library(scratch, encoder), size, pool, encoder)
            yield scratch
        return
    async with named_schema(database, f"scale_{size}") as kept:
        async with kept.engine.connect() as connection:
            there = await connection.scalar(text("SELECT to_regclass('corpus')"))
        if there is None:
            async with kept.engine.begin() as connection:
                await connection.execute(text(f"CREATE SCHEMA scale_{size}"))
                await connection.run_sync(metadata.create_all)
            await load(Library(kept, encoder), size, pool, encoder)
        yield kept


async def _main(sizes: Sequence[int], folders: Sequence[Path], home: Path, *, keep: bool) -> None:
    pool = sentences(folders)
    example = searchable("Part 1", Chunk(0, (), ". ".join(pool[:_SENTENCES])))
    print(
        f"{len(pool):,} sentences; a chunk is {len(example):,} characters, like this one",
        flush=True,
    )
    random = np.random.default_rng(3)
    queries = [pool[one] for one in random.integers(len(pool), size=_WARMING + _ASKED)]
    before: dict[str, float] = {}
    async with open_database(None, home) as database, AsyncExitStack() as schemas:
        loaded = []
        for size in sizes:
            schema = await schemas.enter_async_context(_loaded(database, size, pool, keep=keep))
            print(f"  {await _sizes(schema)}", flush=True)
            loaded.append((size, schema))
        for size, schema in loaded:
            print(f"{size:,} chunks", flush=True)
            for name, share in _SHARES.items():
                asked = await ask(schema, Synthetic(draws=1), share, queries)
                growth = f", {asked.p95 / before[name]:.2f} times" if name in before else ""
                before[name] = asked.p95
                print(
                    f"  {name:>5} visible: p50 {asked.p50:.1f} ms, p95 {asked.p95:.1f} ms"
                    f"{growth}, recall@10 {asked.recall:.3f}, fewest {asked.fewest}",
                    flush=True,
                )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="How search grows.")
    parser.add_argument("--keep", type=Path, metavar="HOME")
    parser.add_argument("sizes", type=lambda value: [int(one) for one in value.split(",")])
    parser.add_argument("folders", type=Path, nargs="+")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        asyncio.run(
            _main(
                given.sizes,
                given.folders,
                given.keep or Path(temporary),
                keep=given.keep is not None,
            )
        )
