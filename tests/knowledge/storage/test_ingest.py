from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import text

from knowledge.database import Database
from knowledge.documents import Document
from knowledge.embedding.minilm import MiniLM
from knowledge.errors import DatabaseError, EncoderError
from knowledge.storage.ingest import Draft, Progress, ingest
from knowledge.storage.library import Library

SECTIONS = "\n\n".join(f"## Section {n}\n\n" + "Some words of it. " * 40 for n in range(5))


def draft(number: int, body: str = SECTIONS) -> Draft:
    source = f"/docs/{number}.md"
    return Draft(Document(source, source, f"Title {number}", body), "default", ("everyone",), "h")


class Failing(MiniLM):
    """The real encoder until it is asked for the second round."""

    calls = 0

    async def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.calls += 1
        if self.calls == 2:
            raise EncoderError("the endpoint did not answer")
        return await super().encode(texts)


@pytest.fixture(autouse=True)
def small_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knowledge.storage.ingest._ROUND_CHUNKS", 10)


async def documents(database: Database) -> int:
    async with database.engine.connect() as connection:
        return int(await connection.scalar(text("SELECT count(*) FROM document")) or 0)


async def test_documents_are_written_in_rounds_and_reported(
    database: Database, encoder: MiniLM
) -> None:
    steps: list[Progress] = []
    drafts = [draft(number) for number in range(5)]
    done = await ingest(drafts, Library(database, encoder), encoder, steps.append)
    assert done.sources == tuple(one.document.source for one in drafts)
    assert (done.chunks, done.failed) == (25, ())
    assert steps == [Progress(2, 10), Progress(4, 20), Progress(5, 25)]
    assert await documents(database) == 5


async def test_each_chunk_has_the_vector_of_its_own_text(
    database: Database, encoder: MiniLM
) -> None:
    body = f"## Leave\n\n{'Twenty days of holiday. ' * 35}\n\n## 部署\n\n{'先检查配置。' * 40}"
    await ingest([draft(1, body)], Library(database, encoder), encoder)
    async with database.engine.connect() as connection:
        rows = await connection.execute(
            text(
                "SELECT c.heading, c.text, e.vector FROM chunk c "
                "JOIN embedding e ON e.chunk_id = c.id ORDER BY c.position"
            )
        )
        english, chinese = rows.all()
    (expected,) = await encoder.encode([f"Title 1 > Leave\n{english.text}"])
    assert english.heading == ["Leave"]
    assert np.dot(english.vector.to_numpy(), expected) > 0.999
    assert chinese.heading == ["部署"]
    assert chinese.vector is None


async def test_nothing_to_store_is_no_error(database: Database, encoder: MiniLM) -> None:
    done = await ingest([], Library(database, encoder), encoder)
    assert (done.sources, done.chunks) == ((), 0)


async def test_what_was_encoded_before_an_encoder_fails_is_kept(
    database: Database, encoder: MiniLM
) -> None:
    failing = Failing(encoder._cache)
    drafts = [draft(number) for number in range(6)]
    with pytest.raises(EncoderError, match="did not answer"):
        await ingest(drafts, Library(database, failing), failing)
    assert await documents(database) == 2


async def test_an_error_while_reading_ahead_is_raised_after_earlier_rounds_are_written(
    database: Database, encoder: MiniLM
) -> None:
    def drafts() -> Iterator[Draft]:
        yield draft(1)
        yield draft(2)
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        await ingest(drafts(), Library(database, encoder), encoder)
    assert await documents(database) == 2


async def test_a_database_that_is_gone_is_not_blamed_on_a_document(
    database: Database, encoder: MiniLM
) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(text("DROP TABLE posting_block"))
    with pytest.raises(DatabaseError, match=r"stopped taking documents: .*posting") as caught:
        await ingest([draft(1)], Library(database, encoder), encoder)
    assert "\n" not in str(caught.value)
