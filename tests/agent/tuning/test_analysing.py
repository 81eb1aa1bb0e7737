from pathlib import Path

from agent.reading.answerability import THRESHOLD
from agent.tuning.analysing import analyse_stored
from agent.tuning.pairs import import_pairs
from knowledge.database import Database
from knowledge.embedding import Encoder
from tests.agent.pairs import write_lines
from tests.agent.team import team

_ASKED = {
    "How many parking spaces does the office have?": "Six; the front desk books them.",
    "Where does the board meet to decide on the merger?": "In Lisbon.",
    "How do I replace the cells of a humidity logger?": "Both at once, and note the date.",
}


def _seen(_what: str, done: int, total: int) -> None:
    assert 0 <= done <= total


async def test_documents_that_all_may_see_are_asked_whether_they_answer_the_pairs(
    database: Database, encoder: Encoder, tmp_path: Path
) -> None:
    await team(database, encoder)
    records = [{"question": asked, "answer": told} for asked, told in _ASKED.items()]
    await import_pairs(write_lines(tmp_path / "pairs.jsonl", records), database)

    analysis = await analyse_stored(database, encoder, _seen)

    answered = {
        analysis.pairs[one].question: odds >= THRESHOLD for one, odds in analysis.written.items()
    }
    parking, board, logger = _ASKED
    assert answered == {parking: True, board: False, logger: False}
    assert analysis.estimates.head.encoding > 0


async def test_without_documents_none_is_asked(
    database: Database, encoder: Encoder, tmp_path: Path
) -> None:
    file = write_lines(tmp_path / "pairs.jsonl", [{"question": "Why?", "answer": "Because."}])
    await import_pairs(file, database)
    leaked = await analyse_stored(database, encoder, _seen, held_out=["Why?"])
    assert leaked.written == {}
    assert leaked.faults["leak"].count == 1
