"""An upload or a worker in a process of its own, warm and waiting for the word, to be killed."""

import asyncio
import sys
from pathlib import Path

from knowledge.database import Database, open_database
from knowledge.embedding.minilm import MiniLM
from knowledge.storage import ingest
from knowledge.storage.library import Library
from knowledge.uploading.queued_upload import Pace
from knowledge.uploading.upload import upload

_PACE = Pace(from_documents=4, batch=2, backlog=8, poll_s=0.02, stall_s=2.0)


async def main(what: str, url: str, home: str, folder: str) -> None:
    """Get ready, say so, wait for a line, and go."""
    ingest._ROUND_CHUNKS = 6  # many transactions, so that many kills hit one
    encoder = MiniLM(Path(home) / "encoders")
    async with open_database(url, Path(home)) as database:
        library = Library(database, encoder)
        await encoder.encode(["warm"])
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.readline)
        if what == "worker":
            await _work(database, library, encoder)
        queue = None
        if what == "queued":
            from bot.jobs.ingest import JobQueue

            queue = JobQueue(database)
        await upload([Path(folder)], library=library, encoder=encoder, queue=queue, pace=_PACE)


async def _work(database: Database, library: Library, encoder: MiniLM) -> None:
    from bot.jobs.ingest import IngestJob
    from bot.worker import run_worker

    await run_worker(database, (), sweep_every_s=0.3, ingest=IngestJob(library, encoder))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
