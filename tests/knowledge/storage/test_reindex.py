import asyncio
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from knowledge.database import Database
from knowledge.documents import Query, Reader
from knowledge.errors import EncoderMismatch
from knowledge.retrieval.search import Search
from knowledge.storage.library import Library
from knowledge.storage.reindex import reindex
from tests.fakes.letters import Letters
from tests.knowledge.asking import add_questions
from tests.knowledge.preparing import prepare

OLD, NEW = Letters("old"), Letters("new")


async def put(library: Library, *sources: str) -> None:
    await library.put([await prepare(OLD, source, f"About {source}") for source in sources])


async def dense_found(database: Database, encoder: Letters) -> set[str]:
    found = await Search(database, encoder).find(Query("about"), Reader(), k=100)
    return {passage.title for passage in found.passages if passage.dense is not None}


async def test_another_encoder_takes_over_and_the_old_one_can_still_read(
    database: Database,
) -> None:
    library = Library(database, OLD)
    await put(library, "a", "b")
    with pytest.raises(EncoderMismatch):
        await dense_found(database, NEW)
    assert (await reindex(database, NEW)).chunks == 2
    assert await dense_found(database, NEW) == {"a", "b"}
    assert await dense_found(database, OLD) == {"a", "b"}
    with pytest.raises(EncoderMismatch, match="encoded with new, not old"):
        await put(library, "c")
    await Library(database, NEW).check_encoder()


async def test_running_it_again_removes_the_old_vectors(database: Database) -> None:
    await put(Library(database, OLD), "a")
    await reindex(database, NEW)
    done = await reindex(database, NEW)
    assert (done.chunks, done.removed) == (0, ("old",))
    assert await dense_found(database, NEW) == {"a"}
    with pytest.raises(EncoderMismatch):
        await dense_found(database, OLD)


async def test_what_is_uploaded_meanwhile_is_reindexed_too(database: Database) -> None:
    library = Library(database, OLD)
    await put(library, "a", "b")
    running = asyncio.Event()
    resume = asyncio.Event()

    class Slow(Letters):
        async def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
            running.set()
            await resume.wait()
            return await Letters.encode(self, texts)

    task = asyncio.create_task(reindex(database, Slow("new")))
    await running.wait()
    await put(library, "a", "c")
    await library.remove(await library.ids("default", ["b"]))
    assert await dense_found(database, OLD) == {"a", "c"}
    resume.set()
    await task
    assert await dense_found(database, NEW) == {"a", "c"}


async def test_a_library_that_was_never_written_to_takes_the_encoder(database: Database) -> None:
    assert (await reindex(database, NEW)).chunks == 0
    await Library(database, NEW).check_encoder()


async def test_the_question_set_is_found_with_the_new_encoder(database: Database) -> None:
    await put(Library(database, OLD), "a", "b")
    await add_questions(database, OLD, {"where is it?": "a"})
    await reindex(database, NEW)
    candidates = await Search(database, NEW).candidates(Query("where is it?"), Reader())
    assert max(one.questions or 0 for one in candidates) == pytest.approx(1, abs=0.01)
    await reindex(database, NEW)  # removes what the old one made
    with pytest.raises(EncoderMismatch):
        await dense_found(database, OLD)
