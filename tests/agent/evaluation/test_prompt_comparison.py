"""Two texts on the same questions, through a real endpoint that obeys one of them."""

import json
from pathlib import Path

import pytest
from openai import AsyncOpenAI

from agent.evaluation.prompt_comparison import Comparison, compare_prompts
from agent.models import ChatModel, Prices
from agent.prompting.prompt_texts import ANSWERING
from agent.prompting.prompts import Prompt
from knowledge.database import Database
from knowledge.embedding.minilm import MiniLM
from knowledge.retrieval.search import Search
from tests.agent.team import deps
from tests.fakes.openai_server import Reply, Request, fake_openai

GOOD, BAD = Prompt(ANSWERING, "1", "Give figures."), Prompt(ANSWERING, "2", "Say nothing much.")
ROOMS = 10


def obedient(request: Request) -> Reply:
    system, user = (message["content"] for message in request["messages"])
    number = user.rsplit("room ", 1)[1].split()[0].strip("?")
    return Reply(f"It has {int(number) * 7} seats [1]." if "figures" in system else "Seats [1].")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rooms = range(1, ROOMS + 1)
    corpus = [
        {"_id": f"r{n}", "title": f"Room {n}", "text": f"The room {n} has {n * 7} seats."}
        for n in rooms
    ]
    queries = [
        {"_id": f"q{n}", "text": f"How many seats are in room {n} ?", "answers": [str(n * 7)]}
        for n in rooms
    ]
    (tmp_path / "corpus.jsonl").write_text("\n".join(map(json.dumps, corpus)))
    (tmp_path / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    (tmp_path / "qrels").mkdir()
    rows = "".join(f"q{n}\tr{n}\t1\n" for n in rooms)
    (tmp_path / "qrels/test.tsv").write_text(f"query-id\tcorpus-id\tscore\n{rows}")
    return tmp_path


async def compared(
    folder: Path, database: Database, encoder: MiniLM, first: Prompt, second: Prompt
) -> tuple[Comparison, list[tuple[int, int | None]]]:
    steps: list[tuple[int, int | None]] = []
    async with (
        fake_openai(obedient) as fake,
        AsyncOpenAI(api_key="k", base_url=fake.url) as client,
    ):
        known = deps(
            Search(database, encoder),
            encoder,
            "knowledge",
            ChatModel(client, "small", Prices(1.0, 10.0)),
        )
        found = await compare_prompts(
            folder,
            database,
            known,
            (first, second),
            asking=lambda done, total: steps.append((done, total)),
        )
    return found, steps


async def test_the_better_text_wins_significantly(
    folder: Path, database: Database, encoder: MiniLM
) -> None:
    found, steps = await compared(folder, database, encoder, BAD, GOOD)
    assert [report.contains_answer for report in found.reports] == [0.0, 1.0]
    difference = found.contains_answer
    assert (difference.wins, difference.losses, difference.value) == (ROOMS, 0, 1.0)
    assert difference.p == pytest.approx(2 / 2**ROOMS)
    assert found.verdict == "answering@1 is better"
    assert found.costs_usd == pytest.approx((ROOMS * 200 / 1e6,) * 2)
    assert steps[-1] == (2 * ROOMS, 2 * ROOMS)
    report = found.as_json()
    assert [one["prompt"] for one in report["prompts"]] == ["answering@2", "answering@1"]
    assert report["difference"]["contains_answer"]["interval"] == [1.0, 1.0]


async def test_no_difference_says_how_large_one_could_have_hidden(
    folder: Path, database: Database, encoder: MiniLM
) -> None:
    found, _ = await compared(folder, database, encoder, GOOD, GOOD)
    assert found.contains_answer.p == 1.0
    assert found.verdict == "no significant difference: one below 28.0% would not be seen"
