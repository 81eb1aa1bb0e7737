"""The question set and context lines, written over a real socket by a model of every temper."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from openai import AsyncOpenAI
from sqlalchemy import delete, text

from agent.errors import ModelUnavailable
from agent.generating.context_writing import Situater
from agent.generating.pair_export import export_pairs
from agent.generating.question_generation import Generator
from agent.learned.stale_pairs import resting_on
from agent.models import ChatModel, Prices
from agent.prompting.prompt_texts import CONTEXTS, QUESTIONS
from agent.prompting.prompts import built_in
from agent.tables import pair
from agent.tuning.pair_files import read_pairs
from agent.tuning.pairs import Imported, import_pairs, import_questions
from agent.tuning.review_queue import questions as questions_to_review
from agent.tuning.reviewing import Reviewer, approve
from knowledge.database import Database
from knowledge.documents import EVERYONE, Document, Query, Reader
from knowledge.embedding.minilm import MiniLM
from knowledge.errors import InvalidInput
from knowledge.evaluation.evaluation import evaluate_own
from knowledge.questions.question_set import listed
from knowledge.retrieval.search import Search
from knowledge.storage.ingest import Draft, ingest
from knowledge.storage.library import Library
from tests.agent.pairs import trainable, write_lines
from tests.fakes.openai_server import FakeOpenAI, Refusal, Reply, Request, fake_openai

LEAVE = "Full-time employees get 27 days of annual leave a year. Ask the office to book them."
PARKING = "The office has six parking spaces. Book a space with the front desk."
BOARD = "The board meets in Lisbon on 4 May to decide on the merger."


@asynccontextmanager
async def chat_of(*script: object) -> AsyncIterator[tuple[ChatModel, FakeOpenAI]]:
    async with (
        fake_openai(*script) as fake,  # type: ignore[arg-type]  # replies and functions
        AsyncOpenAI(api_key="k", base_url=fake.url) as client,
    ):
        yield ChatModel(client, "small", Prices(1.0, 10.0)), fake


@pytest.fixture
async def library(database: Database, encoder: MiniLM) -> Library:
    library = Library(database, encoder)
    await put(library, encoder, {"leave": LEAVE, "parking": PARKING})
    await put(library, encoder, {"board": BOARD}, ("channel:CBOARD",))
    return library


async def put(
    library: Library,
    encoder: MiniLM,
    texts: Mapping[str, str],
    audience: tuple[str, ...] = (EVERYONE,),
) -> None:
    drafts = [
        Draft(Document(name, name, name.title(), body), "t", audience, body, once=True)
        for name, body in texts.items()
    ]
    await ingest(drafts, library, encoder)


def replying(**pairs: Sequence[tuple[str, str]]) -> object:
    """Per document, by a word of its passage, what the model writes about it."""

    def reply(request: Request) -> Reply:
        asked = request["messages"][-1]["content"]
        name = next(name for name in pairs if f"{name.title()}\n" in asked)
        rows = [json.dumps({"question": q, "answer": a}) for q, a in pairs[name]]
        return Reply("Here you are:\n```json\n" + "\n".join(rows) + "\n```")

    return reply


MODEL = replying(
    leave=[
        ("How many days of annual leave do full-time employees get?", "27 days"),
        ("How many days of annual leave do full-time employees get", "27 days"),
        ("How many days of leave do contractors get?", "19 days"),
    ],
    parking=[("What does the passage say about parking?", "six parking spaces")],
    board=[("Where does the board meet?", "in Lisbon on 4 May")],
)


async def test_what_passage_and_search_bear_out_is_kept(
    database: Database, library: Library, encoder: MiniLM, tmp_path: Path
) -> None:
    steps: list[tuple[int, int | None]] = []
    async with chat_of(MODEL) as (chat, fake):
        search = Search(database, encoder)
        generator = Generator(database, search, encoder, chat, built_in(QUESTIONS))
        done = await generator.run(advance=lambda now, of: steps.append((now, of)))
        again = await generator.run()
        asked = len(fake.requests)
        assert "never instructions" in fake.prompt(0)
    assert (done.chunks, done.written, done.added) == (3, 5, 2)
    assert done.left_out == {
        "asked already": 1,
        "its answer does not stand in the passage": 1,
        "about the text instead of its subject": 1,
    }
    assert done.examples["asked already"] == [
        "How many days of annual leave do full-time employees get"
    ]
    assert done.cost_usd == pytest.approx(3 * 200 / 1e6)
    assert steps[-1] == (3, 3)
    # A passage whose questions were all left out is not paid for again.
    assert (again.chunks, asked) == (0, 3)
    questions = await listed(database)
    assert [(one.uri, one.origin) for one in questions] == [("leave", "small"), ("board", "small")]
    assert (await evaluate_own(database, encoder)).as_json()["questions"] == 2

    file = tmp_path / "pairs.jsonl"
    assert await export_pairs(file, database) == 2
    first, board = read_pairs(file)
    assert first.answer == "Full-time employees get 27 days of annual leave a year."
    assert first.lineage is not None
    assert board.lineage is not None
    assert board.lineage.audience == ("channel:CBOARD",)
    assert await import_pairs(file, database) == Imported(2, 0, 0)
    assert await import_pairs(file, database) == Imported(0, 0, 2)
    # Nobody but the board may learn of its meeting, whoever imports it for everyone.
    assert [one.pair.topic for one in await trainable(database)] == ["Leave"]
    # Taken directly they wait for a person, and what is known stays as it is.
    assert await import_questions(database, "ann") == Imported(0, 0, 2)
    async with database.engine.begin() as connection:
        await connection.execute(delete(pair))
    assert await import_questions(database, "ann") == Imported(2, 0, 0)
    (leave, of_board) = [one.pairs[0] for one in await questions_to_review(database)]
    assert (leave.state, leave.origin, leave.source) == ("candidate", "questions", "leave")
    assert (leave.answer, of_board.audience) == (first.answer, ("channel:CBOARD",))
    await approve(database, [leave.id, of_board.id], Reviewer("ann"))
    assert [one.pair.topic for one in await trainable(database)] == ["Leave"]
    document = first.lineage.document_id
    assert (await resting_on(database, [document])).topics == ("Leave",)
    await library.remove([document])
    assert await trainable(database) == []
    assert len(await listed(database)) == 1


async def test_a_failing_model_loses_nothing_that_was_stored(
    database: Database, library: Library, encoder: MiniLM
) -> None:
    more = {f"room{n}": f"The room {n} has {n * 7} seats and a screen." for n in range(1, 4)}
    await put(library, encoder, more)
    replies = [Reply("NONE")] * 3 + [Reply('{"question": "?", "answer": 3} {"a": [')]
    async with chat_of(*replies, Refusal(401)) as (chat, _):
        generator = Generator(
            database, Search(database, encoder), encoder, chat, built_in(QUESTIONS)
        )
        with pytest.raises(ModelUnavailable, match="refused the key"):
            await generator.run()
    async with chat_of(Reply("NONE")) as (chat, _):
        generator = Generator(
            database, Search(database, encoder), encoder, chat, built_in(QUESTIONS)
        )
        assert (await generator.run()).chunks == 2
        assert (await generator.run(again=True, limit=1)).chunks == 1


@pytest.mark.parametrize(
    "record",
    [
        {"document_id": 1, "document_version": 1},
        {"document_id": "1", "document_version": 1, "audience": ["everyone"]},
        {"document_id": 1, "document_version": 0, "audience": ["everyone"]},
        {"document_id": 1, "document_version": 1, "audience": []},
    ],
)
def test_a_lineage_is_whole_or_refused(tmp_path: Path, record: dict[str, object]) -> None:
    file = write_lines(tmp_path / "p.jsonl", [{"question": "Q?", "answer": "A", **record}])
    with pytest.raises(InvalidInput, match="line 1: a pair made from a document names"):
        read_pairs(file)


LONG = "\n\n".join(
    f"## Part {n}\n\n" + f"It takes {n} days and more before anything is sent out again. " * 12
    for n in range(1, 4)
)


async def test_context_lines_are_found_by_and_kept_with_their_passage(
    database: Database, library: Library, encoder: MiniLM
) -> None:
    await put(library, encoder, {"manual": LONG})
    search = Search(database, encoder)

    def reply(request: Request) -> Reply:
        asked = request["messages"][-1]["content"].rsplit("›", 1)[-1]
        subject = "zeppelin calibration" if "Part 2" in asked else "other things"
        return Reply(f"About [{subject}](https://evil.example)\nof the <!channel>.")

    before = [one for one in await library.documents() if one.uri == "manual"]
    async with chat_of(reply) as (chat, fake):
        situater = Situater(library, encoder, chat, built_in(CONTEXTS))
        done = await situater.run()
        assert (done.documents, done.chunks) == (1, before[0].chunks)
        assert (await situater.run()).documents == 0
        assert len(fake.requests) == before[0].chunks
    (passage,) = (await search.find(Query("zeppelin calibration"), Reader(), 1)).passages
    assert passage.heading == ("Part 2",)
    assert "zeppelin" not in passage.text
    after = [one for one in await library.documents() if one.uri == "manual"]
    assert (after[0].version, after[0].chunks) == (1, before[0].chunks)
    async with database.engine.connect() as connection:
        query = text("SELECT context FROM chunk WHERE context <> ''")
        contexts = list(await connection.scalars(query))
    assert all("http" not in one and "<!" not in one for one in contexts)

    longer = f"{LONG}\n\n## Part 4\n\n" + "Something new. " * 60
    await put(library, encoder, {"manual": longer})
    (kept,) = (await search.find(Query("zeppelin calibration"), Reader(), 1)).passages
    assert kept.heading == ("Part 2",)
