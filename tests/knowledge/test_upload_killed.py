"""An upload that dies at any moment leaves no document in pieces."""

import asyncio
import signal
import sys
from pathlib import Path

from sqlalchemy import text

from knowledge.database import Database
from knowledge.embedding.minilm import MiniLM
from knowledge.library import Library
from knowledge.upload import upload

_CHILD = """
import asyncio, sys
from pathlib import Path
from knowledge import ingest
from knowledge.database import open_database
from knowledge.embedding.minilm import MiniLM
from knowledge.library import Library
from knowledge.upload import upload

async def main(url, home, folder):
    ingest._ROUND_CHUNKS = 6
    encoder = MiniLM(Path(home) / "encoders")
    async with open_database(url, Path(home)) as database:
        await upload(
            [Path(folder)],
            library=Library(database, encoder),
            encoder=encoder,
            progress=lambda progress: print(progress, flush=True),
        )

asyncio.run(main(*sys.argv[1:]))
"""


def write(folder: Path, edition: str) -> None:
    sentences = f"This is the {edition} edition. " * 20
    for number in range(60):
        parts = [f"## Part {part}\n\n{sentences}" for part in range(3)]
        (folder / f"{number:02}.md").write_text("\n\n".join(parts))


async def stored(database: Database) -> dict[str, list[str]]:
    """The chunks' texts in order, by their document's source."""
    query = (
        "SELECT d.source, array_agg(c.text ORDER BY c.position) AS texts FROM document d "
        "JOIN chunk c ON c.document_id = d.id GROUP BY d.source"
    )
    async with database.engine.connect() as connection:
        return {row.source: row.texts for row in await connection.execute(text(query))}


async def test_a_killed_upload_leaves_documents_whole_and_is_completed_by_the_next(
    tmp_path: Path, encoder: MiniLM, database: Database, database_url: str, home: Path
) -> None:
    library = Library(database, encoder)
    folder = tmp_path / "docs"
    folder.mkdir()
    write(folder, "first")
    await upload([folder], library=library, encoder=encoder)
    write(folder, "second")
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _CHILD, database_url, str(home), str(folder)),
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdout is not None
    for _ in range(3):
        assert await child.stdout.readline()
    child.send_signal(signal.SIGKILL)
    assert await child.wait() == -signal.SIGKILL

    before = await stored(database)
    assert len(before) == 60
    renewed = 0
    for texts in before.values():
        assert len(texts) == 3
        assert len({"first" in part for part in texts}) == 1
        renewed += "second" in texts[0]
    assert 0 < renewed < 60
    report = await upload([folder], library=library, encoder=encoder)
    assert (report.updated, report.unchanged) == (60 - renewed, renewed)
    assert all("first" not in "".join(texts) for texts in (await stored(database)).values())
