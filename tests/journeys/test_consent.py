import asyncio
import json
from pathlib import Path

from agent.feedback.verified import NewAnswer, add
from knowledge.database import Database
from knowledge.embedding.minilm import MiniLM
from tests.journeys.terminal import Terminal


async def test_an_admin_gives_and_takes_back_consent(terminal: Terminal) -> None:
    shown = await terminal.run("consent", "show", "--team", "T0TEAM")
    assert "has not consented: only what admins write" in shown.out
    assert "consented on" in (await terminal.run("consent", "grant", "--team", "T0TEAM")).out
    shown = await terminal.run("consent", "show", "--team", "T0TEAM", "--json")
    assert shown.json["consented"] is True
    other = await terminal.run("consent", "show", "--team", "T0OTHER", "--json")
    assert other.json == {"team": "T0OTHER", "consented": False}
    taken = await terminal.run("consent", "withdraw", "--team", "T0TEAM")
    assert taken.out == "T0TEAM no longer consents; 0 pairs wait for an admin again\n"


async def test_verified_answers_are_exported_for_evaluations(
    terminal: Terminal, database: Database, encoder: MiniLM, tmp_path: Path
) -> None:
    file = tmp_path / "verified.jsonl"
    none = await terminal.run("questions", "export", "--verified", str(file))
    assert "no answer is verified yet" in none.complaint
    question, answer = "有停车位吗？", "有六个。"
    async with database.engine.begin() as connection:
        new = NewAnswer(
            "T0TEAM",
            question,
            answer,
            "U2",
            "Ada",
            by_admin=True,
            quoted=False,
            audience=("everyone",),
        )
        await add(connection, new, encoder, None)
    ran = await terminal.run("questions", "export", "--verified", str(file), "--json")
    assert ran.json == {"cases": 1}
    lines = (await asyncio.to_thread(file.read_text, "utf-8")).splitlines()
    assert [json.loads(one) for one in lines] == [{"question": question, "answer": answer}]
