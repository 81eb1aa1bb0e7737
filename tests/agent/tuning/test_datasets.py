"""Who may see a dataset, what leaves it, and that its folds keep alike questions together."""

from pathlib import Path

from agent.tuning.datasets import freeze, load_dataset
from agent.tuning.folds import FOLDS, folds
from agent.tuning.pair_files import Lineage, Pair
from agent.tuning.pairs import import_pairs
from agent.tuning.reviewing import Reviewer, edit, reject
from agent.tuning.status import tuning_status
from knowledge.database import Database
from knowledge.documents import Document
from knowledge.embedding import Encoder
from knowledge.storage.ingest import Draft, ingest
from knowledge.storage.library import Library
from tests.agent.pairs import write_lines
from tests.agent.tuning.curated import LEAVE, PARK, put

OURS = [("Where do we park?", PARK), ("How do I take a day off?", LEAVE)]
BOARD = [("Where does the board meet?", "In Lisbon, on the fourth of May.")]
OTHERS = [("Who pays for the lunch?", "The second channel's budget does.")]


async def test_a_channels_pair_never_reaches_everybodys_dataset(
    database: Database, tmp_path: Path
) -> None:
    ours = await put(database, tmp_path, OURS)
    board = await put(database, tmp_path, BOARD, ("channel:C1",))
    others = await put(database, tmp_path, OTHERS, ("channel:C2",))
    both = await put(database, tmp_path, [("Who has keys?", "Ann.")], ("channel:C1", "channel:C2"))

    async def holds(*audience: str) -> set[int]:
        made = await freeze(database, audience)
        assert made.manifest["audience"] == list(audience)
        return {one.pair_id for one in made.pairs}

    assert await holds("everyone") == {*ours}
    assert await holds("channel:C1") == {*ours, *board, *both}
    assert await holds("channel:C2") == {*ours, *others, *both}
    assert await holds("channel:C1", "channel:C2") == {*ours, *both}
    assert (await freeze(database)).manifest["left_out"] == {"for fewer people": 3}


async def test_a_pair_leaves_with_what_its_document_lost(
    database: Database, encoder: Encoder, tmp_path: Path
) -> None:
    library = Library(database, encoder)

    async def say(text: str, *audience: str) -> None:
        document = Document("board.md", "board.md", "Board", text)
        await ingest([Draft(document, "t", audience, f"{text}{audience}")], library, encoder)

    await say(BOARD[0][1], "everyone")
    (document,) = await library.documents()
    await put(database, tmp_path, OURS)
    question, answer = BOARD[0]
    lineage = {"document_id": document.id, "document_version": 1, "audience": ["everyone"]}
    line = {"question": question, "answer": answer, **lineage}
    await import_pairs(write_lines(tmp_path / "board.jsonl", [line]), database)
    made = await freeze(database)
    assert (len(made.pairs), made.lapsed) == (3, 0)
    assert made.manifest["documents"] == [{"id": document.id, "version": 1}]

    await say(BOARD[0][1], "channel:C1")
    now = await load_dataset(database, made.version)
    assert (len(now.pairs), now.lapsed) == (2, 1)
    assert question not in {one.pair.question for one in now.pairs}
    # Whoever imports it for everyone again gains nothing.
    await import_pairs(write_lines(tmp_path / "board.jsonl", [line]), database)
    assert len((await freeze(database)).pairs) == 2
    (newest, first) = (await tuning_status(database)).datasets
    assert (newest["pairs"], newest["lapsed"]) == (2, 0)
    assert (first["pairs"], first["lapsed"]) == (3, 1)


async def test_what_was_rejected_reworded_or_given_to_fewer_leaves_a_frozen_dataset(
    database: Database, tmp_path: Path
) -> None:
    pairs = [*OURS, *BOARD, *OTHERS]
    park, leave, _, lunch = await put(database, tmp_path, pairs)
    made = await freeze(database)
    await reject(database, [park], Reviewer("ann"))
    await edit(database, leave, Reviewer("ann"), answer="Tell your lead.")
    await put(database, tmp_path, BOARD, ("channel:C1",))
    loaded = await load_dataset(database, made.version)
    assert ([one.pair_id for one in loaded.pairs], loaded.lapsed) == ([lunch], 3)
    assert loaded.manifest == made.manifest
    (status,) = (await tuning_status(database)).datasets
    assert (status["pairs"], status["lapsed"]) == (4, 3)


def test_folds_part_neither_alike_questions_nor_a_documents_single_ones() -> None:
    ours = [Pair(f"How is it done, way {number}?", LEAVE, "leave") for number in range(10)]
    of_document = [
        Pair(f"What is said in line {number}?", f"Line {number}.", "lines", Lineage(7, 1, ("a",)))
        for number in range(10)
    ]
    clusters = [0, 0, *range(2, 20)]
    made = folds([*ours, *of_document], clusters)
    assert {made[number] for number in clusters[:10]} == set(range(FOLDS))
    assert len({made[number] for number in clusters[10:]}) == 1
