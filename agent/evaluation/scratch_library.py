"""A question set's corpus, ingested as any upload would be, in a schema that goes away again."""

import hashlib
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from knowledge.beir import CorpusEntry
from knowledge.database import Database
from knowledge.documents import EVERYONE, Document
from knowledge.embedding import Encoder
from knowledge.errors import InvalidInput
from knowledge.schemas import scratch_schema
from knowledge.storage.ingest import Draft, Report, ingest, silent
from knowledge.storage.library import Library


@asynccontextmanager
async def scratch_library(
    corpus: Iterable[CorpusEntry],
    database: Database,
    encoder: Encoder,
    progress: Report = silent,
) -> AsyncIterator[Database]:
    """A library of the corpus's entries, each a document whose uri is its id."""
    async with scratch_schema(database) as scratch:
        drafts = (_draft(entry) for entry in corpus)
        library = Library(scratch, encoder)
        done = await ingest(drafts, library, encoder, progress)
        if done.failed:
            first = done.failed[0]
            raise InvalidInput(f"the corpus's {first.uri} cannot be stored: {first.reason}")
        await library.settle()
        yield scratch


def _draft(entry: CorpusEntry) -> Draft:
    digest = hashlib.sha256(f"{entry.title}\0{entry.text}".encode()).hexdigest()
    document = Document(source=entry.id, uri=entry.id, title=entry.title, text=entry.text)
    return Draft(document, "evaluation", (EVERYONE,), digest)
